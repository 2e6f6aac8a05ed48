"""Opening CMS EnvelopedData (RFC 5652, section 6; GM/T 0010, section 9) for a demonstration key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509 import ObjectIdentifier

from signet_protocol.gm import GmDecryptionError, GmFormatError, Sm2PrivateKey
from signet_protocol.gm.gmt0010 import Envelope, read_envelope
from signet_simulator.keys import Holding

_ENVELOPED_DATA = ObjectIdentifier("1.2.840.113549.1.7.3")
_RSA_PKCS1 = ObjectIdentifier("1.2.840.113549.1.1.1")
_RSA_OAEP = ObjectIdentifier("1.2.840.113549.1.1.7")

_AES_CBC = {
    ObjectIdentifier("2.16.840.1.101.3.4.1.2"): 16,
    ObjectIdentifier("2.16.840.1.101.3.4.1.22"): 24,
    ObjectIdentifier("2.16.840.1.101.3.4.1.42"): 32,
}
"""Octets of the key (RFC 3565, section 2.1)."""

_AES_BLOCK_BITS = 128

_OAEP_HASHES: dict[ObjectIdentifier, HashAlgorithm] = {
    ObjectIdentifier("1.3.14.3.2.26"): SHA1(),  # noqa: S303 -- OAEP's default (RFC 4055, 4.1)
    ObjectIdentifier("2.16.840.1.101.3.4.2.1"): SHA256(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): SHA384(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): SHA512(),
}
_SHA1 = ObjectIdentifier("1.3.14.3.2.26")


class EnvelopeError(ValueError):
    """The envelope is damaged, or of a form that is not opened; nobody is told which."""


@asn1.sequence
class _ContentInfo:
    kind: ObjectIdentifier
    content: Annotated[asn1.TLV, asn1.Explicit(0)]


@asn1.sequence
class _Hash:
    """A hash's AlgorithmIdentifier; some writers give NULL (RFC 4055, 2.1)."""

    name: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Mask:
    """The mask generation function, MGF1, with its hash (RFC 4055, 2.2)."""

    name: ObjectIdentifier
    digest: _Hash


@asn1.sequence
class _OaepParameters:
    """RFC 4055, 4.1, without a label; both members have SHA-1 for their default."""

    digest: Annotated[_Hash | None, asn1.Explicit(0)]
    mask: Annotated[_Mask | None, asn1.Explicit(1)]


@asn1.sequence
class _Wrapping:
    """How a session key is wrapped: PKCS #1 with NULL, or OAEP (RFC 3370, 4.2.1; RFC 3560)."""

    name: ObjectIdentifier
    parameters: asn1.Null | _OaepParameters


@asn1.sequence
class _CbcAlgorithm:
    """RFC 3565, 4.1: the parameter is the initialisation vector."""

    name: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _KeyTransRecipient:
    """RFC 5652, 6.2.1."""

    version: int
    recipient: _IssuerAndSerial | Annotated[bytes, asn1.Implicit(0)]
    wrapping: _Wrapping
    key: bytes


@asn1.sequence
class _EncryptedContent:
    """RFC 5652, 6.1."""

    kind: ObjectIdentifier
    algorithm: _CbcAlgorithm
    content: Annotated[bytes, asn1.Implicit(0)]


@asn1.sequence
class _EnvelopedData:
    """RFC 5652, 6.1, without originatorInfo, which key transport does not need."""

    version: int
    recipients: asn1.SetOf[_KeyTransRecipient]
    content: _EncryptedContent
    unprotected: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]


@dataclass(frozen=True)
class Sealed:
    """An envelope that was read: who may open it, and how."""

    is_for: Callable[[Holding], bool]
    open: Callable[[Holding], bytes]


def read_sealed(der: bytes) -> Sealed:
    """Read an envelope of RSA and AES-CBC, or of SM2 and SM4.

    Raises:
        EnvelopeError: it is of no such form.
    """
    try:
        envelope = read_envelope(der)
    except GmFormatError:
        return _read_classic(der)
    return Sealed(
        lambda holding: _find_sm2(envelope, holding) is not None,
        lambda holding: _open_sm2(envelope, holding),
    )


def _read_classic(der: bytes) -> Sealed:
    try:
        info = asn1.decode_der(_ContentInfo, der)
        if info.kind != _ENVELOPED_DATA:
            raise EnvelopeError("no EnvelopedData")
        enveloped: _EnvelopedData = info.content.parse(_EnvelopedData)
    except (ValueError, TypeError) as error:
        raise EnvelopeError("no EnvelopedData") from error
    recipients = enveloped.recipients.as_list()

    def find(holding: Holding) -> _KeyTransRecipient | None:
        return next((each for each in recipients if _names(each, holding.certificate)), None)

    def open_with(holding: Holding) -> bytes:
        recipient = find(holding)
        if recipient is None or not isinstance(holding.key, rsa.RSAPrivateKey):
            raise EnvelopeError("for somebody else")
        try:
            key = holding.key.decrypt(recipient.key, _padding(recipient.wrapping))
            return _decrypt_aes(enveloped.content, key)
        except (ValueError, TypeError) as error:
            raise EnvelopeError("it does not open") from error

    return Sealed(lambda holding: find(holding) is not None, open_with)


def _names(recipient: _KeyTransRecipient, certificate: x509.Certificate) -> bool:
    who = recipient.recipient
    if isinstance(who, bytes):
        try:
            identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except x509.ExtensionNotFound:
            return False
        return who == identifier.value.digest
    issuer = asn1.encode_der(who.issuer)
    return issuer == certificate.issuer.public_bytes() and who.serial == certificate.serial_number


def _padding(wrapping: _Wrapping) -> padding.AsymmetricPadding:
    """Return the padding of a wrapped session key."""
    chosen = wrapping.parameters
    if wrapping.name == _RSA_PKCS1 and isinstance(chosen, asn1.Null):
        return padding.PKCS1v15()
    if wrapping.name != _RSA_OAEP or isinstance(chosen, asn1.Null):
        raise EnvelopeError("not wrapped with RSA")
    digest = _oaep_hash(chosen.digest.name if chosen.digest else _SHA1)
    mask = _oaep_hash(chosen.mask.digest.name if chosen.mask else _SHA1)
    return padding.OAEP(padding.MGF1(mask), digest, None)


def _oaep_hash(name: ObjectIdentifier) -> HashAlgorithm:
    if name not in _OAEP_HASHES:
        raise EnvelopeError("a hash that OAEP is not used with")
    return _OAEP_HASHES[name]


def _decrypt_aes(content: _EncryptedContent, key: bytes) -> bytes:
    algorithm = content.algorithm
    if _AES_CBC.get(algorithm.name) != len(key):
        raise EnvelopeError("not encrypted with AES-CBC")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(algorithm.iv)).decryptor()
    padded = decryptor.update(content.content) + decryptor.finalize()
    unpadder = block_padding.PKCS7(_AES_BLOCK_BITS).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _find_sm2(envelope: Envelope, holding: Holding) -> int | None:
    issuer, serial = holding.certificate.issuer.public_bytes(), holding.certificate.serial_number
    for number, recipient in enumerate(envelope.recipients):
        if recipient.issuer == issuer and recipient.serial == serial:
            return number
    return None


def _open_sm2(envelope: Envelope, holding: Holding) -> bytes:
    number = _find_sm2(envelope, holding)
    if number is None or not isinstance(holding.key, Sm2PrivateKey):
        raise EnvelopeError("for somebody else")
    try:
        return envelope.open(envelope.recipients[number], holding.key.decrypt)
    except GmDecryptionError as error:
        raise EnvelopeError("it does not open") from error
