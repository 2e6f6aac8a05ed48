"""CAdES-B signatures (ETSI EN 319 122-1) over CMS (RFC 5652), in the grammar of the verifier."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import (
    CONTENT_TYPE,
    ID_DATA,
    ID_SIGNED_DATA,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    AlgorithmIdentifier,
    Attribute,
    EncapsulatedContent,
    IssuerAndSerialNumber,
    SignedData,
    SignerInfo,
)
from signet_protocol.verify.algorithms import SHA256_OID
from signet_protocol.verify.attributes import SIGNING_CERTIFICATE_V2
from signet_simulator.keys import ClassicKey, Holding, sign

_RSA_ENCRYPTION = ObjectIdentifier("1.2.840.113549.1.1.1")
_ECDSA_WITH_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")


@asn1.sequence
class _ContentInfo:
    """RFC 5652, section 3."""

    kind: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class _GeneralNames:
    """RFC 5280, 4.2.1.6: one name, the directoryName [4]."""

    directory_name: Annotated[asn1.TLV, asn1.Explicit(4)]


@asn1.sequence
class _IssuerSerial:
    """RFC 5035, section 5."""

    issuer: _GeneralNames
    serial_number: int


@asn1.sequence
class _EssCertIdV2:
    """RFC 5035, section 4; SHA-256 is the default and left out."""

    certificate_hash: bytes
    issuer_serial: _IssuerSerial


@asn1.sequence
class _SigningCertificateV2:
    """RFC 5035, section 3."""

    certificates: list[_EssCertIdV2]


def write_cades(
    holding: Holding,
    key: ClassicKey,
    digest: bytes,
    signed_at: datetime,
    content: bytes | None,
) -> bytes:
    """Return SignedData, DER.

    Args:
        holding: the signer's certificate.
        key: the signer's key.
        digest: SHA-256 of the document.
        signed_at: the signing time, UTC.
        content: the document where it is embedded; ``None`` for a detached signature.
    """
    attributes = asn1.SetOf(_attributes(holding, digest, signed_at))
    signer = SignerInfo(
        version=1,
        identifier=IssuerAndSerialNumber(
            issuer=_raw(holding.certificate.issuer.public_bytes()),
            serial_number=holding.certificate.serial_number,
        ),
        digest_algorithm=_algorithm(SHA256_OID),
        signed_attributes=attributes,
        signature_algorithm=_signature_algorithm(key),
        signature=sign(key, asn1.encode_der(attributes)),
        unsigned_attributes=None,
    )
    signed_data = SignedData(
        version=1,
        digest_algorithms=asn1.SetOf([_algorithm(SHA256_OID)]),
        encapsulated=EncapsulatedContent(kind=ID_DATA, content=content),
        certificates=asn1.SetOf([holding.certificate]),
        revocation=None,
        signers=asn1.SetOf([signer]),
    )
    return asn1.encode_der(_ContentInfo(kind=ID_SIGNED_DATA, content=signed_data))


def _attributes(holding: Holding, digest: bytes, signed_at: datetime) -> list[Attribute]:
    """Return the four attributes that make the level B."""
    certificate = holding.certificate
    issuer = _GeneralNames(directory_name=_raw(certificate.issuer.public_bytes()))
    reference = _EssCertIdV2(
        certificate_hash=sha256(holding.der).digest(),
        issuer_serial=_IssuerSerial(issuer=issuer, serial_number=certificate.serial_number),
    )
    values = (
        (CONTENT_TYPE, asn1.encode_der(ID_DATA)),
        (SIGNING_TIME, asn1.encode_der(asn1.UTCTime(signed_at.replace(microsecond=0)))),
        (MESSAGE_DIGEST, asn1.encode_der(digest)),
        (
            SIGNING_CERTIFICATE_V2,
            asn1.encode_der(_SigningCertificateV2(certificates=[reference])),
        ),
    )
    return [Attribute(kind=kind, values=asn1.SetOf([_raw(value)])) for kind, value in values]


def _signature_algorithm(key: ClassicKey) -> asn1.TLV:
    """RSA is named rsaEncryption with NULL (RFC 3370, 3.2), ECDSA without (RFC 5754, 3.3)."""
    if isinstance(key, rsa.RSAPrivateKey):
        return _algorithm(_RSA_ENCRYPTION, asn1.Null())
    return _algorithm(_ECDSA_WITH_SHA256)


def _algorithm(name: ObjectIdentifier, parameters: asn1.Null | None = None) -> asn1.TLV:
    return _raw(asn1.encode_der(AlgorithmIdentifier(algorithm=name, parameters=parameters)))


def _raw(der: bytes) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, der)
