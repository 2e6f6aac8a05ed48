"""Opening CMS EnvelopedData (RFC 5652, section 6; GM/T 0010, section 9) for a demonstration key."""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from signet_protocol.enveloped import EnvelopeError, KeyTransport, read_enveloped
from signet_protocol.gm import GmDecryptionError, GmFormatError, Sm2PrivateKey
from signet_protocol.gm.gmt0010 import Envelope, read_envelope
from signet_simulator.keys import Holding

_SHA1 = SHA1()  # noqa: S303 -- OAEP's default (RFC 4055, section 4.1), and sound there

_PADDINGS: dict[str, padding.AsymmetricPadding] = {
    "pkcs1": padding.PKCS1v15(),
    "oaep-sha1": padding.OAEP(padding.MGF1(_SHA1), _SHA1, None),
    "oaep-sha256": padding.OAEP(padding.MGF1(SHA256()), SHA256(), None),
}


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
    enveloped = read_enveloped(der)

    def find(holding: Holding) -> KeyTransport | None:
        recipients = enveloped.recipients
        return next((each for each in recipients if _names(each, holding.certificate)), None)

    def open_with(holding: Holding) -> bytes:
        recipient = find(holding)
        if recipient is None or not isinstance(holding.key, rsa.RSAPrivateKey):
            raise EnvelopeError("for somebody else")
        try:
            key = holding.key.decrypt(recipient.encrypted_key, _PADDINGS[recipient.wrapping])
        except ValueError as error:
            raise EnvelopeError("it does not open") from error
        return enveloped.open(key)

    return Sealed(lambda holding: find(holding) is not None, open_with)


def _names(recipient: KeyTransport, certificate: x509.Certificate) -> bool:
    if recipient.key_identifier:
        try:
            identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except x509.ExtensionNotFound:
            return False
        return recipient.key_identifier == identifier.value.digest
    issuer = certificate.issuer.public_bytes()
    return recipient.issuer == issuer and recipient.serial == certificate.serial_number


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
