"""Who a certificate speaks for: the few members that a department puts on its page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import NameOID, ObjectIdentifier

from signet_protocol.verify.reasons import Reason, VerificationError

_IDENTITY = "1.2.156.10260.4.1"
"""The arc of identity extensions in Chinese certificates; each value is a UTF8String."""

CID = ObjectIdentifier(f"{_IDENTITY}.1")
REGISTRATION_NUMBER = ObjectIdentifier(f"{_IDENTITY}.3")
USCC = ObjectIdentifier(f"{_IDENTITY}.4")
TAX_NUMBER = ObjectIdentifier(f"{_IDENTITY}.5")


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
    registration_number: str
    uscc: str
    tax_number: str

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Self:
        """Read the holder from a certificate that was verified before.

        Raises:
            VerificationError: a member stands twice or cannot be read, or the name is missing.
        """
        name = _read_name(certificate.subject, NameOID.COMMON_NAME)
        if not name:
            raise VerificationError(Reason.CERTIFICATE_MALFORMED, "the subject has no common name")
        unit = _read_name(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
        octets = (certificate.serial_number.bit_length() + 7) // 8
        return cls(
            name=name,
            organisation=_read_name(certificate.subject, NameOID.ORGANIZATION_NAME),
            kind=_KINDS.get(unit, HolderKind.OTHER),
            serial_number=certificate.serial_number.to_bytes(octets, "big").hex().upper(),
            issuer=_read_name(certificate.issuer, NameOID.COMMON_NAME),
            fingerprint=certificate.fingerprint(SHA256()).hex(),
            cid=_read_identity(certificate, CID),
            registration_number=_read_identity(certificate, REGISTRATION_NUMBER),
            uscc=_read_identity(certificate, USCC),
            tax_number=_read_identity(certificate, TAX_NUMBER),
        )


def _read_name(name: x509.Name, oid: ObjectIdentifier) -> str:
    """Return the one value of a name's attribute; of two, nobody could say which is meant."""
    values = name.get_attributes_for_oid(oid)
    if not values:
        return ""
    value = values[0].value
    if len(values) > 1 or not isinstance(value, str):
        raise VerificationError(Reason.CERTIFICATE_MALFORMED, "a name stands twice or is no text")
    return value


def _read_identity(certificate: x509.Certificate, oid: ObjectIdentifier) -> str:
    """Return the text of an identity extension."""
    try:
        extension = certificate.extensions.get_extension_for_oid(oid)
        return asn1.decode_der(str, extension.value.public_bytes())
    except x509.ExtensionNotFound:
        return ""
    except ValueError:
        raise VerificationError(
            Reason.CERTIFICATE_MALFORMED, "an identity extension is no UTF8String"
        ) from None
