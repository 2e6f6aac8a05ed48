"""The block cipher SM4 (GM/T 0002-2012) in CBC mode with PKCS #7 padding, in constant memory.

Computed by ``cryptography``, whose own OpenSSL has it on every system. CBC alone does not protect
against change: what was opened is only as good as the signature or the SM2 envelope around it.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from signet_protocol.gm.errors import GmDecryptionError

SM4_BYTES = 16
"""Of a key, a block and an initial value."""


class Sm4CbcEncryptor:
    """Encrypts piece by piece.

    Raises:
        ValueError: key or initial value do not have 16 octets.
    """

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._encryptor = Cipher(SM4(key), CBC(iv)).encryptor()
        self._length = 0

    def update(self, plaintext: bytes) -> bytes:
        """Return what is finished of the ciphertext."""
        self._length += len(plaintext)
        return self._encryptor.update(plaintext)

    def finish(self) -> bytes:
        """Return the rest, with the padding (RFC 5652, section 6.3)."""
        missing = SM4_BYTES - self._length % SM4_BYTES
        return self._encryptor.update(bytes([missing]) * missing) + self._encryptor.finalize()


class Sm4CbcDecryptor:
    """Decrypts piece by piece; the last block waits, because it may be padding.

    Raises:
        ValueError: key or initial value do not have 16 octets.
    """

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._decryptor = Cipher(SM4(key), CBC(iv)).decryptor()
        self._held = b""

    def update(self, ciphertext: bytes) -> bytes:
        """Return what is certain of the plaintext."""
        opened = self._held + self._decryptor.update(ciphertext)
        certain = max(len(opened) - SM4_BYTES, 0)
        self._held = opened[certain:]
        return opened[:certain]

    def finish(self) -> bytes:
        """Return the rest of the plaintext.

        Raises:
            GmDecryptionError: the ciphertext is not whole or the padding is wrong.
        """
        try:
            self._decryptor.finalize()
        except ValueError:
            self._held = b""
        padding = self._held[-1:] * (self._held[-1] if self._held else 0)
        if not 0 < len(padding) <= SM4_BYTES or not self._held.endswith(padding):
            message = "the ciphertext does not open"
            raise GmDecryptionError(message)
        return self._held[: -len(padding)]


def encrypt_sm4_cbc(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """Return the ciphertext of a plaintext.

    Raises:
        ValueError: key or initial value do not have 16 octets.
    """
    encryptor = Sm4CbcEncryptor(key, iv)
    return encryptor.update(plaintext) + encryptor.finish()


def decrypt_sm4_cbc(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """Return the plaintext of a ciphertext.

    Raises:
        ValueError: key or initial value do not have 16 octets.
        GmDecryptionError: the ciphertext does not open.
    """
    decryptor = Sm4CbcDecryptor(key, iv)
    return decryptor.update(ciphertext) + decryptor.finish()


def encrypt_sm4_blocks(key: bytes, blocks: bytes) -> bytes:
    """Encrypt whole blocks one by one (ECB): only for keys inside an enveloped key.

    Raises:
        ValueError: the key does not have 16 octets, or a block is not whole.
    """
    encryptor = Cipher(SM4(key), ECB()).encryptor()  # noqa: S305 -- GM/T 0009, section 7.4 wants it
    return encryptor.update(blocks) + encryptor.finalize()


def decrypt_sm4_blocks(key: bytes, blocks: bytes) -> bytes:
    """Decrypt whole blocks one by one (ECB).

    Raises:
        ValueError: the key does not have 16 octets, or a block is not whole.
    """
    decryptor = Cipher(SM4(key), ECB()).decryptor()  # noqa: S305 -- GM/T 0009, section 7.4 wants it
    return decryptor.update(blocks) + decryptor.finalize()
