"""The few functions of OpenSSL's libcrypto that SM2 needs, called by ctypes.

It is the library that Python itself has loaded for ``hashlib`` and ``ssl``: nothing is installed,
and it is mended together with the interpreter. Every function is declared with its types. Whatever
fails leaves the thread's error queue empty, because ``ssl`` reads the same queue.
"""

import ctypes
import platform
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import cache
from typing import Any

from signet_protocol.gm.errors import Sm2KeyError, Sm2UnavailableError

_SM2 = b"SM2"

_OCTETS = POINTER(c_char_p)

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "ERR_clear_error": (None, ()),
    "OpenSSL_version_num": (c_ulong, ()),
    "d2i_PUBKEY": (c_void_p, (c_void_p, _OCTETS, c_long)),
    "d2i_AutoPrivateKey": (c_void_p, (c_void_p, _OCTETS, c_long)),
    "i2d_PUBKEY": (c_int, (c_void_p, c_void_p)),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_get_bn_param": (c_int, (c_void_p, c_char_p, POINTER(c_void_p))),
    "BN_bn2binpad": (c_int, (c_void_p, c_char_p, c_int)),
    "BN_clear_free": (None, (c_void_p,)),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, (c_void_p, c_void_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
    "EVP_PKEY_generate": (c_int, (c_void_p, POINTER(c_void_p))),
    "EVP_PKEY_sign_init": (c_int, (c_void_p,)),
    "EVP_PKEY_sign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EVP_PKEY_verify_init": (c_int, (c_void_p,)),
    "EVP_PKEY_verify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    "EVP_PKEY_encrypt_init": (c_int, (c_void_p,)),
    "EVP_PKEY_encrypt": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EVP_PKEY_decrypt_init": (c_int, (c_void_p,)),
    "EVP_PKEY_decrypt": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
}

_FIRST_LEAKY, _FIRST_SOUND = 0x30200000, 0x30600000
_MENDED = {0x302: 0x30200060, 0x303: 0x30300050, 0x304: 0x30400030, 0x305: 0x30500040}
"""CVE-2025-9231: the first sound release of each line, as OPENSSL_VERSION_NUMBER counts them."""


class KeyHandle:
    """An EVP_PKEY, freed (and its secret wiped by libcrypto) with the last reference."""

    def __init__(self, free: Callable[[int], None], pointer: int) -> None:
        self.pointer = pointer
        weakref.finalize(self, free, pointer)


class Libcrypto:
    """SM2 operations on handles; safe to use from several threads.

    Args:
        library: what holds the functions.

    Raises:
        Sm2UnavailableError: a function is missing, or the build has no SM2.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        try:
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except AttributeError:
            message = "no SM2 here: Python's libcrypto is older than OpenSSL 3"
            raise Sm2UnavailableError(message) from None
        self._library = library
        try:
            self.generate()
        except Sm2KeyError:
            message = "no SM2 here: this build of libcrypto was made without it"
            raise Sm2UnavailableError(message) from None

    def generate(self) -> KeyHandle:
        """Make a key pair.

        Raises:
            Sm2KeyError: libcrypto cannot.
        """
        pointer = c_void_p()
        context = self._library.EVP_PKEY_CTX_new_from_name(None, _SM2, None)
        with self._freed(context) as ready:
            if ready and self._library.EVP_PKEY_keygen_init(context) == 1:
                self._library.EVP_PKEY_generate(context, byref(pointer))
        return self._adopt(pointer.value)

    def read_public(self, spki: bytes) -> KeyHandle:
        """Return the key of a SubjectPublicKeyInfo.

        Raises:
            Sm2KeyError: it is no point of the SM2 curve.
        """
        return self._adopt(self._library.d2i_PUBKEY(None, byref(c_char_p(spki)), len(spki)))

    def read_private(self, pkcs8: bytes) -> KeyHandle:
        """Return the key of a PrivateKeyInfo; a missing public key is computed.

        Raises:
            Sm2KeyError: it is no key of the SM2 curve.
        """
        octets = byref(c_char_p(pkcs8))
        return self._adopt(self._library.d2i_AutoPrivateKey(None, octets, len(pkcs8)))

    def write_public(self, key: KeyHandle) -> bytes:
        """Return the SubjectPublicKeyInfo."""
        size = self._library.i2d_PUBKEY(key.pointer, None)
        buffer = ctypes.create_string_buffer(size)
        self._library.i2d_PUBKEY(key.pointer, byref(c_void_p(ctypes.addressof(buffer))))
        return buffer.raw

    def read_scalar(self, key: KeyHandle, size: int) -> bytes:
        """Return the private number in ``size`` octets.

        Raises:
            Sm2KeyError: the key is a public one.
        """
        number, buffer = c_void_p(), ctypes.create_string_buffer(size)
        found = self._library.EVP_PKEY_get_bn_param(key.pointer, b"priv", byref(number))
        self._library.ERR_clear_error()
        if found != 1:
            message = "the key has no private part"
            raise Sm2KeyError(message)
        self._library.BN_bn2binpad(number, buffer, size)
        self._library.BN_clear_free(number)
        octets = buffer.raw
        ctypes.memset(buffer, 0, size)
        return octets

    def sign(self, key: KeyHandle, digest: bytes) -> bytes | None:
        """Return the DER signature of a digest e, or ``None`` without a private key."""
        return self._transform("sign", key, digest)

    def encrypt(self, key: KeyHandle, plaintext: bytes) -> bytes | None:
        """Return the ciphertext of GM/T 0009, or ``None`` when libcrypto refuses."""
        return self._transform("encrypt", key, plaintext)

    def decrypt(self, key: KeyHandle, ciphertext: bytes) -> bytes | None:
        """Return the plaintext of a ciphertext of GM/T 0009, or ``None`` if it does not open."""
        return self._transform("decrypt", key, ciphertext)

    def verify(self, key: KeyHandle, signature: bytes, digest: bytes) -> bool:
        """Whether a DER signature of a digest e holds."""
        with self._context(key) as context:
            if self._library.EVP_PKEY_verify_init(context) != 1:
                return False
            done = self._library.EVP_PKEY_verify(
                context, signature, len(signature), digest, len(digest)
            )
            return bool(done == 1)

    def has_leaky_inversion(self) -> bool:
        """Whether a private key's time of signing could tell its bits (CVE-2025-9231)."""
        return has_leaky_inversion(platform.machine(), self._library.OpenSSL_version_num())

    def _transform(self, operation: str, key: KeyHandle, octets: bytes) -> bytes | None:
        """Run an operation twice, as its interface wants: for the size, then for the octets."""
        start = getattr(self._library, f"EVP_PKEY_{operation}_init")
        run = getattr(self._library, f"EVP_PKEY_{operation}")
        size = c_size_t()
        with self._context(key) as context:
            if start(context) != 1 or run(context, None, byref(size), octets, len(octets)) != 1:
                return None
            buffer = ctypes.create_string_buffer(size.value)
            if run(context, buffer, byref(size), octets, len(octets)) != 1:
                return None
            return buffer.raw[: size.value]

    def _context(self, key: KeyHandle) -> AbstractContextManager[int | None]:
        return self._freed(self._library.EVP_PKEY_CTX_new_from_pkey(None, key.pointer, None))

    @contextmanager
    def _freed(self, context: int | None) -> Iterator[int | None]:
        try:
            yield context
        finally:
            self._library.EVP_PKEY_CTX_free(context)
            self._library.ERR_clear_error()

    def _adopt(self, pointer: int | None) -> KeyHandle:
        """Take over a pointer that libcrypto gave away."""
        self._library.ERR_clear_error()
        if not pointer:
            message = "not a key on the SM2 curve"
            raise Sm2KeyError(message)
        handle = KeyHandle(self._library.EVP_PKEY_free, pointer)
        if self._library.EVP_PKEY_is_a(pointer, _SM2) != 1:
            message = "a key of another kind"
            raise Sm2KeyError(message)
        return handle


@cache
def load_libcrypto() -> Libcrypto:
    """Return the library that Python itself loaded.

    Raises:
        Sm2UnavailableError: it has no SM2.
    """
    return Libcrypto(_open_library())


def _open_library() -> ctypes.CDLL:
    if sys.platform == "win32":  # pragma: no cover -- Windows
        return ctypes.CDLL("libcrypto-3.dll")
    import _hashlib

    # Symbols are looked up in an extension and in what it is linked with: no file name is guessed.
    # An interpreter that has everything in one file has no extension; its own symbols are asked.
    return ctypes.CDLL(getattr(_hashlib, "__file__", None))


def has_leaky_inversion(machine: str, version: int) -> bool:
    """Whether a build inverts modulo n in a time that depends on the number (CVE-2025-9231).

    Args:
        machine: the processor as ``platform.machine`` names it; only 64-bit ARM is affected.
        version: OPENSSL_VERSION_NUMBER.
    """
    if machine.lower() not in {"aarch64", "arm64"}:
        return False
    return _FIRST_LEAKY <= version < _FIRST_SOUND and version < _MENDED[version >> 20]
