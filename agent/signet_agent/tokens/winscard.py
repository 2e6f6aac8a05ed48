"""PC/SC, the system's way to smart cards, by the functions that every system has for it.

The calls of PC/SC part 5 as pcsc-lite and Windows offer them, a dozen of them and nothing above
them: what is transmitted may be a PIN, and goes from the caller's own buffer to the card service.
"""

import ctypes
import sys
from collections.abc import Iterable, Sequence
from ctypes import Structure, byref, c_char_p, c_long, c_size_t, c_ubyte, c_ulong, c_void_p
from functools import lru_cache
from typing import NamedTuple

PNP_NOTIFICATION = "\\\\?PnP?\\Notification"
"""The reader that stands for "a reader was plugged in or out"."""

MAX_READERS = 32
"""Twice what pcsc-lite serves."""

MAX_RESPONSE_BYTES = 65536 + 2
"""An extended response and its status (ISO 7816-4, section 5.1)."""

STATE_CHANGED = 0x0002
STATE_PRESENT = 0x0020
STATE_MUTE = 0x0200

E_CANCELLED = 0x8010_0002
E_TIMEOUT = 0x8010_000A
E_SHARING_VIOLATION = 0x8010_000B
E_NO_SERVICE = 0x8010_001D
E_SERVICE_STOPPED = 0x8010_001E
E_NO_READERS = 0x8010_002E
W_RESET_CARD = 0x8010_0068

INFINITE = 0xFFFF_FFFF

_SCOPE_SYSTEM = 2
_SHARE_EXCLUSIVE, _SHARE_SHARED = 1, 2
_PROTOCOLS = 1 | 2
"""T=0 and T=1 (ISO 7816-3)."""
_LEAVE_CARD, _RESET_CARD = 0, 1
_ERROR_BITS = 0xFFFF_FFFF

_ON_WINDOWS = sys.platform == "win32"
_LIBRARY = "winscard.dll" if _ON_WINDOWS else "libpcsclite.so.1"
_MAX_ATR = 36 if _ON_WINDOWS else 33
_SUFFIX = "A" if _ON_WINDOWS else ""
"""Windows has functions with reader names in octets and in wide characters."""


class PcscError(Exception):
    """A call did not return SCARD_S_SUCCESS.

    Attributes:
        code: the return value, as 32 bits without sign.
    """

    def __init__(self, function: str, code: int) -> None:
        """Keep which function, and its return value."""
        super().__init__(f"{function} 0x{code:08x}")
        self.code = code


class _ReaderState(Structure):
    _fields_ = (
        ("reader", c_char_p),
        ("user_data", c_void_p),
        ("current", c_ulong),
        ("event", c_ulong),
        ("atr_length", c_ulong),
        ("atr", c_ubyte * _MAX_ATR),
    )


class _RequestHeader(Structure):
    """SCARD_IO_REQUEST: the protocol, and the structure's own size."""

    _fields_ = (("protocol", c_ulong), ("size", c_ulong))


_FUNCTIONS: dict[str, tuple[type, ...]] = {
    "SCardEstablishContext": (c_ulong, c_void_p, c_void_p, c_void_p),
    "SCardReleaseContext": (c_size_t,),
    "SCardCancel": (c_size_t,),
    "SCardListReaders": (c_size_t, c_char_p, c_void_p, c_void_p),
    "SCardGetStatusChange": (c_size_t, c_ulong, c_void_p, c_ulong),
    "SCardConnect": (c_size_t, c_char_p, c_ulong, c_ulong, c_void_p, c_void_p),
    "SCardDisconnect": (c_size_t, c_ulong),
    "SCardReconnect": (c_size_t, c_ulong, c_ulong, c_ulong, c_void_p),
    "SCardBeginTransaction": (c_size_t,),
    "SCardEndTransaction": (c_size_t, c_ulong),
    "SCardControl": (c_size_t, c_ulong, c_void_p, c_ulong, c_void_p, c_ulong, c_void_p),
    "SCardTransmit": (c_size_t, c_void_p, c_void_p, c_ulong, c_void_p, c_void_p, c_void_p),
}
"""Parameters by name; every function returns a LONG."""

_WITH_NAMES = frozenset({"SCardListReaders", "SCardGetStatusChange", "SCardConnect"})


class ReaderState(NamedTuple):
    """A reader as it was seen; ``event`` is the raw state that the next wait compares with."""

    reader: str
    event: int
    atr: bytes

    @property
    def insertion(self) -> int:
        """Return a number that changes whenever a card comes or goes; negative without a card."""
        count = self.event >> 16
        return count if self.present else -1 - count

    @property
    def present(self) -> bool:
        """Whether a card that answers sits in it."""
        return self.event & STATE_PRESENT != 0 and self.event & STATE_MUTE == 0


@lru_cache(1)
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    for name, parameters in _FUNCTIONS.items():
        function = library[name + _SUFFIX if name in _WITH_NAMES else name]
        function.argtypes, function.restype = parameters, c_long
        setattr(library, name, function)
    return library


def _call(function: str, *arguments: object) -> None:
    code = getattr(_library(), function)(*arguments) & _ERROR_BITS
    if code:
        raise PcscError(function, code)


class CardService:
    """A connection to the system's card service (a PC/SC context); for one thread.

    Only ``cancel`` may be called from another thread.
    """

    def __init__(self) -> None:
        """Connect to the service.

        Raises:
            PcscError: it does not run (SCARD_E_NO_SERVICE).
            OSError: its library is not installed.
        """
        context = c_size_t()
        _call("SCardEstablishContext", _SCOPE_SYSTEM, None, None, byref(context))
        self._context = context.value

    def close(self) -> None:
        """Release the context; a service that is gone has released it already."""
        _library().SCardReleaseContext(self._context)

    def cancel(self) -> None:
        """End a wait for changes that another thread is in."""
        _library().SCardCancel(self._context)

    def readers(self) -> tuple[str, ...]:
        """Return the names of the readers, at most ``MAX_READERS``.

        Raises:
            PcscError: the service is gone.
        """
        size = c_ulong()
        try:
            _call("SCardListReaders", self._context, None, None, byref(size))
            names = ctypes.create_string_buffer(size.value)
            _call("SCardListReaders", self._context, None, names, byref(size))
        except PcscError as error:
            if error.code == E_NO_READERS:
                return ()
            raise
        found = names.raw[: size.value].split(b"\0")
        return tuple(name.decode("utf-8", "replace") for name in found if name)[:MAX_READERS]

    def look(self, readers: Iterable[str]) -> tuple[ReaderState, ...]:
        """Return how readers are now, without waiting.

        Raises:
            PcscError: a reader is gone, or the service is.
        """
        return self.wait([ReaderState(reader, 0, b"") for reader in readers], 0)

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> tuple[ReaderState, ...]:
        """Wait until a reader is no longer as it is known; return how all are now.

        Raises:
            PcscError: SCARD_E_CANCELLED after ``cancel``; a reader or the service is gone.
        """
        states = (_ReaderState * len(known))()
        for state, before in zip(states, known, strict=True):
            state.reader = before.reader.encode()
            state.current = before.event & ~STATE_CHANGED
        try:
            _call("SCardGetStatusChange", self._context, timeout_ms, states, len(known))
        except PcscError as error:
            if error.code != E_TIMEOUT:
                raise
        return tuple(
            ReaderState(
                before.reader,
                state.event & ~STATE_CHANGED,
                bytes(state.atr[: min(state.atr_length, _MAX_ATR)]),
            )
            for state, before in zip(states, known, strict=True)
        )

    def connect(self, reader: str, *, exclusive: bool = False) -> "CardConnection":
        """Return a connection to the card in a reader.

        Raises:
            PcscError: there is no card, or another program holds it
                (SCARD_E_SHARING_VIOLATION).
        """
        card, protocol = c_size_t(), c_ulong()
        share = _SHARE_EXCLUSIVE if exclusive else _SHARE_SHARED
        place = (self._context, reader.encode(), share, _PROTOCOLS)
        _call("SCardConnect", *place, byref(card), byref(protocol))
        return CardConnection(card.value, protocol.value, share)


class CardConnection:
    """A connection to a card; it ends with ``disconnect``."""

    def __init__(self, card: int, protocol: int, share: int) -> None:
        """Take over a handle that ``CardService.connect`` was given."""
        self._card = card
        self._header = _RequestHeader(protocol, ctypes.sizeof(_RequestHeader))
        self._share = share

    def begin(self) -> None:
        """Have the card alone until ``disconnect``; waits while another program has it.

        Raises:
            PcscError: the card was pulled or reset.
        """
        _call("SCardBeginTransaction", self._card)

    def transmit(self, command: bytes | bytearray) -> bytes:
        """Return the card's answer to one command, with its status at the end.

        A ``bytearray`` is handed over in place: no copy of it is made here.

        Raises:
            PcscError: the card was pulled or reset, or another program has it alone.
        """
        length = c_ulong(MAX_RESPONSE_BYTES)
        response = _response()
        octets: object = command
        if isinstance(command, bytearray):
            octets = (c_ubyte * len(command)).from_buffer(command)
        sent = (self._card, byref(self._header), octets, len(command))
        _call("SCardTransmit", *sent, None, response, byref(length))
        return response.raw[: length.value]

    def control(self, code: int, data: bytes) -> bytes:
        """Send a control code to the reader's driver and return its answer.

        Raises:
            PcscError: the driver does not know the code, or the card was pulled.
        """
        length, response = c_ulong(), _response()
        sent = (self._card, code, data, len(data))
        _call("SCardControl", *sent, response, MAX_RESPONSE_BYTES, byref(length))
        return response.raw[: length.value]

    def reset(self) -> None:
        """Reset the card: whatever was verified is verified no longer. Ends the transaction.

        Raises:
            PcscError: the card was pulled.
        """
        protocol = c_ulong()
        _call("SCardReconnect", self._card, self._share, _PROTOCOLS, _RESET_CARD, byref(protocol))

    def disconnect(self, *, reset: bool) -> None:
        """End transaction and connection; with ``reset`` no login is left on the card.

        It raises nothing: a card that was pulled is neither connected nor logged in.
        """
        after = _RESET_CARD if reset else _LEAVE_CARD
        _library().SCardEndTransaction(self._card, _LEAVE_CARD)
        _library().SCardDisconnect(self._card, after)


@lru_cache(1)
def _response() -> "ctypes.Array[ctypes.c_char]":
    """Return the one buffer for responses: cards answer one thread, one command at a time."""
    return ctypes.create_string_buffer(MAX_RESPONSE_BYTES)
