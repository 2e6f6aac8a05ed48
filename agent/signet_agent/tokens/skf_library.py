"""A library of GM/T 0016-2012 (SKF): its functions, called as its maker built it.

The library is not trusted with sizes. Whatever it writes goes into a buffer of a fixed size, a size
beyond that is refused, and names are read only as far as the size it told.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_long, c_ubyte, c_uint32, c_uint64, c_void_p

from signet_agent.channel.token_messages import SkfForm
from signet_agent.tokens.skf_return_values import CERTIFICATE_NOT_FOUND, NOT_SUPPORTED
from signet_agent.tokens.skf_structures import (
    MAX_RESERVE_BYTES,
    DeviceInfo,
    SkfFormError,
    Structures,
)

SGD_SM4_ECB = 0x401
SGD_SM4_CBC = 0x402
"""Algorithm numbers of GM/T 0006."""

_SGD_SM2_SIGN = 0x2_0100
"""SGD_SM2_1 as GM/T 0016 numbers it; GM/T 0018 shifts the family by one."""

MAX_NAMES_BYTES = 16 * 1024
"""Of one list; a token holds a handful of names."""

MAX_NAME_BYTES = 260
"""A container's name has 128 octets at most; a device's may be a path of Windows."""

MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_SIGNATURE_BYTES = 1024
MAX_PLAINTEXT_BYTES = 4 * 1024

CHUNK_BYTES = 1024
"""What goes to the token at once: DEVINFO tells larger limits, and not always true ones."""

_BLOCK_BYTES = 16
_USER = 1
_NO_PADDING = 0


class SkfError(Exception):
    """A function returned something other than SAR_OK, or the library does not have it.

    Attributes:
        code: the return value (SAR_...).
    """

    def __init__(self, function: str, code: int) -> None:
        """Keep which function, and its return value."""
        super().__init__(f"{function} 0x{code:08x}")
        self.code = code


class SkfLibrary:
    """A loaded library. Handles are numbers that mean something to the library alone."""

    def __init__(self, path: str, form: SkfForm) -> None:
        """Load the library.

        Raises:
            OSError: it cannot be loaded.
            AttributeError: it is no SKF library.
            ValueError: policy names a way of calling that this system does not have.
        """
        self._library = _load(path, form.convention)
        self._form = form
        self._structures = Structures(form)
        self._functions: dict[str, Callable[..., int]] = {}
        _ = self._library.SKF_EnumDev

    def devices(self) -> list[bytes]:
        """Return the names of the devices that are plugged in.

        Raises:
            SkfError, SkfFormError: the library cannot tell.
        """
        return self._names("SKF_EnumDev", c_long(1))

    def applications(self, device: int) -> list[bytes]:
        """Return the names of a device's applications.

        Raises:
            SkfError, SkfFormError: it cannot tell.
        """
        return self._names("SKF_EnumApplication", c_void_p(device))

    def containers(self, application: int) -> list[bytes]:
        """Return the names of an application's containers, each once.

        A name opens one container, however often it is listed.

        Raises:
            SkfError, SkfFormError: it cannot tell.
        """
        return self._names("SKF_EnumContainer", c_void_p(application))

    @contextmanager
    def device(self, name: bytes) -> Iterator[int]:
        """Connect a device for the time of the block.

        Raises:
            SkfError: it cannot be connected.
        """
        with self._opened("SKF_ConnectDev", "SKF_DisConnectDev", name) as handle:
            yield handle

    @contextmanager
    def application(self, device: int, name: bytes) -> Iterator[int]:
        """Open an application for the time of the block.

        Raises:
            SkfError: it cannot be opened.
        """
        words = (c_void_p(device), name)
        with self._opened("SKF_OpenApplication", "SKF_CloseApplication", *words) as handle:
            yield handle

    @contextmanager
    def container(self, application: int, name: bytes) -> Iterator[int]:
        """Open a container for the time of the block.

        Raises:
            SkfError: it cannot be opened.
        """
        words = (c_void_p(application), name)
        with self._opened("SKF_OpenContainer", "SKF_CloseContainer", *words) as handle:
            yield handle

    def device_info(self, device: int) -> DeviceInfo:
        """Return what a device says of itself.

        Raises:
            SkfError: it does not.
        """
        info = ctypes.create_string_buffer(MAX_RESERVE_BYTES)
        self._call("SKF_GetDevInfo", c_void_p(device), info)
        return self._structures.read_device(info.raw)

    def pin_tries(self, application: int) -> tuple[int, int]:
        """Return how many tries the person's PIN has at most, and how many are left.

        Raises:
            SkfError: the application does not tell.
        """
        most, left, initial = c_uint64(), c_uint64(), c_uint64()
        words = (c_void_p(application), self._number(_USER))
        self._call("SKF_GetPINInfo", *words, byref(most), byref(left), byref(initial))
        return most.value, left.value

    @contextmanager
    def login(self, application: int, pin: bytearray) -> Iterator[None]:
        """Verify the person's PIN, and forget it at the end of the block.

        The standard takes a C string. The copy that ends with NUL is wiped before this returns;
        ``pin`` itself must hold no NUL and is left to the caller.

        Raises:
            SkfError: the PIN was not taken; the code tells why.
        """
        text = (c_ubyte * (len(pin) + 1))()
        left = c_uint64()
        try:
            ctypes.memmove(text, (c_ubyte * len(pin)).from_buffer(pin), len(pin))
            words = (c_void_p(application), self._number(_USER))
            self._call("SKF_VerifyPIN", *words, text, byref(left))
        finally:
            ctypes.memset(text, 0, len(text))
        try:
            yield
        finally:
            # Not asked whether it worked: closing the application ends the login, too.
            self._function("SKF_ClearSecureState")(c_void_p(application))

    def certificate(self, container: int, *, sign: bool) -> bytes | None:
        """Return the signing or the encryption certificate, DER, if there is one.

        Raises:
            SkfError, SkfFormError: the container cannot tell.
        """
        words = (c_void_p(container), c_long(sign))
        try:
            return self._octets("SKF_ExportCertificate", MAX_CERTIFICATE_BYTES, *words) or None
        except SkfError as error:
            if error.code == CERTIFICATE_NOT_FOUND:
                return None
            raise

    def write_certificate(self, container: int, der: bytes, *, sign: bool) -> None:
        """Put a certificate beside its key; the person is logged in.

        Raises:
            SkfError: it was not taken.
        """
        words = (c_void_p(container), c_long(sign), der, self._number(len(der)))
        self._call("SKF_ImportCertificate", *words)

    def public_key(self, container: int, *, sign: bool) -> bytes:
        """Return the point (65 octets) of an SM2 key, or the modulus of an RSA key.

        Raises:
            SkfError, SkfFormError: there is none, or it has neither form.
        """
        words = (c_void_p(container), c_long(sign))
        blob = self._octets("SKF_ExportPublicKey", MAX_RESERVE_BYTES, *words)
        return self._structures.read_public_key(blob)

    def generate_sm2_key(self, container: int) -> bytes:
        """Make a signing key pair and return its point; the person is logged in.

        Raises:
            SkfError, SkfFormError: none was made.
        """
        blob = ctypes.create_string_buffer(MAX_RESERVE_BYTES)
        self._call("SKF_GenECCKeyPair", c_void_p(container), self._number(_SGD_SM2_SIGN), blob)
        return self.public_key(container, sign=True)

    def import_sm2_key(
        self, container: int, point: bytes, key: bytes, wrapped: tuple[bytes, bytes, bytes]
    ) -> None:
        """Import an encryption key pair that comes under SM4; the person is logged in.

        Args:
            container: where the signing key lies that ``wrapped`` is encrypted to.
            point: the public key, 65 octets.
            key: the private key in SM4-ECB, 32 or 64 octets.
            wrapped: C1, C3 and C2 of the key of SM4.

        Raises:
            SkfError: it was not taken.
        """
        cipher = self._structures.write_ciphertext(*wrapped)
        envelope = self._structures.write_envelope(SGD_SM4_ECB, point, key, cipher)
        self._call("SKF_ImportECCKeyPair", c_void_p(container), envelope)

    def sign_sm2(self, container: int, digest: bytes) -> bytes:
        """Return r || s (64 octets) over e = SM3(Z, M); the person is logged in.

        Raises:
            SkfError, SkfFormError: there is no signature.
        """
        blob = ctypes.create_string_buffer(MAX_RESERVE_BYTES)
        words = (c_void_p(container), digest, self._number(len(digest)))
        self._call("SKF_ECCSignData", *words, blob)
        return self._structures.read_signature(blob.raw)

    def sign_rsa(self, container: int, data: bytes) -> bytes:
        """Return PKCS#1 v1.5 over a DigestInfo, or over a bare hash; the person is logged in.

        Raises:
            SkfError, SkfFormError: there is no signature.
        """
        words = (c_void_p(container), data, self._number(len(data)))
        return self._octets("SKF_RSASignData", MAX_SIGNATURE_BYTES, *words)

    def decrypt_sm4(
        self, container: int, wrapped: tuple[bytes, bytes, bytes], iv: bytes, content: bytes
    ) -> bytes:
        """Decrypt SM4-CBC under a key that never leaves the token; the person is logged in.

        Args:
            container: whose encryption key the session key is encrypted to.
            wrapped: C1, C3 and C2 of the session key.
            iv: 16 octets.
            content: whole blocks; their padding is left where it is.

        Raises:
            SkfError, SkfFormError: it was not decrypted.
        """
        blob = self._structures.write_ciphertext(*wrapped)
        words = (c_void_p(container), self._number(SGD_SM4_CBC), blob, self._number(len(blob)))
        with self._opened("SKF_ImportSessionKey", "SKF_CloseHandle", *words) as key:
            parameter = self._structures.cipher_parameter(
                (c_ubyte * 32)(*iv), len(iv), _NO_PADDING, 0
            )
            self._call("SKF_DecryptInit", c_void_p(key), parameter)
            plaintext = bytearray()
            for start in range(0, len(content), CHUNK_BYTES):
                chunk = content[start : start + CHUNK_BYTES]
                more = (c_void_p(key), chunk, self._number(len(chunk)))
                limit = CHUNK_BYTES + _BLOCK_BYTES
                plaintext += self._octets("SKF_DecryptUpdate", limit, *more)
            return bytes(plaintext + self._octets("SKF_DecryptFinal", CHUNK_BYTES, c_void_p(key)))

    def decrypt_sm2(self, container: int, c1: bytes, c3: bytes, c2: bytes) -> bytes:
        """Open a bare SM2 ciphertext by the maker's own function; the person is logged in.

        It takes container, ECCCIPHERBLOB, buffer and size, the form such functions usually have.

        Raises:
            SkfError, SkfFormError: it does not open, or policy names no such function.
        """
        if not self._form.decrypt:
            raise SkfError("decrypt", NOT_SUPPORTED)
        blob = self._structures.write_ciphertext(c1, c3, c2)
        return self._octets(self._form.decrypt, MAX_PLAINTEXT_BYTES, c_void_p(container), blob)

    def wait_for_event(self) -> None:
        """Sleep until a device comes or goes; for a thread of its own.

        Raises:
            SkfError: the library does not tell, or the wait was cancelled.
        """
        name = ctypes.create_string_buffer(MAX_NAMES_BYTES)
        length, event = c_uint64(MAX_NAMES_BYTES), c_uint64()
        self._call("SKF_WaitForDevEvent", name, byref(length), byref(event))

    def cancel_wait(self) -> None:
        """End a wait in another thread.

        Raises:
            SkfError: the library cannot.
        """
        self._call("SKF_CancelWaitForDevEvent")

    def _function(self, name: str) -> Callable[..., int]:
        """Return a function; one that the library lacks is one it does not support."""
        function = self._functions.get(name)
        if function is None:
            try:
                found = self._library[name]
            except AttributeError:
                raise SkfError(name, NOT_SUPPORTED) from None
            found.restype = c_uint32
            self._functions[name] = function = found
        return function

    def _number(self, value: int) -> "ctypes._SimpleCData[int]":
        return self._structures.ulong(value)

    def _call(self, function: str, *arguments: object) -> None:
        code = self._function(function)(*arguments)
        if code:
            raise SkfError(function, code)

    @contextmanager
    def _opened(self, opens: str, closes: str, *arguments: object) -> Iterator[int]:
        handle = c_void_p()
        self._call(opens, *arguments, byref(handle))
        try:
            yield handle.value or 0
        finally:
            # A handle of a device that was pulled cannot be closed; there is nothing to do about.
            self._function(closes)(handle)

    def _octets(self, function: str, limit: int, *arguments: object) -> bytes:
        """Return what a function writes, whose last parameters are buffer and size.

        The size is a number of 64 bits that was zero before: what a library with a narrower ULONG
        writes is read rightly, and one with a wider ULONG does not write past it.
        """
        buffer, size = ctypes.create_string_buffer(limit), c_uint64(limit)
        self._call(function, *arguments, buffer, byref(size))
        if size.value > limit:
            message = f"{function} tells of {size.value} octets"
            raise SkfFormError(message)
        return buffer.raw[: size.value]

    def _names(self, function: str, *arguments: object) -> list[bytes]:
        """Return a list of names, each once; each ends with NUL, and the list may end with two."""
        octets = self._octets(function, MAX_NAMES_BYTES, *arguments)
        *names, rest = octets.split(b"\0")
        if rest or any(len(name) > MAX_NAME_BYTES for name in names):
            message = f"{function} tells of a name without an end"
            raise SkfFormError(message)
        return [name for name in dict.fromkeys(names) if name]


def _load(path: str, convention: str) -> ctypes.CDLL:
    if convention == "cdecl":
        return ctypes.CDLL(path)
    if sys.platform == "win32":
        return ctypes.WinDLL(path)
    message = "stdcall is for Windows"
    raise ValueError(message)
