"""Everything that happens while a token is logged in, by the module's own function list.

python-pkcs11 lists what is on a token. It cannot log in from a buffer (its PIN is a ``str``, which
cannot be wiped), does not tell the PIN's lengths, and leaks the session of a wrong PIN. So these
few calls of PKCS#11 2.40 are made here: login, one use of a key, logout.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_ubyte, c_ulong, c_void_p
from typing import NamedTuple

MAX_RESULT_BYTES = 1024
"""RSA of 8192 bits; longer keys are not listed."""

MAX_KEYS_PER_ID = 8
"""Keys with one id: one for signing and one for encryption is what tokens have."""

CKK_RSA = 0x00
CKK_EC = 0x03
CKM_RSA_PKCS = 0x0001
CKM_RSA_PKCS_OAEP = 0x0009
CKM_ECDSA = 0x1041
CKM_SHA_1, CKG_MGF1_SHA1 = 0x0220, 0x01
CKM_SHA256, CKG_MGF1_SHA256 = 0x0250, 0x02

CKF_PROTECTED_AUTHENTICATION_PATH = 0x0000_0100
CKF_USER_PIN_COUNT_LOW = 0x0001_0000
CKF_USER_PIN_FINAL_TRY = 0x0002_0000
CKF_USER_PIN_LOCKED = 0x0004_0000
CKF_TOKEN_INITIALIZED = 0x0000_0400

CKR_USER_ALREADY_LOGGED_IN = 0x100

_CKF_SERIAL_SESSION = 0x04
_CKU_USER = 1
_CKU_CONTEXT_SPECIFIC = 2
_CKO_PRIVATE_KEY = 3
_CKZ_DATA_SPECIFIED = 1
_CKA_CLASS = 0x000
_CKA_KEY_TYPE = 0x100
_CKA_ID = 0x102
_CKA_DECRYPT = 0x105
_CKA_SIGN = 0x108
_CKA_ALWAYS_AUTHENTICATE = 0x202

_PACK = 1 if sys.platform == "win32" else 0
"""PKCS#11 2.40, section 2.1: structures are packed to one octet on Windows."""


class _TokenInfo(Structure):
    _pack_ = _PACK
    _fields_ = (
        ("label", c_ubyte * 32),
        ("manufacturer", c_ubyte * 32),
        ("model", c_ubyte * 16),
        ("serial", c_ubyte * 16),
        ("flags", c_ulong),
        ("sessions", c_ulong * 4),
        ("max_pin_length", c_ulong),
        ("min_pin_length", c_ulong),
        ("memory", c_ulong * 4),
        ("versions", c_ubyte * 4),
        ("utc_time", c_ubyte * 16),
    )


class _TypeAndValue(Structure):
    """CK_ATTRIBUTE and CK_MECHANISM: a type, and where its value or parameter lies."""

    _pack_ = _PACK
    _fields_ = (("type", c_ulong), ("value", c_void_p), ("length", c_ulong))


class _OaepParameters(Structure):
    """CK_RSA_PKCS_OAEP_PARAMS, without a label."""

    _pack_ = _PACK
    _fields_ = (
        ("hash", c_ulong),
        ("mask", c_ulong),
        ("source", c_ulong),
        ("label", c_void_p),
        ("label_length", c_ulong),
    )


class _FunctionList(Structure):
    _pack_ = _PACK
    _fields_ = (("version", c_ubyte * 2), ("functions", c_void_p * 68))


_FUNCTIONS: dict[str, tuple[int, tuple[type, ...]]] = {
    "C_GetSlotList": (4, (c_ubyte, c_void_p, c_void_p)),
    "C_GetTokenInfo": (6, (c_ulong, c_void_p)),
    "C_OpenSession": (12, (c_ulong, c_ulong, c_void_p, c_void_p, c_void_p)),
    "C_CloseSession": (13, (c_ulong,)),
    "C_Login": (18, (c_ulong, c_ulong, c_void_p, c_ulong)),
    "C_Logout": (19, (c_ulong,)),
    "C_GetAttributeValue": (24, (c_ulong, c_ulong, c_void_p, c_ulong)),
    "C_FindObjectsInit": (26, (c_ulong, c_void_p, c_ulong)),
    "C_FindObjects": (27, (c_ulong, c_void_p, c_ulong, c_void_p)),
    "C_FindObjectsFinal": (28, (c_ulong,)),
    "C_DecryptInit": (33, (c_ulong, c_void_p, c_ulong)),
    "C_Decrypt": (34, (c_ulong, c_void_p, c_ulong, c_void_p, c_void_p)),
    "C_SignInit": (42, (c_ulong, c_void_p, c_ulong)),
    "C_Sign": (43, (c_ulong, c_void_p, c_ulong, c_void_p, c_void_p)),
}
"""Place in CK_FUNCTION_LIST and parameters; the order is part of the standard."""


class CryptokiError(Exception):
    """A function of the module returned something other than CKR_OK."""

    def __init__(self, function: str, code: int) -> None:
        """Keep which function, and its return value (CKR_...)."""
        super().__init__(f"{function} 0x{code:08x}")
        self.function = function
        self.code = code


class NoSuchKeyError(Exception):
    """The token, logged in, has no private key of this id and type."""


class TokenInfo(NamedTuple):
    """What is needed of CK_TOKEN_INFO; lengths are octets, as the module tells them."""

    label: str
    serial: str
    flags: int
    min_pin_length: int
    max_pin_length: int


class PrivateKey(NamedTuple):
    """Where a private key is found: slot, CKA_ID and CKA_KEY_TYPE."""

    slot: int
    id: bytes
    type: int


class Oaep(NamedTuple):
    """What CKM_RSA_PKCS_OAEP takes: the hash (CKM_...) and the mask function (CKG_...)."""

    hash: int
    mask: int


class _Calls(NamedTuple):
    """One use of a private key: the two calls of it, and the flag of a key that allows it."""

    begin: str
    finish: str
    allowed_by: int


_SIGN = _Calls("C_SignInit", "C_Sign", _CKA_SIGN)
_DECRYPT = _Calls("C_DecryptInit", "C_Decrypt", _CKA_DECRYPT)


class Cryptoki:
    """The function list of a module that python-pkcs11 has loaded and initialised."""

    def __init__(self, path: str) -> None:
        """Ask the library, which is loaded once per process, for its functions.

        Raises:
            OSError: the library cannot be loaded.
            AttributeError: it is no PKCS#11 module.
            CryptokiError: it refuses to hand out its functions.
            ValueError: it hands out nothing.
        """
        self._library = ctypes.CDLL(path)
        pointer = POINTER(_FunctionList)()
        get = self._library.C_GetFunctionList
        get.argtypes, get.restype = (c_void_p,), c_ulong
        code = get(byref(pointer))
        if code:
            raise CryptokiError("C_GetFunctionList", code)
        self._functions: dict[str, Callable[..., int]] = {
            name: ctypes.CFUNCTYPE(c_ulong, *parameters)(pointer.contents.functions[place])
            for name, (place, parameters) in _FUNCTIONS.items()
        }

    def slot_count(self) -> int:
        """Return how many slots hold a token; the module looks at its readers anew.

        Raises:
            CryptokiError: the module cannot tell.
        """
        count = c_ulong()
        self._call("C_GetSlotList", 1, None, byref(count))
        return count.value

    def token_info(self, slot: int) -> TokenInfo:
        """Return what a slot's token says of itself.

        Raises:
            CryptokiError: there is none, or it does not answer.
        """
        info = _TokenInfo()
        self._call("C_GetTokenInfo", slot, byref(info))
        return TokenInfo(
            label=_text(info.label),
            serial=_text(info.serial),
            flags=info.flags,
            min_pin_length=info.min_pin_length,
            max_pin_length=info.max_pin_length,
        )

    def sign(
        self, key: PrivateKey, mechanism: int, inputs: Sequence[bytes], pin: bytearray
    ) -> list[bytes]:
        """Log in, sign each input, log out; the session is closed whatever happens.

        Raises:
            CryptokiError: a call failed; C_Login's code tells whether a try was spent.
            NoSuchKeyError: the key is not there.
        """
        return self._use(_SIGN, key, _TypeAndValue(mechanism, None, 0), inputs, pin)

    def decrypt(self, key: PrivateKey, oaep: Oaep | None, data: bytes, pin: bytearray) -> bytes:
        """Log in, decrypt by RSA with this OAEP or with PKCS #1 v1.5, log out.

        Raises:
            CryptokiError: a call failed; that of C_Decrypt may mean the padding.
            NoSuchKeyError: the key is not there.
        """
        method = _TypeAndValue(CKM_RSA_PKCS, None, 0)
        if oaep is not None:
            parameters = _OaepParameters(oaep.hash, oaep.mask, _CKZ_DATA_SPECIFIED, None, 0)
            method = _attribute(CKM_RSA_PKCS_OAEP, parameters)
        (content_key,) = self._use(_DECRYPT, key, method, [data], pin)
        return content_key

    def _use(
        self,
        calls: _Calls,
        key: PrivateKey,
        method: _TypeAndValue,
        inputs: Sequence[bytes],
        pin: bytearray,
    ) -> list[bytes]:
        with self._session(key.slot) as session, self._login(session, pin):
            handle = self._find(session, key, calls.allowed_by)
            again = pin if self._is_set(session, handle, _CKA_ALWAYS_AUTHENTICATE) else None
            results = []
            for data in inputs:
                self._call(calls.begin, session, byref(method), handle)
                if again is not None:
                    self._enter_pin(session, _CKU_CONTEXT_SPECIFIC, again)
                results.append(self._finish(calls, session, data))
            return results

    def _finish(self, calls: _Calls, session: int, data: bytes) -> bytes:
        result = (c_ubyte * MAX_RESULT_BYTES)()
        length = c_ulong(MAX_RESULT_BYTES)
        self._call(calls.finish, session, data, len(data), result, byref(length))
        return bytes(result[: min(length.value, MAX_RESULT_BYTES)])

    def _call(self, function: str, *arguments: object) -> None:
        code = self._functions[function](*arguments)
        if code:
            raise CryptokiError(function, code)

    @contextmanager
    def _session(self, slot: int) -> Iterator[int]:
        session = c_ulong()
        self._call("C_OpenSession", slot, _CKF_SERIAL_SESSION, None, None, byref(session))
        try:
            yield session.value
        finally:
            self._functions["C_CloseSession"](session.value)

    @contextmanager
    def _login(self, session: int, pin: bytearray) -> Iterator[None]:
        """Log in for the time of the block.

        A login belongs to process and token, not to the session, so one that was somehow left
        behind is ended first: else this PIN would not be checked at all. That C_Logout succeeds is
        not asked: closing the token's only session, which follows, logs out too (PKCS#11 2.40,
        section 5.6.2), and a token that was pulled can do neither.
        """
        try:
            self._enter_pin(session, _CKU_USER, pin)
        except CryptokiError as error:
            if error.code != CKR_USER_ALREADY_LOGGED_IN:
                raise
            self._call("C_Logout", session)
            self._enter_pin(session, _CKU_USER, pin)
        try:
            yield
        finally:
            self._functions["C_Logout"](session)

    def _enter_pin(self, session: int, user: int, pin: bytearray) -> None:
        """Hand over the address of the caller's buffer: no copy of the PIN is made.

        Without a PIN the address is NULL: the person types it at the reader (section 5.6.1).
        """
        address = (c_ubyte * len(pin)).from_buffer(pin) if pin else None
        self._call("C_Login", session, user, address, len(pin))

    def _find(self, session: int, key: PrivateKey, allowed_by: int) -> int:
        """Return the private key's handle; handles end with the login, so none is kept.

        Of several keys with one id it is one that its flag lets do what is wanted.
        """
        kind, of_type = c_ulong(_CKO_PRIVATE_KEY), c_ulong(key.type)
        identity = ctypes.create_string_buffer(key.id, len(key.id))
        template = (_TypeAndValue * 3)(
            _attribute(_CKA_CLASS, kind),
            _attribute(_CKA_KEY_TYPE, of_type),
            _attribute(_CKA_ID, identity),
        )
        handles, count = (c_ulong * MAX_KEYS_PER_ID)(), c_ulong()
        self._call("C_FindObjectsInit", session, template, len(template))
        self._call("C_FindObjects", session, handles, len(handles), byref(count))
        self._call("C_FindObjectsFinal", session)
        found = handles[: min(count.value, MAX_KEYS_PER_ID)]
        if len(found) > 1:
            found = [handle for handle in found if self._is_set(session, handle, allowed_by)]
        if not found:
            raise NoSuchKeyError
        return found[0]

    def _is_set(self, session: int, handle: int, flag: int) -> bool:
        """Whether a key has a flag; a module that does not know the attribute says no."""
        value = c_ubyte()
        attribute = _attribute(flag, value)
        code = self._functions["C_GetAttributeValue"](session, handle, byref(attribute), 1)
        return code == 0 and value.value != 0


def _attribute(kind: int, value: "ctypes._CData") -> _TypeAndValue:
    """Return CK_ATTRIBUTE for a value that the caller keeps alive."""
    return _TypeAndValue(kind, ctypes.addressof(value), ctypes.sizeof(value))


def _text(padded: "ctypes.Array[c_ubyte]") -> str:
    """Return a blank-padded text field; some modules pad with NUL."""
    return bytes(padded).split(b"\0")[0].decode("utf-8", "replace").strip()
