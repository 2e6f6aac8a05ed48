"""CMS EnvelopedData by RSA and AES (RFC 5652, section 6), as ``signet_protocol`` reads it."""

from signet_agent.channel.document_messages import SealedKey
from signet_agent.documents.envelopes.base import NotOpenedError
from signet_agent.model import KeyPadding, issuer_and_serial, key_identifier
from signet_protocol.enveloped import EnvelopeError, KeyTransport, read_enveloped


class CmsEnvelope:
    """The standard form."""

    def recipients(self, envelope: bytes) -> tuple[SealedKey, ...]:
        """Return the content key as it was encrypted for each recipient.

        Raises:
            NotOpenedError: it is none, or none of its recipients is of a form that is read.
        """
        try:
            read = read_enveloped(envelope)
        except EnvelopeError as error:
            raise NotOpenedError(str(error)) from error
        return tuple(
            SealedKey(_spell(each), KeyPadding(each.wrapping), each.encrypted_key, read.key_bytes)
            for each in read.recipients
        )

    def open(self, envelope: bytes, key: bytes) -> bytes:
        """Return the content.

        Raises:
            NotOpenedError: the key does not open it.
        """
        try:
            return read_enveloped(envelope).open(key)
        except EnvelopeError as error:
            raise NotOpenedError(str(error)) from error


def _spell(recipient: KeyTransport) -> str:
    """Return the word by which the envelope names this recipient."""
    if recipient.key_identifier:
        return key_identifier(recipient.key_identifier)
    return issuer_and_serial(recipient.issuer, recipient.serial)
