"""Judging an OCSP response (RFC 6960) and asking for one.

A response is believed when the certificate's own authority signed it, or a responder to which that
authority itself gave a certificate for id-kp-OCSPSigning (4.2.2.2). The responder's own
revocation is not asked for: such certificates live for weeks, and asking would lead in a circle.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.gm.certificates import read_spki
from signet_protocol.verify.algorithms import require_signed
from signet_protocol.verify.certificates import (
    UNREADABLE,
    find_extension,
    read_through,
    validity_fault,
)
from signet_protocol.verify.chains import require_issued
from signet_protocol.verify.keys import read_key
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.reports import RevocationFacts, RevocationSourceKind, RevocationState
from signet_protocol.verify.revocation.base import Evidence, Method
from signet_protocol.verify.revocation.evidence import Circumstances

MAX_OCSP_BYTES = 64 * 1024
"""One answer and a responder's certificates; usually two kilobytes."""

MAX_RESPONDER_CERTIFICATES = 4
"""A responder sends its own certificate, and perhaps the chain above it."""

MAX_ANSWERS = 32
"""Answers in one response; a responder may answer for more than it was asked."""

_STATES: Final = {
    ocsp.OCSPCertStatus.GOOD: RevocationState.GOOD,
    ocsp.OCSPCertStatus.REVOKED: RevocationState.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: RevocationState.UNKNOWN,
}

_NAMING_HASHES: Final = {
    hash_type.name: hash_type
    for hash_type in (hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512())  # noqa: S303 -- names an authority whose key is known; nothing is signed with it
}


def judge_ocsp(evidence: Evidence, asked: Circumstances) -> RevocationFacts:
    """Return what a response says of a certificate.

    Raises:
        VerificationError: it cannot be read or believed, or tells nothing of this certificate.
    """
    if len(evidence.der) > MAX_OCSP_BYTES:
        raise VerificationError(Reason.REVOCATION_MALFORMED, "the response is too large")
    try:
        response = ocsp.load_der_ocsp_response(evidence.der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise VerificationError(Reason.REVOCATION_UNAVAILABLE, "the responder has no answer")
        _require_responder(response, asked)
        _require_nonce(response, evidence, asked)
        return _read_answer(response, evidence.source, asked)
    except UNREADABLE:
        raise VerificationError(Reason.REVOCATION_MALFORMED) from None


def _read_answer(
    response: ocsp.OCSPResponse, source: RevocationSourceKind, asked: Circumstances
) -> RevocationFacts:
    answer = _find_answer(response, asked)
    facts = RevocationFacts(
        state=_STATES[answer.certificate_status],
        method=Method.OCSP,
        source=source,
        this_update=answer.this_update_utc,
        next_update=answer.next_update_utc,
        age_seconds=asked.age_seconds(answer.this_update_utc),
        revoked_at=answer.revocation_time_utc,
        why=answer.revocation_reason.value if answer.revocation_reason else "",
    )
    at = asked.valid_at if source is RevocationSourceKind.EMBEDDED else asked.now
    asked.require_fresh(facts, at, asked.policy.max_ocsp_age_seconds)
    if facts.state is RevocationState.UNKNOWN:
        raise VerificationError(
            Reason.REVOCATION_ELSEWHERE, "the responder does not know the certificate"
        )
    return facts


def _find_answer(response: ocsp.OCSPResponse, asked: Circumstances) -> ocsp.OCSPSingleResponse:
    for number, answer in enumerate(response.responses):
        if number == MAX_ANSWERS:
            break
        if _is_about(answer, asked):
            return answer
    raise VerificationError(
        Reason.REVOCATION_ELSEWHERE, "the response has no answer for this certificate"
    )


def _is_about(answer: ocsp.OCSPSingleResponse, asked: Circumstances) -> bool:
    """Whether an answer names this serial number of this authority (RFC 6960, 4.1.1)."""
    hashed = _NAMING_HASHES.get(answer.hash_algorithm.name)
    return (
        hashed is not None
        and answer.serial_number == asked.certificate.serial_number
        and answer.issuer_name_hash == _hash(hashed, asked.issuer.subject.public_bytes())
        and answer.issuer_key_hash == _hash(hashed, _key_octets(asked.issuer))
    )


def _require_responder(response: ocsp.OCSPResponse, asked: Circumstances) -> None:
    """Refuse a response that nobody signed who may answer for the authority."""
    signed = (response.signature, response.tbs_response_bytes)
    for responder in _responders(response, asked):
        with suppress(VerificationError):
            key = read_key(responder, asked.algorithms)
            require_signed(key, response.signature_algorithm_oid, signed, asked.algorithms)
            return
    raise VerificationError(
        Reason.REVOCATION_UNTRUSTED, "neither the authority nor a responder of its own signed it"
    )


def _responders(response: ocsp.OCSPResponse, asked: Circumstances) -> Iterator[x509.Certificate]:
    """Yield who may have signed: the authority, and responders that it certified."""
    if _is_named(asked.issuer, response):
        yield asked.issuer
    at = response.produced_at_utc
    for certificate in response.certificates[:MAX_RESPONDER_CERTIFICATES]:
        with suppress(VerificationError):
            read_through(certificate)
            if _is_named(certificate, response) and _is_delegated(certificate, at, asked):
                yield certificate


def _is_named(certificate: x509.Certificate, response: ocsp.OCSPResponse) -> bool:
    """Whether a response's responder identifier is this certificate's."""
    if response.responder_name is not None:
        return certificate.subject == response.responder_name
    # RFC 6960, 4.2.1: a key is named by SHA-1 of its octets; nothing is signed with it.
    return response.responder_key_hash == _hash(hashes.SHA1(), _key_octets(certificate))  # noqa: S303 -- see above


def _is_delegated(certificate: x509.Certificate, at: datetime, asked: Circumstances) -> bool:
    usages = find_extension(certificate, x509.ExtendedKeyUsage)
    if usages is None or ExtendedKeyUsageOID.OCSP_SIGNING not in usages:
        return False
    if certificate.issuer != asked.issuer.subject or validity_fault(certificate, at, asked.skew):
        return False
    require_issued(asked.issuer, certificate, asked.algorithms)
    return True


def _require_nonce(response: ocsp.OCSPResponse, evidence: Evidence, asked: Circumstances) -> None:
    """Refuse a response that was made for another question (RFC 9654)."""
    if not evidence.nonce:
        return
    try:
        found = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        if asked.policy.ocsp_nonce_required:
            raise VerificationError(Reason.REVOCATION_REPLAYED, "it has no nonce") from None
        return
    if found != evidence.nonce:
        raise VerificationError(Reason.REVOCATION_REPLAYED)


def write_request(certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """Return a request about one certificate, in DER."""
    # SHA-1 names the authority, as every responder expects (RFC 5019, 2.1.1).
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303 -- see above
    request = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    return request.public_bytes(Encoding.DER)


@asn1.sequence
class _SubjectPublicKeyInfo:
    """RFC 5280, 4.1."""

    algorithm: asn1.TLV
    key: asn1.BitString


def _key_octets(certificate: x509.Certificate) -> bytes:
    """Return a key as its BIT STRING holds it, which is what responders hash (RFC 6960, 4.1.1)."""
    return asn1.decode_der(_SubjectPublicKeyInfo, read_spki(certificate)).key.as_bytes()


def _hash(algorithm: hashes.HashAlgorithm, octets: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(octets)
    return digest.finalize()
