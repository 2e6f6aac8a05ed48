"""The daemon's half of a channel: an asyncio protocol over a socket pair.

Each message goes to whoever has waited longest. It does without asyncio's streams: they take a
fresh quarter of a megabyte for every read and several turns of the loop for every frame, and one
signature crosses the channels a dozen times.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from signet_agent.channel.frames import (
    HEADER,
    BodyReader,
    FrameError,
    body_length,
    encode_frame,
)
from signet_agent.errors import RoomError

MessageT = TypeVar("MessageT")

READ_BYTES = 64 * 1024
"""What one read may bring; usual answers have a few hundred octets."""


class RoomChannel(asyncio.BufferedProtocol, Generic[MessageT]):
    """Messages to and from one room; ``kind`` is what the room may answer."""

    def __init__(self, kind: object) -> None:
        """Fix what may come in; ``connection_made`` brings the connection."""
        self._bodies: BodyReader[MessageT] = BodyReader(kind)
        self._transport: asyncio.Transport
        self._buffer = bytearray(READ_BYTES)
        self._received = bytearray()
        self._inbox: deque[MessageT] = deque()
        self._waiters: deque[asyncio.Future[MessageT]] = deque()
        self._room_reads = asyncio.Event()
        self._room_reads.set()
        self._end: str | None = None
        self._unasked: type | None = None
        self._hear: Callable[[], None] | None = None

    def listen_for(self, kind: type, hear: Callable[[], None]) -> None:
        """Have ``hear`` called for each message of a kind that comes unasked, and at the end."""
        self._unasked, self._hear = kind, hear

    def write(self, message: object) -> None:
        """Send one message without waiting for the room to read it.

        Raises:
            RoomError: the room is gone, or the message is larger than a frame.
        """
        if self._end is not None:
            raise RoomError(self._end)
        try:
            self._transport.write(encode_frame(message))
        except FrameError as error:
            raise RoomError(str(error)) from error

    async def send(self, message: object) -> None:
        """Send one message; waits while the room does not read.

        Raises:
            RoomError: the room is gone, or the message is larger than a frame.
        """
        self.write(message)
        await self._room_reads.wait()
        if self._end is not None:
            raise RoomError(self._end)

    def next_message(self) -> "asyncio.Future[MessageT]":
        """Return the next message to come, as a future.

        It ends in a ``RoomError`` when the room ended or broke the form of the channel. A future
        that is cancelled stands for its message all the same: nobody else gets that one.
        """
        waiter: asyncio.Future[MessageT] = asyncio.get_running_loop().create_future()
        if self._inbox:
            waiter.set_result(self._inbox.popleft())
            if not self._inbox and self._end is None:
                self._transport.resume_reading()
        elif self._end is not None:
            waiter.set_exception(RoomError(self._end))
        else:
            self._waiters.append(waiter)
        return waiter

    async def receive(self) -> MessageT:
        """Wait for the room's next message.

        Raises:
            RoomError: the room ended or broke the form of the channel.
        """
        return await self.next_message()

    def close(self) -> None:
        """Hang up: the room reads the end and ends itself."""
        self._finish("the channel was closed")
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the connected socket."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits that the room is gone."""
        self._finish(str(exc or "the room ended"))

    def pause_writing(self) -> None:
        """Have ``send`` wait: the room does not read."""
        self._room_reads.clear()

    def resume_writing(self) -> None:
        """Let ``send`` go on."""
        self._room_reads.set()

    def get_buffer(self, sizehint: int) -> bytearray:
        """Return where the next octets go."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take octets in and hand out the messages that are complete."""
        self._received += memoryview(self._buffer)[:nbytes]
        try:
            while (body := self._take_body()) is not None:
                self._deliver(self._bodies.read(body))
        except FrameError as error:
            self._finish(str(error))
            self._transport.abort()

    def _take_body(self) -> bytes | None:
        """Return the next body if it is complete; a giant is refused from its length alone."""
        received = self._received
        if self._end is not None or len(received) < HEADER.size:
            return None
        end = HEADER.size + body_length(bytes(received[: HEADER.size]))
        if len(received) < end:
            return None
        body = bytes(memoryview(received)[HEADER.size : end])
        del received[:end]
        return body

    def _deliver(self, message: MessageT) -> None:
        """Hand a message to the oldest waiter; one that nobody waits for stops the reading."""
        if self._hear is not None and self._unasked is type(message):
            self._hear()
            return
        if not self._waiters:
            self._inbox.append(message)
            self._transport.pause_reading()
            return
        waiter = self._waiters.popleft()
        if not waiter.done():
            waiter.set_result(message)

    def _finish(self, why: str) -> None:
        """End the conversation once; whoever waits hears why."""
        if self._end is not None:
            return
        self._end = why
        self._room_reads.set()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(RoomError(why))
        self._waiters.clear()
        if self._hear is not None:
            self._hear()
