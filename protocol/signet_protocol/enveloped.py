"""CMS EnvelopedData (RFC 5652, section 6): who may open an envelope, and its content.

What is read is key transport by RSA and content in AES-CBC, strict DER; other recipients of the
same envelope are passed over. Taking the content key out is the key's own work, done elsewhere.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.x509 import ObjectIdentifier

_ENVELOPED_DATA = ObjectIdentifier("1.2.840.113549.1.7.3")
_RSA_PKCS1 = ObjectIdentifier("1.2.840.113549.1.1.1")
_RSA_OAEP = ObjectIdentifier("1.2.840.113549.1.1.7")
_MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")

_KEY_BYTES = {
    ObjectIdentifier("2.16.840.1.101.3.4.1.2"): 16,
    ObjectIdentifier("2.16.840.1.101.3.4.1.22"): 24,
    ObjectIdentifier("2.16.840.1.101.3.4.1.42"): 32,
}
"""AES-CBC by its size of key in octets (RFC 3565, section 2.1)."""

_AES_BLOCK_BITS = 128
_AES_BLOCK_BYTES = 16

_SHA1 = ObjectIdentifier("1.3.14.3.2.26")
_OAEP_NAMES = {
    _SHA1: "oaep-sha1",
    ObjectIdentifier("2.16.840.1.101.3.4.2.1"): "oaep-sha256",
}

MAX_RECIPIENTS = 100
"""An envelope for more people than this is a mailing, and costs a search for each of them."""


class EnvelopeError(ValueError):
    """The envelope is damaged, or of a form that is not opened; nobody is told which."""


@asn1.sequence
class _ContentInfo:
    kind: ObjectIdentifier
    content: Annotated[asn1.TLV, asn1.Explicit(0)]


@asn1.sequence
class _Hash:
    """A hash's AlgorithmIdentifier; some writers give NULL (RFC 4055, section 2.1)."""

    name: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Mask:
    """The mask generation function, MGF1, with its hash (RFC 4055, section 2.2)."""

    name: ObjectIdentifier
    digest: _Hash


@asn1.sequence
class _OaepParameters:
    """RFC 4055, section 4.1, without a label; both members have SHA-1 for their default."""

    digest: Annotated[_Hash | None, asn1.Explicit(0)]
    mask: Annotated[_Mask | None, asn1.Explicit(1)]


@asn1.sequence
class _Wrapping:
    """How a content key is wrapped: PKCS #1 with NULL, or OAEP (RFC 3370, 4.2.1; RFC 3560)."""

    name: ObjectIdentifier
    parameters: asn1.Null | _OaepParameters


@asn1.sequence
class _CbcAlgorithm:
    """RFC 3565, section 4.1: the parameter is the initialisation vector."""

    name: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _KeyTransport:
    """RFC 5652, section 6.2.1."""

    version: int
    recipient: _IssuerAndSerial | Annotated[bytes, asn1.Implicit(0)]
    wrapping: _Wrapping
    key: bytes


@asn1.sequence
class _EncryptedContent:
    """RFC 5652, section 6.1."""

    kind: ObjectIdentifier
    algorithm: _CbcAlgorithm
    content: Annotated[bytes, asn1.Implicit(0)]


@asn1.sequence
class _EnvelopedData:
    """RFC 5652, section 6.1, without originatorInfo, which key transport does not need."""

    version: int
    recipients: asn1.SetOf[asn1.TLV]
    content: _EncryptedContent
    unprotected: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]


@dataclass(frozen=True)
class KeyTransport:
    """One recipient: the certificate it names, and the content key as RSA encrypted it.

    The certificate is named by its issuer's Name (DER) and serial number, or by its subject key
    identifier. ``wrapping`` is ``pkcs1``, ``oaep-sha1`` or ``oaep-sha256``.
    """

    issuer: bytes
    serial: int
    key_identifier: bytes
    wrapping: str
    encrypted_key: bytes


@dataclass(frozen=True)
class Enveloped:
    """An envelope that was read; ``key_bytes`` is the size of its content key."""

    recipients: tuple[KeyTransport, ...]
    key_bytes: int
    _iv: bytes
    _sealed: bytes

    def open(self, key: bytes) -> bytes:
        """Return the content.

        Raises:
            EnvelopeError: it is not what this key seals.
        """
        if len(key) != self.key_bytes:
            raise EnvelopeError("a key of another size")
        decryptor = Cipher(algorithms.AES(key), modes.CBC(self._iv)).decryptor()
        unpadder = PKCS7(_AES_BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(self._sealed) + decryptor.finalize()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError as error:
            raise EnvelopeError("it does not open") from error


def read_enveloped(der: bytes) -> Enveloped:
    """Read an envelope of RSA and AES-CBC.

    Raises:
        EnvelopeError: it is no such envelope, or none of its recipients is of a form that is read.
    """
    try:
        info = asn1.decode_der(_ContentInfo, der)
        if info.kind != _ENVELOPED_DATA:
            raise EnvelopeError("no EnvelopedData")
        enveloped: _EnvelopedData = info.content.parse(_EnvelopedData)
    except (ValueError, TypeError) as error:
        raise EnvelopeError("no EnvelopedData") from error
    algorithm, entries = enveloped.content.algorithm, enveloped.recipients.as_list()
    key_bytes = _KEY_BYTES.get(algorithm.name)
    if key_bytes is None or len(algorithm.iv) != _AES_BLOCK_BYTES or len(entries) > MAX_RECIPIENTS:
        raise EnvelopeError("not sealed by AES-CBC, or for too many")
    recipients: list[KeyTransport] = []
    for entry in entries:
        with suppress(ValueError, TypeError):
            recipients.append(_read_recipient(entry))
    if not recipients:
        raise EnvelopeError("no recipient by RSA")
    return Enveloped(tuple(recipients), key_bytes, algorithm.iv, enveloped.content.content)


def _read_recipient(entry: asn1.TLV) -> KeyTransport:
    """Return a recipient by key transport; there are others (RFC 5652, section 6.2)."""
    read: _KeyTransport = entry.parse(_KeyTransport)
    wrapping, who = _name_wrapping(read.wrapping), read.recipient
    if isinstance(who, bytes):
        return KeyTransport(b"", 0, who, wrapping, read.key)
    return KeyTransport(asn1.encode_der(who.issuer), who.serial, b"", wrapping, read.key)


def _name_wrapping(wrapping: _Wrapping) -> str:
    chosen = wrapping.parameters
    if wrapping.name == _RSA_PKCS1 and isinstance(chosen, asn1.Null):
        return "pkcs1"
    if wrapping.name != _RSA_OAEP or isinstance(chosen, asn1.Null):
        raise EnvelopeError("not wrapped by RSA")
    digest = chosen.digest.name if chosen.digest else _SHA1
    mask = chosen.mask.digest.name if chosen.mask else _SHA1
    if mask != digest or (chosen.mask and chosen.mask.name != _MGF1):
        raise EnvelopeError("a mask of another hash")
    if digest not in _OAEP_NAMES:
        raise EnvelopeError("a hash that OAEP is not used with here")
    return _OAEP_NAMES[digest]
