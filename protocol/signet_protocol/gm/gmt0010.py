"""SM2's message syntax (GM/T 0010-2012, GB/T 35275-2017): SignedData and EnvelopedData.

The structure is that of PKCS #7 1.5 (RFC 2315). In the field it comes in three dialects, which
are all read: GM/T 0010's own names throughout; PKCS #7's names around SM algorithms; and RSA's
plain PKCS #7. The writer takes the dialect it is told. No function here sees a private key:
signatures and opened session keys are handed in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from secrets import token_bytes
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import (
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    AlgorithmIdentifier,
    Attribute,
    ContentInfo,
    EncapsulatedContent,
    IssuerAndSerialNumber,
    SignedData,
    SignerInfo,
)
from signet_protocol.gm.certificates import read_sm2_key
from signet_protocol.gm.errors import GmDecryptionError, GmFormatError
from signet_protocol.gm.gmt0009 import (
    SM4,
    UNREADABLE,
    decode,
    write_signature,
)
from signet_protocol.gm.sm4 import SM4_BYTES, decrypt_sm4_cbc, encrypt_sm4_cbc

SM3 = ObjectIdentifier("1.2.156.10197.1.401")
SM2_SIGNATURE = ObjectIdentifier("1.2.156.10197.1.301.1")
SM2_WITH_SM3 = ObjectIdentifier("1.2.156.10197.1.501")
SM2_ENCRYPTION = ObjectIdentifier("1.2.156.10197.1.301.3")
SM4_CBC = ObjectIdentifier("1.2.156.10197.1.104.2")

_VERSION = 1
"""Of every structure that is written (GM/T 0010); makers of envelopes differ, so it is not read."""


class Dialect(Enum):
    """By whose names the content types are called."""

    GM = "1.2.156.10197.6.1.4.2"
    PKCS7 = "1.2.840.113549.1.7"

    @property
    def data(self) -> ObjectIdentifier:
        """The type of plain content."""
        return ObjectIdentifier(f"{self.value}.1")

    @property
    def signed_data(self) -> ObjectIdentifier:
        """The type of a signed message."""
        return ObjectIdentifier(f"{self.value}.2")

    @property
    def enveloped_data(self) -> ObjectIdentifier:
        """The type of an encrypted message."""
        return ObjectIdentifier(f"{self.value}.3")


@asn1.sequence
class _Holder:
    inner: asn1.TLV


@asn1.sequence
class _Attributes:
    inner: asn1.SetOf[Attribute]


@asn1.sequence
class _CbcAlgorithm:
    algorithm: ObjectIdentifier
    iv: Annotated[bytes, asn1.Size(SM4_BYTES, SM4_BYTES)]


@asn1.sequence
class _RecipientInfo:
    """RFC 2315, 10.2; some makers name the key by its identifier."""

    version: int
    recipient: IssuerAndSerialNumber | Annotated[bytes, asn1.Implicit(0)]
    algorithm: AlgorithmIdentifier
    key: bytes


@asn1.sequence
class _EncryptedContent:
    kind: ObjectIdentifier
    algorithm: _CbcAlgorithm
    content: Annotated[bytes, asn1.Implicit(0)]


@asn1.sequence
class _EnvelopedData:
    """RFC 2315, 10.1."""

    version: int
    recipients: asn1.SetOf[_RecipientInfo]
    content: _EncryptedContent


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A signed message with one signer, read and not verified.

    Attributes:
        dialect: by whose names it is written.
        digest_algorithm: SM3, or one of SHA in RSA's plain dialect.
        signature_algorithm: SM2's, by either of its names, or RSA's.
        content: the document, or ``None`` when it is detached.
        attributes: what the signature covers, a DER SET OF; ``None``: it covers the content.
        signature: as it stands there; SM2's is DER.
        issuer: the issuer's name in the signer's certificate, DER.
        serial: the number of that certificate.
        certificates: all that came along.
    """

    dialect: Dialect
    digest_algorithm: ObjectIdentifier
    signature_algorithm: ObjectIdentifier
    content: bytes | None
    attributes: bytes | None
    signature: bytes
    issuer: bytes
    serial: int
    certificates: tuple[x509.Certificate, ...]

    @property
    def is_sm2(self) -> bool:
        """Whether the algorithms are SM2 with SM3."""
        named = (SM2_SIGNATURE, SM2_WITH_SM3)
        return self.digest_algorithm == SM3 and self.signature_algorithm in named

    @property
    def signer(self) -> x509.Certificate | None:
        """The signer's certificate, if it came along."""
        for certificate in self.certificates:
            named = certificate.issuer.public_bytes() == self.issuer
            if named and certificate.serial_number == self.serial:
                return certificate
        return None


@dataclass(frozen=True, slots=True)
class Recipient:
    """For whom an envelope is: issuer and number of a certificate, or its key's identifier."""

    issuer: bytes
    serial: int
    key_identifier: bytes
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """An encrypted message, read and not opened."""

    dialect: Dialect
    recipients: tuple[Recipient, ...]
    iv: bytes
    ciphertext: bytes

    def open(self, recipient: Recipient, decrypt: Callable[[bytes], bytes]) -> bytes:
        """Return the content; ``decrypt`` opens a ciphertext with the recipient's key.

        Raises:
            GmDecryptionError: it does not open.
        """
        session_key = decrypt(recipient.wrapped_key)
        if len(session_key) != SM4_BYTES:
            message = "the envelope does not open"
            raise GmDecryptionError(message)
        return decrypt_sm4_cbc(session_key, self.iv, self.ciphertext)


def write_attributes(digest: bytes, signed_at: datetime, dialect: Dialect) -> bytes:
    """Return the signed attributes for a document's SM3, a DER SET OF: what is to be signed."""
    values = (
        (CONTENT_TYPE, asn1.encode_der(dialect.data)),
        (MESSAGE_DIGEST, asn1.encode_der(digest)),
        (SIGNING_TIME, asn1.encode_der(asn1.UTCTime(signed_at))),
    )
    attributes = [
        Attribute(kind=kind, values=asn1.SetOf([asn1.decode_der(asn1.TLV, value)]))
        for kind, value in values
    ]
    return asn1.encode_der(asn1.SetOf(attributes))


def write_signed_message(
    certificate: x509.Certificate,
    signature: bytes,
    *,
    content: bytes | None,
    attributes: bytes | None,
    dialect: Dialect = Dialect.GM,
) -> bytes:
    """Return a signed message of SM2 with SM3, DER.

    Args:
        certificate: the signer's.
        signature: r || s, as a token gives it.
        content: the document to embed, or ``None`` for a detached signature.
        attributes: what was signed, as ``write_attributes`` gave it; ``None``: the content was.
        dialect: by whose names the types are called.

    Raises:
        GmFormatError: signature or attributes are not in form.
    """
    signer = SignerInfo(
        version=_VERSION,
        identifier=_name(certificate),
        digest_algorithm=_name_algorithm(SM3),
        signed_attributes=None if attributes is None else _read_attributes(attributes),
        signature_algorithm=_name_algorithm(SM2_SIGNATURE),
        signature=write_signature(signature),
        unsigned_attributes=None,
    )
    signed_data = SignedData(
        version=_VERSION,
        digest_algorithms=asn1.SetOf([_name_algorithm(SM3)]),
        encapsulated=EncapsulatedContent(kind=dialect.data, content=content),
        certificates=asn1.SetOf([certificate]),
        revocation=None,
        signers=asn1.SetOf([signer]),
    )
    return _wrap(dialect.signed_data, asn1.encode_der(signed_data))


def read_signed_message(der: bytes) -> SignedMessage:
    """Read a signed message of any of the three dialects.

    Raises:
        GmFormatError: not strict DER, not a signed message, or not exactly one signer.
    """
    dialect, octets = _unwrap(der, "signed_data")
    form = decode(SignedData, octets)
    signers = form.signers.as_list()
    if len(signers) != 1 or form.version != _VERSION or signers[0].version != _VERSION:
        message = "not one signer, or another version"
        raise GmFormatError(message)
    (signer,) = signers
    who, signed = signer.identifier, signer.signed_attributes
    if isinstance(who, bytes):
        message = "the signer is not named by issuer and number"
        raise GmFormatError(message)
    return SignedMessage(
        dialect=dialect,
        digest_algorithm=_read_algorithm(signer.digest_algorithm),
        signature_algorithm=_read_algorithm(signer.signature_algorithm),
        content=form.encapsulated.content,
        attributes=None if signed is None else asn1.encode_der(signed),
        signature=signer.signature,
        issuer=asn1.encode_der(who.issuer),
        serial=who.serial_number,
        certificates=tuple(form.certificates.as_list()) if form.certificates else (),
    )


def read_message_digest(attributes: bytes, dialect: Dialect) -> bytes:
    """Return the content's hash from signed attributes.

    Raises:
        GmFormatError: the attributes lack it or the content's type, or one stands twice.
    """
    listed = _read_attributes(attributes).as_list()
    values = {attribute.kind: attribute.values.as_list() for attribute in listed}
    try:
        (kind,), (digest,) = values[CONTENT_TYPE], values[MESSAGE_DIGEST]
        if len(values) == len(listed) and kind.parse(ObjectIdentifier) == dialect.data:
            octets: bytes = digest.parse(bytes)
            return octets
    except UNREADABLE:
        pass
    message = "the attributes do not name the content's type and hash, once each"
    raise GmFormatError(message)


def seal(
    content: bytes, recipients: Iterable[x509.Certificate], dialect: Dialect = Dialect.GM
) -> bytes:
    """Encrypt to the SM2 keys of certificates, with a fresh key of SM4.

    Raises:
        Sm2KeyError: a certificate's key is not of SM2.
        ValueError: there is no recipient.
        Sm2UnavailableError: there is no SM2 here.
    """
    session_key, iv = token_bytes(SM4_BYTES), token_bytes(SM4_BYTES)
    infos = [
        _RecipientInfo(
            version=_VERSION,
            recipient=_name(certificate),
            algorithm=_algorithm(SM2_ENCRYPTION),
            key=read_sm2_key(certificate).encrypt(session_key),
        )
        for certificate in recipients
    ]
    if not infos:
        message = "an envelope needs somebody who can open it"
        raise ValueError(message)
    encrypted = _EncryptedContent(
        kind=dialect.data,
        algorithm=_CbcAlgorithm(algorithm=SM4_CBC, iv=iv),
        content=encrypt_sm4_cbc(session_key, iv, content),
    )
    enveloped = _EnvelopedData(version=_VERSION, recipients=asn1.SetOf(infos), content=encrypted)
    return _wrap(dialect.enveloped_data, asn1.encode_der(enveloped))


def read_envelope(der: bytes) -> Envelope:
    """Read an encrypted message of SM2 and SM4-CBC.

    Raises:
        GmFormatError: not strict DER, not an encrypted message, or of other algorithms.
    """
    dialect, octets = _unwrap(der, "enveloped_data")
    form = decode(_EnvelopedData, octets)
    infos = form.recipients.as_list()
    named = {info.algorithm.algorithm for info in infos}
    if named != {SM2_ENCRYPTION} or form.content.algorithm.algorithm not in (SM4_CBC, SM4):
        message = "not encrypted with SM2 and SM4-CBC"
        raise GmFormatError(message)
    recipients = tuple(_read_recipient(info) for info in infos)
    return Envelope(dialect, recipients, form.content.algorithm.iv, form.content.content)


def _read_recipient(info: _RecipientInfo) -> Recipient:
    who = info.recipient
    if isinstance(who, bytes):
        return Recipient(b"", 0, who, info.key)
    return Recipient(asn1.encode_der(who.issuer), who.serial_number, b"", info.key)


def _wrap(kind: ObjectIdentifier, content: bytes) -> bytes:
    return asn1.encode_der(ContentInfo(kind=kind, content=asn1.decode_der(asn1.TLV, content)))


def _unwrap(der: bytes, kind: str) -> tuple[Dialect, bytes]:
    """Return the dialect and the inner structure of a message that has to be of a kind."""
    info = decode(ContentInfo, der)
    for dialect in Dialect:
        if info.kind == getattr(dialect, kind):
            return dialect, asn1.encode_der(info.content)
    message = "the message is of another kind"
    raise GmFormatError(message)


def _name(certificate: x509.Certificate) -> IssuerAndSerialNumber:
    issuer = asn1.decode_der(asn1.TLV, certificate.issuer.public_bytes())
    return IssuerAndSerialNumber(issuer=issuer, serial_number=certificate.serial_number)


def _algorithm(name: ObjectIdentifier) -> AlgorithmIdentifier:
    return AlgorithmIdentifier(algorithm=name, parameters=None)


def _name_algorithm(name: ObjectIdentifier) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, asn1.encode_der(_algorithm(name)))


def _read_algorithm(field: asn1.TLV) -> ObjectIdentifier:
    return decode(AlgorithmIdentifier, asn1.encode_der(field)).algorithm


def _read_attributes(der: bytes) -> "asn1.SetOf[Attribute]":
    """Return the members of a SET OF, which the decoder reads only inside a structure."""
    holder = asn1.encode_der(_Holder(inner=decode(asn1.TLV, der)))
    return decode(_Attributes, holder).inner
