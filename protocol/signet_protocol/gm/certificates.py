"""SM2 in certificates (GM/T 0015-2012, GB/T 20518-2017): the key in one.

``cryptography`` reads such a certificate but does not know its key, which is therefore taken from
the octets that were signed.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from signet_protocol.gm.errors import GmFormatError
from signet_protocol.gm.gmt0009 import decode
from signet_protocol.gm.sm2 import Sm2PublicKey, is_sm2_spki


@asn1.sequence
class _Body:
    """TBSCertificate (RFC 5280, 4.1); unread members stay as they are."""

    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    signature: asn1.TLV
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


def read_spki(certificate: x509.Certificate) -> bytes:
    """Return a certificate's SubjectPublicKeyInfo, DER, whatever kind of key it holds.

    Raises:
        GmFormatError: the certificate cannot be read.
    """
    return asn1.encode_der(decode(_Body, certificate.tbs_certificate_bytes).key)
