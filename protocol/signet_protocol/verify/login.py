"""A login token: of the Web eID form, version 1 (Web eID system architecture), or of SM2's own.

A Web eID signature is over H(origin) || H(nonce), hashed once more by the algorithm itself; SM2's
is over a prefix and the same two hashes. The origin keeps a token of one site from another, the
nonce keeps an old token from being shown again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, SM3

from signet_protocol.messages import SM2_LOGIN_FORM, SM2_LOGIN_PREFIX, decode_base64, is_nonce
from signet_protocol.verify.algorithms import (
    SignatureAlgorithm,
    compute_digest,
    require_algorithm,
)
from signet_protocol.verify.certificates import load_certificate
from signet_protocol.verify.findings import FindingList, Part
from signet_protocol.verify.keys import EcdsaKey, PublicKey, Sm2Key, read_key
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_MEMBER_CHARS = 24 * 1024
"""The largest certificate in base64, with room; every other member is shorter."""

_WEB_EID = re.compile(r"web-eid:1\.[0-9]{1,3}")
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?")
"""An origin as browsers write it (RFC 6454, 6.2): lower case, no path, not even a slash."""


@dataclass(frozen=True, slots=True)
class _WebAlgorithm:
    """A JSON Web Algorithm (RFC 7518, 3.1) and, for ECDSA, the one curve that it names."""

    algorithm: SignatureAlgorithm
    curve: str = ""


_WEB_EID_ALGORITHMS = {
    "RS256": _WebAlgorithm(SignatureAlgorithm("RSA", SHA256())),
    "RS384": _WebAlgorithm(SignatureAlgorithm("RSA", SHA384())),
    "RS512": _WebAlgorithm(SignatureAlgorithm("RSA", SHA512())),
    "ES256": _WebAlgorithm(SignatureAlgorithm("ECDSA", SHA256()), "P-256"),
    "ES384": _WebAlgorithm(SignatureAlgorithm("ECDSA", SHA384()), "P-384"),
    "ES512": _WebAlgorithm(SignatureAlgorithm("ECDSA", SHA512()), "P-521"),
}

_SM2_ALGORITHMS = {"SM2": _WebAlgorithm(SignatureAlgorithm("SM2", SM3()))}
"""Web eID has no name for SM2, so neither form has an algorithm of the other."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a token has to be made for.

    Attributes:
        origin: the department's own.
        nonce: of this login.
    """

    origin: str
    nonce: str

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(self.origin):
            raise ValueError(
                "origin must be written as a browser does: https://name or https://name:port"
            )


@dataclass(frozen=True, slots=True)
class JudgedLogin:
    """What could be read of a token.

    Attributes:
        certificate: the holder's, where it is one.
        algorithm: its name, where it is known.
    """

    certificate: x509.Certificate | None
    algorithm: str


def judge_login(
    token: Mapping[str, object],
    challenge: Challenge,
    accepted: AlgorithmPolicy,
    findings: FindingList,
) -> JudgedLogin:
    """Judge everything in a token but its certificate."""
    named = certificate = signature = None
    algorithms: Mapping[str, _WebAlgorithm] = _WEB_EID_ALGORITHMS
    with findings.catch(Part.TOKEN):
        if not is_nonce(challenge.nonce):
            raise VerificationError(Reason.NONCE_WEAK, "no ledger issues a nonce of this form")
    with findings.catch(Part.TOKEN):
        algorithms = _read_form(token)
    with findings.catch(Part.TOKEN):
        named = algorithms.get(_read_text(token, "algorithm"))
        if named is None:
            raise VerificationError(Reason.ALGORITHM_UNSUPPORTED)
    with findings.catch(Part.CERTIFICATE):
        certificate = load_certificate(_read_octets(token, "unverifiedCertificate"))
    with findings.catch(Part.TOKEN):
        signature = _read_octets(token, "signature")
    if certificate is not None and named is not None and signature is not None:
        with findings.catch(Part.TOKEN):
            key = read_key(certificate, accepted)
            require_algorithm(named.algorithm, key, accepted)
            _require_signed(key, named, signature, challenge)
    return JudgedLogin(certificate, "" if named is None else named.algorithm.name)


def _read_form(token: Mapping[str, object]) -> Mapping[str, _WebAlgorithm]:
    """Return the algorithms of a token's form."""
    form = _read_text(token, "format")
    if form == SM2_LOGIN_FORM:
        return _SM2_ALGORITHMS
    if _WEB_EID.fullmatch(form):
        return _WEB_EID_ALGORITHMS
    raise VerificationError(Reason.LOGIN_FORMAT_UNSUPPORTED)


def _require_signed(
    key: PublicKey, named: _WebAlgorithm, signature: bytes, challenge: Challenge
) -> None:
    """Check the signature over the hashes of origin and nonce."""
    der: bytes | None = signature
    if isinstance(key, EcdsaKey | Sm2Key):
        if named.curve not in ("", key.name):
            raise VerificationError(Reason.ALGORITHM_UNSUITABLE)
        der = key.join(signature)
    if der is None:
        raise VerificationError(Reason.LOGIN_MALFORMED, "signature has the wrong length")
    digest = named.algorithm.digest
    texts = (challenge.origin, challenge.nonce)
    hashes = b"".join(compute_digest(digest, text.encode("utf-8")) for text in texts)
    prefix = SM2_LOGIN_PREFIX if isinstance(key, Sm2Key) else b""
    if not key.verifies(digest, der, prefix + hashes):
        raise VerificationError(Reason.LOGIN_SIGNATURE_WRONG)


def _read_text(token: Mapping[str, object], member: str) -> str:
    value = token.get(member)
    if not isinstance(value, str) or len(value) > MAX_MEMBER_CHARS:
        raise VerificationError(Reason.LOGIN_MALFORMED, f"{member} is missing or too long")
    return value


def _read_octets(token: Mapping[str, object], member: str) -> bytes:
    try:
        return decode_base64(_read_text(token, member))
    except ValueError:
        raise VerificationError(Reason.LOGIN_MALFORMED, f"{member} is not base64") from None
