"""Verify a login token of the Web eID form, version 1 (Web eID system architecture).

The token's signature is over H(origin) || H(nonce), hashed once more by the algorithm itself. The
origin keeps a token of one site from another, the nonce keeps an old token from being shown again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from signet_protocol.messages import decode_base64, is_nonce
from signet_protocol.verify.algorithms import compute_digest
from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.certificates import (
    Purpose,
    load_certificate,
    require_aware,
    require_fit,
)
from signet_protocol.verify.holder import Holder
from signet_protocol.verify.keys import Digest, PublicKey, is_signed, join_ecdsa, read_key
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_MEMBER_CHARS = 24 * 1024
"""The largest certificate in base64, with room; every other member is shorter."""

_FORMAT = re.compile(r"web-eid:1\.[0-9]{1,3}")
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?")
"""An origin as browsers write it (RFC 6454, 6.2): lower case, no path, not even a slash."""


@dataclass(frozen=True, slots=True)
class _Algorithm:
    """A JSON Web Algorithm (RFC 7518, 3.1): its digest and, for ECDSA, the one curve."""

    digest: Digest
    curve: str | None


_ALGORITHMS = {
    "RS256": _Algorithm(SHA256(), None),
    "RS384": _Algorithm(SHA384(), None),
    "RS512": _Algorithm(SHA512(), None),
    "ES256": _Algorithm(SHA256(), "secp256r1"),
    "ES384": _Algorithm(SHA384(), "secp384r1"),
    "ES512": _Algorithm(SHA512(), "secp521r1"),
}


def verify_login(
    token: Mapping[str, object], *, origin: str, nonce: str, anchors: TrustAnchors, at: datetime
) -> Holder:
    """Verify a login token; return who logged in.

    Args:
        token: the token as the page sent it, parsed from JSON. Members it does not know are
            ignored, so that the form may grow.
        origin: the department's own origin, from its configuration, never from the request.
        nonce: the nonce of this login, redeemed from a ledger before.
        anchors: the authorities the department trusts.
        at: the server's time, with a time zone.

    Raises:
        VerificationError: the login is not accepted.
        ValueError: ``origin`` is no https origin or ``at`` has no time zone; the caller's fault.
    """
    require_aware(at)
    if not _ORIGIN.fullmatch(origin):
        message = "origin must be written as a browser does: https://name or https://name:port"
        raise ValueError(message)
    if not is_nonce(nonce):
        raise VerificationError(Reason.NONCE_UNKNOWN, "no ledger issues a nonce of this form")
    if not _FORMAT.fullmatch(_read_text(token, "format")):
        raise VerificationError(Reason.LOGIN_FORMAT_UNSUPPORTED)
    algorithm = _ALGORITHMS.get(_read_text(token, "algorithm"))
    if algorithm is None:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED)
    certificate = load_certificate(_read_octets(token, "unverifiedCertificate"))
    signature = _read_octets(token, "signature")
    _require_signed(read_key(certificate), algorithm, signature, origin, nonce)
    require_fit(certificate, Purpose.LOGIN, at)
    anchors.require_chain(certificate, at)
    return Holder.of(certificate)


def _require_signed(
    key: PublicKey, algorithm: _Algorithm, signature: bytes, origin: str, nonce: str
) -> None:
    """Check the signature over H(origin) || H(nonce)."""
    der: bytes | None = signature
    if isinstance(key, rsa.RSAPublicKey):
        fits = algorithm.curve is None
    else:
        fits = algorithm.curve == key.curve.name
        der = join_ecdsa(key, signature)
    if not fits:
        raise VerificationError(Reason.ALGORITHM_UNSUITABLE)
    if der is None:
        raise VerificationError(Reason.LOGIN_MALFORMED, "signature has the wrong length")
    hashes = (compute_digest(algorithm.digest, text.encode("utf-8")) for text in (origin, nonce))
    if not is_signed(key, algorithm.digest, der, b"".join(hashes)):
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
