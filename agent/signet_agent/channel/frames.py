"""Frames: four octets of length, big-endian, then one msgpack message of a known type.

Both halves share this file; it does no waiting. A reader refuses a frame from its length alone.
"""

import struct
from typing import Generic, TypeVar

import msgspec

MessageT = TypeVar("MessageT")

MAX_FRAME_BYTES = 1024 * 1024
"""A document of the largest inline size with its preview fits three times over."""

HEADER = struct.Struct(">I")


class FrameError(Exception):
    """The other side broke the form of the channel; it is not spoken to again."""


def encode_frame(message: object) -> bytes:
    """Return header and body of one message.

    Raises:
        FrameError: the message is larger than a frame may be (the sender's fault).
    """
    body = msgspec.msgpack.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        text = f"a frame of {len(body)} octets is larger than {MAX_FRAME_BYTES}"
        raise FrameError(text)
    return HEADER.pack(len(body)) + body


def body_length(header: bytes) -> int:
    """Return the announced length of a body.

    Raises:
        FrameError: more is announced than a frame may hold.
    """
    (length,) = HEADER.unpack(header)
    if length > MAX_FRAME_BYTES:
        text = f"a frame of {length} octets was announced"
        raise FrameError(text)
    return int(length)


class BodyReader(Generic[MessageT]):
    """Reads bodies of one kind, a type or union; making one costs more than reading with it."""

    def __init__(self, kind: object) -> None:
        """Fix the kind."""
        self._decoder: msgspec.msgpack.Decoder[MessageT] = msgspec.msgpack.Decoder(kind)

    def read(self, body: bytes) -> MessageT:
        """Return the message of a body, if it is one of the kind.

        Raises:
            FrameError: it is not.
        """
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            text = "a frame does not hold an expected message"
            raise FrameError(text) from error
