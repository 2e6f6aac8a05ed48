"""The four signed attributes that make a signature CAdES-B (ETSI EN 319 122-1, section 6.3).

content-type, message-digest and signing-time are RFC 5652's (section 11), signing-certificate-v2
is RFC 5035's. Other signed attributes are let through unread: they cannot change these four.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import (
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    AlgorithmIdentifier,
    SignerInfo,
)
from signet_protocol.verify.algorithms import SHA256_OID, read_digest
from signet_protocol.verify.reasons import Reason, VerificationError

SIGNING_CERTIFICATE_V2 = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")

_UTC_TIME_TAG = b"\x17"
"""RFC 5652, 11.3: UTCTime to 2049, GeneralizedTime from 2050."""

_DIRECTORY_NAME_TAG = b"\xa4"
"""RFC 5280, 4.2.1.6: the general name that is a distinguished name."""


@asn1.sequence
class _IssuerSerial:
    """RFC 5035, section 5; the issuer is a sequence of general names."""

    issuer: list[asn1.TLV]
    serial_number: int


@asn1.sequence
class _EssCertIdV2:
    """RFC 5035, section 4; some writers spell the default algorithm out, so it is optional."""

    hash_algorithm: AlgorithmIdentifier | None
    certificate_hash: bytes
    issuer_serial: _IssuerSerial | None


@asn1.sequence
class _SigningCertificateV2:
    """RFC 5035, section 3: the first of the certificates is the signer's."""

    certificates: Annotated[list[_EssCertIdV2], asn1.Size(1, None)]
    policies: list[asn1.TLV] | None


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """What the signer signed.

    Attributes:
        der: the attributes as the signature covers them, a DER SET OF (RFC 5652, 5.4).
        message_digest: the content's digest.
        signing_time: what the signer's clock showed; a claim. Time stamps and GM/T 0010 need none.
        signing_certificate: digest of, and perhaps issuer and number of, the certificate; GM/T
            0010 needs none.
    """

    der: bytes
    message_digest: bytes
    signing_time: datetime | None
    signing_certificate: _EssCertIdV2 | None

    def refers_to(self, certificate: x509.Certificate) -> bool:
        """Whether the signature was made for this certificate, not another of the same key.

        A signature that refers to none was made for the certificate that its signer names.
        """
        reference = self.signing_certificate
        if reference is None:
            return True
        named = reference.hash_algorithm
        digest = read_digest(named.algorithm if named else SHA256_OID)
        if certificate.fingerprint(digest) != reference.certificate_hash:
            return False
        serial = reference.issuer_serial
        return serial is None or _is_of(serial, certificate)


def read_attributes(
    signer: SignerInfo,
    content_kind: ObjectIdentifier | None,
    optional: AbstractSet[ObjectIdentifier] = frozenset(),
) -> SignedAttributes:
    """Return the signed attributes of a signer.

    Args:
        signer: whose attributes.
        content_kind: what content-type has to name.
        optional: signing-time or signing-certificate-v2, where it need not be there.

    Raises:
        VerificationError: there are none, one is missing or stands twice, or one is not in form.
    """
    if signer.signed_attributes is None:
        raise VerificationError(Reason.ATTRIBUTES_MISSING)
    attributes = signer.signed_attributes.as_list()
    values = {attribute.kind: attribute.values.as_list() for attribute in attributes}
    if len(values) != len(attributes):
        raise VerificationError(Reason.ATTRIBUTES_WRONG, "an attribute stands twice")
    try:
        if _only(values, CONTENT_TYPE).parse(ObjectIdentifier) != content_kind:
            raise VerificationError(Reason.ATTRIBUTES_WRONG, "content-type is another")
        absent = optional - values.keys()
        reference: _EssCertIdV2 | None = None
        if SIGNING_CERTIFICATE_V2 not in absent:
            listed = _only(values, SIGNING_CERTIFICATE_V2).parse(_SigningCertificateV2)
            reference = listed.certificates[0]
        return SignedAttributes(
            der=asn1.encode_der(signer.signed_attributes),
            message_digest=_only(values, MESSAGE_DIGEST).parse(bytes),
            signing_time=None
            if SIGNING_TIME in absent
            else _read_time(_only(values, SIGNING_TIME)),
            signing_certificate=reference,
        )
    except ValueError:
        raise VerificationError(Reason.ATTRIBUTES_WRONG, "an attribute is not in form") from None


def _only(values: dict[ObjectIdentifier, list[asn1.TLV]], kind: ObjectIdentifier) -> asn1.TLV:
    """Return an attribute's only value."""
    found = values.get(kind, [])
    if len(found) != 1:
        raise VerificationError(Reason.ATTRIBUTES_WRONG, "an attribute does not have one value")
    return found[0]


def _read_time(value: asn1.TLV) -> datetime:
    form = asn1.UTCTime if value.tag_bytes == _UTC_TIME_TAG else asn1.GeneralizedTime
    time: asn1.UTCTime | asn1.GeneralizedTime = value.parse(form)
    return time.as_datetime()


def _is_of(reference: _IssuerSerial, certificate: x509.Certificate) -> bool:
    """Whether issuer and number of a reference are the certificate's (RFC 5035, section 5)."""
    names = [(name.tag_bytes, bytes(name.data)) for name in reference.issuer]
    issuer = [(_DIRECTORY_NAME_TAG, certificate.issuer.public_bytes())]
    return reference.serial_number == certificate.serial_number and names == issuer
