"""WebSocket frames made and read by hand, so that a test can send wrong ones (RFC 6455, 5.2)."""

import asyncio
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

_MASK = bytes((0x11, 0x22, 0x33, 0x44))
"""Fixed: a test's frames are the same octets in every run."""


class ServerFrame(NamedTuple):
    """A frame as the server sent it: first octet, whether it was masked, payload."""

    first: int
    masked: bool
    payload: bytes

    @property
    def opcode(self) -> int:
        """What kind of frame it is."""
        return self.first & 0x0F

    @property
    def reserved(self) -> int:
        """The three reserved bits; none may be set where no extension was negotiated."""
        return self.first & 0x70


def masked_frame(
    opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0
) -> bytes:
    """Return a frame as a client sends it: masked, its length in the shortest form.

    ``reserved`` are the bits 0x40, 0x20 and 0x10, which a client without extensions never sets.
    """
    size = len(payload)
    if size < 126:
        length = bytes((0x80 | size,))
    elif size < 2**16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    # One long number instead of a loop: messages of half a megabyte are usual here.
    pad = int.from_bytes((_MASK * (size // 4 + 1))[:size], "big")
    masked = (int.from_bytes(payload, "big") ^ pad).to_bytes(size, "big")
    return bytes((final << 7 | reserved | opcode,)) + length + _MASK + masked


def closing_frame(code: int, reason: bytes = b"") -> bytes:
    """Return a client's closing frame."""
    return masked_frame(CLOSE, code.to_bytes(2, "big") + reason)


async def read_frame(reader: asyncio.StreamReader) -> ServerFrame:
    """Return the next frame of a server.

    Raises:
        asyncio.IncompleteReadError: it hung up.
    """
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    masked = bool(second & 0x80)
    return ServerFrame(first, masked, await reader.readexactly(size + 4 * masked))
