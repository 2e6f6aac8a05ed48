"""One certificate, read to its last member, and whether it may be used for a purpose.

A certificate may be well formed on the outside and broken in an extension nobody asked for yet;
reading everything here means that no later line can meet the breakage.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtensionOID

from signet_protocol.verify.policy import CertificateUse
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_CERTIFICATE_BYTES = 16 * 1024
"""Certificates of persons have one to three kilobytes, even with pictures of a seal under ten."""

UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    Warning,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""All that the library may raise over a certificate it cannot read.

It promises no closed list (a bit string in a name is a TypeError), so whole families stand here.
Of some faults it only warns; where a server turns warnings into errors, they are refused too.
"""

_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
"""Extensions that are judged, so they may be critical (RFC 5280, 4.2)."""

ExtensionType = TypeVar("ExtensionType", bound=x509.ExtensionType)


def load_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate that octets hold.

    Raises:
        VerificationError: the octets are too many, or not one readable certificate.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise VerificationError(Reason.CERTIFICATE_MALFORMED, "the certificate is too large")
    try:
        certificate = x509.load_der_x509_certificate(der)
    except UNREADABLE:
        raise VerificationError(Reason.CERTIFICATE_MALFORMED) from None
    read_through(certificate)
    return certificate


def read_through(certificate: x509.Certificate) -> None:
    """Read every member once, so that nothing can turn out unreadable later.

    Raises:
        VerificationError: a member cannot be read, or it is no certificate of version 3.
    """
    try:
        version = certificate.version
        _ = (certificate.subject, certificate.issuer, certificate.extensions)
    except UNREADABLE:
        raise VerificationError(Reason.CERTIFICATE_MALFORMED) from None
    if version is not x509.Version.v3:
        raise VerificationError(Reason.CERTIFICATE_MALFORMED, "not of version 3")


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 of the DER, lower-case hexadecimal."""
    return certificate.fingerprint(SHA256()).hex()


def find_extension(
    certificate: x509.Certificate, kind: type[ExtensionType]
) -> ExtensionType | None:
    """Return an extension's value, or ``None`` where the certificate does not have it."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate says that its key may issue others (RFC 5280, 4.2.1.9)."""
    constraints = find_extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def has_unknown_critical(certificate: x509.Certificate) -> bool:
    """Whether an extension that has to be understood is not (RFC 5280, 4.2)."""
    return any(one.critical and one.oid not in _UNDERSTOOD for one in certificate.extensions)


def validity_fault(certificate: x509.Certificate, at: datetime, skew: timedelta) -> Reason | None:
    """Return why a certificate is not valid at a time; its begin may lie ahead by the skew."""
    if at + skew < certificate.not_valid_before_utc:
        return Reason.CERTIFICATE_NOT_YET_VALID
    if at > certificate.not_valid_after_utc:
        return Reason.CERTIFICATE_EXPIRED
    return None


def find_misuse(certificate: x509.Certificate, use: CertificateUse) -> Iterator[Reason]:
    """Yield why a holder's certificate is not meant for a use."""
    if has_unknown_critical(certificate):
        yield Reason.CERTIFICATE_EXTENSION_UNKNOWN
    if is_authority(certificate):
        yield Reason.CERTIFICATE_OF_AUTHORITY
    if not (_has_usage(certificate, use) and _has_extended_usage(certificate, use)):
        yield Reason.CERTIFICATE_USAGE_UNSUITABLE


def _has_usage(certificate: x509.Certificate, use: CertificateUse) -> bool:
    """Whether keyUsage is there and names the use; without it anything would be allowed."""
    usage = find_extension(certificate, x509.KeyUsage)
    return usage is not None and all(getattr(usage, name) for name in use.key_usage)


def _has_extended_usage(certificate: x509.Certificate, use: CertificateUse) -> bool:
    """Whether extendedKeyUsage names the use, or is absent and may be."""
    usages = find_extension(certificate, x509.ExtendedKeyUsage)
    if usages is None:
        return not use.extended_key_usage_required
    named = {oid.dotted_string for oid in usages}
    return not named.isdisjoint(use.extended_key_usage)


def require_aware(at: datetime) -> None:
    """Refuse a time without a zone: eight hours decide whether a certificate is valid.

    Raises:
        ValueError: the caller's fault.
    """
    if at.tzinfo is None:
        raise ValueError("the time needs a time zone")
