"""SM2 in certificates (GM/T 0015-2012, GB/T 20518-2018): keys, and who issued what.

``cryptography`` reads such a certificate but knows neither its key nor its signature. Both are
taken from the octets that were signed. The identity in a certificate's signature is always the
default one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import AlgorithmIdentifier
from signet_protocol.gm.errors import GmFormatError
from signet_protocol.gm.gmt0009 import decode
from signet_protocol.gm.sm2 import DEFAULT_ID, Sm2PublicKey, is_sm2_spki

SM2_WITH_SM3 = ObjectIdentifier("1.2.156.10197.1.501")

MAX_AUTHORITIES = 4
"""Authorities between a person and a root; the national hierarchy has two."""

_UNDERSTOOD = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)
"""Critical extensions that a chain is held to; any other critical one breaks it."""


@asn1.sequence
class _Body:
    """TBSCertificate (RFC 5280, 4.1); unread members stay as they are."""

    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    signature: AlgorithmIdentifier
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    issuer_id: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    subject_id: Annotated[asn1.BitString | None, asn1.Implicit(2)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


def has_sm2_key(certificate: x509.Certificate) -> bool:
    """Whether a certificate's key is of SM2; the point is not looked at."""
    try:
        return is_sm2_spki(read_spki(certificate))
    except GmFormatError:
        return False


def read_sm2_key(certificate: x509.Certificate) -> Sm2PublicKey:
    """Return a certificate's SM2 key.

    Raises:
        Sm2KeyError: the key is of another kind, or not on the curve.
        GmFormatError: the certificate cannot be read.
        Sm2UnavailableError: there is no SM2 here.
    """
    return Sm2PublicKey.from_spki(read_spki(certificate))


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether one certificate is named and signed by the key of another, of SM2 or not.

    Raises:
        Sm2UnavailableError: the signature is SM2's, and there is no SM2 here.
    """
    if certificate.issuer != issuer.subject:
        return False
    if certificate.signature_algorithm_oid == SM2_WITH_SM3:
        return has_sm2_key(issuer) and _is_signed_with_sm2(certificate, issuer)
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def find_chain(
    certificate: x509.Certificate,
    others: Iterable[x509.Certificate],
    roots: Iterable[x509.Certificate],
    at: datetime,
) -> tuple[x509.Certificate, ...] | None:
    """Return a valid chain from a certificate to a root, or ``None`` (RFC 5280, section 6).

    Held to are signatures, validity, basicConstraints with its path length and keyUsage of every
    authority. A critical extension beyond these, name constraints among them, breaks a chain.

    Args:
        certificate: where the chain begins.
        others: certificates that may help to build it, never end it.
        roots: the trusted ends.
        at: the time, with a time zone.

    Raises:
        Sm2UnavailableError: a signature is SM2's, and there is no SM2 here.
    """
    return _extend((certificate,), list(others), list(roots), at)


def _extend(
    chain: tuple[x509.Certificate, ...],
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> tuple[x509.Certificate, ...] | None:
    last = chain[-1]
    if not _is_valid(last, at):
        return None
    for root in roots:
        if _may_issue(root, len(chain) - 1, at) and is_issued_by(last, root):
            return (*chain, root)
    if len(chain) > MAX_AUTHORITIES:
        return None
    for other in others:
        fits = other not in chain and _may_issue(other, len(chain) - 1, at)
        if fits and is_issued_by(last, other):
            found = _extend((*chain, other), others, roots, at)
            if found:
                return found
    return None


def _may_issue(authority: x509.Certificate, below: int, at: datetime) -> bool:
    """Whether an authority may stand above a certificate with so many authorities below it."""
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    long_enough = constraints.path_length is None or constraints.path_length >= below
    return constraints.ca and usage.key_cert_sign and long_enough and _is_valid(authority, at)


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    """Whether a certificate is of this time and asks for nothing that is not understood."""
    try:
        understood = all(
            isinstance(extension.value, _UNDERSTOOD)
            for extension in certificate.extensions
            if extension.critical
        )
    except ValueError:
        return False
    return understood and certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _is_signed_with_sm2(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        body = decode(_Body, certificate.tbs_certificate_bytes)
        key = read_sm2_key(issuer)
    except ValueError:
        return False
    # The algorithm stands inside the signed octets and outside; only the inside is signed.
    return body.signature.algorithm == SM2_WITH_SM3 and key.verify(
        certificate.signature, certificate.tbs_certificate_bytes, identity=DEFAULT_ID
    )


def read_spki(certificate: x509.Certificate) -> bytes:
    """Return a certificate's SubjectPublicKeyInfo, DER, whatever kind of key it holds.

    Raises:
        GmFormatError: the certificate cannot be read.
    """
    return asn1.encode_der(decode(_Body, certificate.tbs_certificate_bytes).key)
