"""A PIN on its way from the window to the token room, unreadable for the daemon between them.

X25519 with an ephemeral key, HKDF-SHA256 and ChaCha20-Poly1305 (RFC 7748, 5869, 8439). The
consent's id is bound twice, in the derivation and as associated data. The nonce is fixed: each
receiving key is used for one try and then dropped, so no key ever meets a second message.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signet_agent.channel.token_messages import SEALED_PIN_BYTES

_KEY_BYTES = 32
_TAG_BYTES = 16
PADDED_PIN_BYTES = SEALED_PIN_BYTES - _KEY_BYTES - _TAG_BYTES
"""Every PIN travels in the same size, so that its length tells nothing."""

MAX_PIN_BYTES = PADDED_PIN_BYTES - 1
"""One octet holds the length."""

_NONCE = bytes(12)


class SealError(Exception):
    """The sealed PIN does not open here: another consent, a replay, or damage."""


class PinBox:
    """The token room's half: a one-time key that opens one sealed PIN for one consent."""

    def __init__(self, consent: bytes) -> None:
        """Make the key for this consent."""
        self._consent = consent
        self._key: X25519PrivateKey | None = X25519PrivateKey.generate()
        self.public = self._key.public_key().public_bytes_raw()

    def open(self, sealed: bytes) -> bytearray:
        """Return the PIN in a buffer that the caller wipes; the key is gone afterwards.

        Raises:
            SealError: it does not open, or the box was used before.
        """
        key, self._key = self._key, None
        if key is None or len(sealed) != SEALED_PIN_BYTES:
            raise SealError
        padded = bytearray(PADDED_PIN_BYTES)
        try:
            ephemeral = sealed[:_KEY_BYTES]
            shared = key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            cipher = _cipher(shared, ephemeral, self.public, self._consent)
            cipher.decrypt_into(_NONCE, sealed[_KEY_BYTES:], self._consent, padded)
            if padded[0] > MAX_PIN_BYTES:
                raise SealError
            return padded[1 : 1 + padded[0]]
        except (InvalidTag, ValueError):
            raise SealError from None
        finally:
            wipe(padded)


def seal_pin(pin: bytearray, public: bytes, consent: bytes) -> bytes:
    """Return the PIN sealed to a token room's one-time key; the caller wipes ``pin``.

    Raises:
        SealError: the PIN is longer than a sealed PIN holds, or the key is no key.
    """
    if len(pin) > MAX_PIN_BYTES:
        raise SealError
    padded = bytearray(PADDED_PIN_BYTES)
    padded[0] = len(pin)
    padded[1 : 1 + len(pin)] = pin
    key = X25519PrivateKey.generate()
    ephemeral = key.public_key().public_bytes_raw()
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(public))
        cipher = _cipher(shared, ephemeral, public, consent)
        return ephemeral + cipher.encrypt(_NONCE, padded, consent)
    except ValueError:
        raise SealError from None
    finally:
        wipe(padded)


def wipe(buffer: bytearray) -> None:
    """Overwrite a secret in place; ``clear()`` would free it unwiped."""
    buffer[:] = bytes(len(buffer))


def _cipher(shared: bytes, ephemeral: bytes, public: bytes, consent: bytes) -> ChaCha20Poly1305:
    info = b"signet pin 1" + ephemeral + public + consent
    return ChaCha20Poly1305(HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(shared))
