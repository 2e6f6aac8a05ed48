"""The frames of a page, judged before the WebSocket library sees them (RFC 6455, section 5).

The library takes frames without a mask, close codes that stand for nothing, and a new message
inside one that began with an empty fragment. A browser sends none of these; whoever does is no
page, so the conversation ends. Pure: octets in, octets out.
"""

from enum import IntEnum

PROTOCOL_ERROR_CLOSE = b"\x88\x02\x03\xea"
"""A server's closing frame with code 1002, "protocol error" (section 7.4.1)."""

_MAX_CONTROL_BYTES = 125
"""Section 5.5."""

_LENGTH_BYTES = {126: 2, 127: 8}
"""What follows when the seven bits of the length say one of these (section 5.2)."""

_MIN_LENGTH = {126: 126, 127: 2**16}
"""The shortest form of a length must be used (section 5.2)."""

_MAX_LENGTH = 2**63
"""The first bit of a length of eight octets must be zero (section 5.2)."""

_START_BYTES = 2
"""Opcode and flags, mask bit and the seven bits of the length; they tell how long the head is."""

_MASK_BYTES = 4
_CODE_BYTES = 2
_CLOSE_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))
"""What may stand in a frame: the registered codes, and those of libraries and applications."""


class _Opcode(IntEnum):
    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


_OPCODES = frozenset(_Opcode)


class FrameError(Exception):
    """A frame that no client may send; the connection ends with 1002."""


class ClientFrames:
    """Follows one connection's frames from head to head."""

    def __init__(self) -> None:
        """Start between two frames and outside any message."""
        self._head = bytearray()
        self._wanted = _START_BYTES
        self._left = 0
        self._in_message = False

    def admit(self, data: bytes) -> bytes:
        """Return what the library may have now; a head is kept back until it is whole and judged.

        Raises:
            FrameError: nothing of this connection may be read any more.
        """
        admitted, at = bytearray(), 0
        while at < len(data):
            if self._left:
                part = data[at : at + self._left]
                self._left -= len(part)
                admitted += part
            else:
                part = data[at : at + self._wanted - len(self._head)]
                self._head += part
                if len(self._head) == self._wanted:
                    admitted += self._judge()
            at += len(part)
        return bytes(admitted)

    def _judge(self) -> bytes:
        """Judge a head as far as it has come; return it once it is whole."""
        if self._wanted == _START_BYTES:
            self._judge_start()
            return b""
        self._left = self._judge_rest()
        whole = bytes(self._head)
        self._head.clear()
        self._wanted = _START_BYTES
        return whole

    def _judge_start(self) -> None:
        """Judge the first two octets, and learn how many belong to this head."""
        first, second = self._head
        opcode, length = first & 0x0F, second & 0x7F
        if opcode not in _OPCODES or first & 0x70 or not second & 0x80:
            raise FrameError("an unknown kind of frame, a reserved bit, or no mask")
        final, closes = bool(first & 0x80), opcode == _Opcode.CLOSE
        if opcode < _Opcode.CLOSE:
            if (opcode == _Opcode.CONTINUATION) is not self._in_message:
                raise FrameError("a continuation of nothing, or a message inside another")
            self._in_message = not final
        elif not final or length > _MAX_CONTROL_BYTES or (closes and length == 1):
            raise FrameError("a control frame in parts, too long, or with half a code")
        self._wanted += _LENGTH_BYTES.get(length, 0) + _MASK_BYTES
        if closes and length:
            self._wanted += _CODE_BYTES

    def _judge_rest(self) -> int:
        """Judge length and close code; return how many octets follow the head."""
        head, short = self._head, self._head[1] & 0x7F
        after_length = _START_BYTES + _LENGTH_BYTES.get(short, 0)
        length = short
        if short in _LENGTH_BYTES:
            length = int.from_bytes(head[_START_BYTES:after_length], "big")
        if not _MIN_LENGTH.get(short, 0) <= length < _MAX_LENGTH:
            raise FrameError("a length in another form than the shortest")
        mask, masked = head[after_length:][:_MASK_BYTES], head[after_length + _MASK_BYTES :]
        if not masked:
            return length
        code = int.from_bytes(bytes(m ^ c for m, c in zip(mask, masked, strict=False)), "big")
        if not any(code in codes for codes in _CLOSE_CODES):
            raise FrameError("a close code that stands for nothing")
        return length - _CODE_BYTES
