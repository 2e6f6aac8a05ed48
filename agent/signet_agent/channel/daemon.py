"""The daemon's half of a channel: asyncio streams over a socket pair."""

import asyncio
from typing import Generic, TypeVar

from signet_agent.channel.frames import (
    HEADER,
    FrameError,
    body_length,
    decode_body,
    encode_frame,
)
from signet_agent.errors import RoomError

MessageT = TypeVar("MessageT")


class RoomChannel(Generic[MessageT]):
    """Messages to and from one room; ``kind`` is what the room may answer."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        kind: object,
    ) -> None:
        """Take over the connected streams."""
        self._reader = reader
        self._writer = writer
        self._kind = kind

    async def send(self, message: object) -> None:
        """Send one message; waits while the room does not read.

        Raises:
            RoomError: the room is gone, or the message is larger than a frame.
        """
        try:
            self._writer.write(encode_frame(message))
            await self._writer.drain()
        except (OSError, FrameError) as error:
            raise RoomError(str(error)) from error

    async def receive(self) -> MessageT:
        """Wait for the room's next message.

        Raises:
            RoomError: the room ended or broke the form of the channel.
        """
        try:
            header = await self._reader.readexactly(HEADER.size)
            body = await self._reader.readexactly(body_length(header))
            message: MessageT = decode_body(body, self._kind)
        except (OSError, FrameError, asyncio.IncompleteReadError) as error:
            raise RoomError(str(error)) from error
        return message

    def close(self) -> None:
        """Hang up: the room reads the end and ends itself."""
        self._writer.close()
