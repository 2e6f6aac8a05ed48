"""Who a certificate speaks for: the few members that a department puts on its page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import NameOID, ObjectIdentifier

from signet_protocol.verify.policy import IdentityOids
from signet_protocol.verify.reasons import Reason, VerificationError

_TEXT_ENCODINGS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x80: "utf-8", 0x81: "utf-8"}
"""UTF8String, PrintableString, IA5String, and the two tags that authorities write in their place
for the identity code, which is a CHOICE in GM/T 0015."""

_EXPLICIT_TAGS = (0xA0, 0xA1)
"""The same two tags around a string that keeps its own."""


class HolderKind(StrEnum):
    """Whose certificate it is, as its organisational unit says."""

    ENTERPRISE = "enterprise"
    CITIZEN = "citizen"
    OTHER = "other"


_KINDS = {"企业证书": HolderKind.ENTERPRISE, "市民证书": HolderKind.CITIZEN}


@dataclass(frozen=True, slots=True)
class Holder:
    """The person, and the organisation, that a verified certificate names.

    Members that the certificate does not have are empty.

    Attributes:
        name: the common name.
        organisation: the organisation's name.
        kind: enterprise or citizen.
        serial_number: the certificate's, upper-case hexadecimal, whole octets.
        issuer: the common name of the authority.
        fingerprint: SHA-256 of the certificate's DER, lower-case hexadecimal.
        cid: the identity number of the citizen or of the enterprise's agent.
        social_insurance_number: the number in the social insurance.
        registration_number: the business registration number.
        uscc: the unified social credit code.
        tax_number: the tax registration number.
    """

    name: str
    organisation: str
    kind: HolderKind
    serial_number: str
    issuer: str
    fingerprint: str
    cid: str
    social_insurance_number: str
    registration_number: str
    uscc: str
    tax_number: str

    @classmethod
    def of(cls, certificate: x509.Certificate, identity: IdentityOids | None = None) -> Self:
        """Read the holder from a certificate; what it says counts only where that is accepted.

        Args:
            certificate: read through before.
            identity: in which extensions the numbers stand, where not in those of GM/T 0015.

        Raises:
            VerificationError: a member stands twice or cannot be read, or the name is missing.
        """
        name = _read_name(certificate.subject, NameOID.COMMON_NAME)
        if not name:
            raise VerificationError(Reason.CERTIFICATE_MALFORMED, "the subject has no common name")
        unit = _read_name(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
        oids = identity or IdentityOids()
        return cls(
            name=name,
            organisation=_read_name(certificate.subject, NameOID.ORGANIZATION_NAME),
            kind=_KINDS.get(unit, HolderKind.OTHER),
            serial_number=format_serial(certificate.serial_number),
            issuer=_read_name(certificate.issuer, NameOID.COMMON_NAME),
            fingerprint=certificate.fingerprint(SHA256()).hex(),
            cid=_read_identity(certificate, oids.cid),
            social_insurance_number=_read_identity(certificate, oids.social_insurance_number),
            registration_number=_read_identity(certificate, oids.registration_number),
            uscc=_read_identity(certificate, oids.uscc),
            tax_number=_read_identity(certificate, oids.tax_number),
        )


def format_serial(number: int) -> str:
    """Return a serial number in upper-case hexadecimal, whole octets."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big", signed=number < 0).hex().upper()


def _read_name(name: x509.Name, oid: ObjectIdentifier) -> str:
    """Return the one value of a name's attribute; of two, nobody could say which is meant."""
    values = name.get_attributes_for_oid(oid)
    if not values:
        return ""
    value = values[0].value
    if len(values) > 1 or not isinstance(value, str):
        raise VerificationError(Reason.CERTIFICATE_MALFORMED, "a name stands twice or is no text")
    return value


def _read_identity(certificate: x509.Certificate, oids: tuple[str, ...]) -> str:
    """Return the text of the first of these extensions that a certificate has."""
    for oid in oids:
        try:
            extension = certificate.extensions.get_extension_for_oid(ObjectIdentifier(oid))
        except x509.ExtensionNotFound:
            continue
        return _read_text(extension.value.public_bytes())
    return ""


def _read_text(der: bytes) -> str:
    try:
        element = asn1.decode_der(asn1.TLV, der)
        if element.tag_bytes[0] in _EXPLICIT_TAGS:
            element = asn1.decode_der(asn1.TLV, bytes(element.data))
        return bytes(element.data).decode(_TEXT_ENCODINGS[element.tag_bytes[0]])
    except (ValueError, LookupError):
        raise VerificationError(
            Reason.CERTIFICATE_MALFORMED, "an identity extension is no text"
        ) from None
