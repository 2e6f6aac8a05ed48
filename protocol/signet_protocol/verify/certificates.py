"""One certificate, read to its last member, and whether it may be used for a purpose.

A certificate may be well formed on the outside and broken in an extension nobody asked for yet;
reading everything here means that no later line can meet the breakage.
"""

from datetime import datetime
from enum import Enum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

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

_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning, RFC 9336."""


class Purpose(Enum):
    """What a certificate is to be used for."""

    LOGIN = "login"
    DOCUMENT = "document"


_EXTENDED_USAGES = {
    Purpose.LOGIN: frozenset(
        {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    ),
    Purpose.DOCUMENT: frozenset(
        {
            _DOCUMENT_SIGNING,
            ExtendedKeyUsageOID.EMAIL_PROTECTION,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        }
    ),
}
"""The extension is optional; where it stands it is exhaustive (RFC 5280, 4.2.1.12)."""


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


def require_fit(certificate: x509.Certificate, purpose: Purpose, at: datetime) -> None:
    """Refuse a certificate outside its validity or its usage (RFC 5280, 4.2.1.3 and 4.2.1.12).

    Raises:
        VerificationError: expired, not yet valid, an authority's, or meant for other things.
    """
    if at < certificate.not_valid_before_utc:
        raise VerificationError(Reason.CERTIFICATE_NOT_YET_VALID)
    if at > certificate.not_valid_after_utc:
        raise VerificationError(Reason.CERTIFICATE_EXPIRED)
    if is_authority(certificate):
        raise VerificationError(Reason.CERTIFICATE_OF_AUTHORITY)
    if not (_has_usage(certificate, purpose) and _has_extended_usage(certificate, purpose)):
        raise VerificationError(Reason.CERTIFICATE_USAGE_UNSUITABLE)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate says that its key may issue others (RFC 5280, 4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _has_usage(certificate: x509.Certificate, purpose: Purpose) -> bool:
    """Whether keyUsage is there and names the purpose; without it anything would be allowed."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature if purpose is Purpose.LOGIN else usage.content_commitment


def _has_extended_usage(certificate: x509.Certificate, purpose: Purpose) -> bool:
    """Whether extendedKeyUsage is absent or names the purpose."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return not _EXTENDED_USAGES[purpose].isdisjoint(usages)


def require_aware(at: datetime) -> None:
    """Refuse a time without a zone: eight hours decide whether a certificate is valid.

    Raises:
        ValueError: the caller's fault.
    """
    if at.tzinfo is None:
        message = "the time needs a time zone"
        raise ValueError(message)
