"""The sockets: a raw head is judged before aiohttp sees it, then frames go to a conversation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from signet_protocol.messages import MAX_MESSAGE_BYTES
from signet_simulator.conversation import Conversation
from signet_simulator.gate import MAX_HEAD_BYTES, HeadError, Refusal, judge_head

HEAD_DEADLINE_S = 10.0
"""From the first octet to the blank line, as the contract says."""

CLOSE_DEADLINE_S = 2.0
"""How long a page may take to answer our closing frame."""

_FIRST_REFUSED_SIZE = MAX_MESSAGE_BYTES + 1
"""The library names the size it refuses, not the last one it takes."""

_END = b"\r\n\r\n"

Converse = Callable[[str, Callable[[str], Awaitable[None]], Callable[[], None]], Conversation]
"""Begins a conversation with an origin; it may send a text, and hang up without a word."""


class _Request(web.BaseRequest):
    """A request whose answer carries no banner."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)
        response.headers.popall("Date", None)


class _Connection(web.RequestHandler):
    """One connection: its head, then aiohttp's WebSocket."""

    __slots__ = ("_buffer", "_deadline", "_pages", "_passed", "origin")

    def __init__(self, pages: "PageServer", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(pages, loop=loop, access_log=None)  # type: ignore[arg-type]  # none
        self._pages = pages
        self._buffer = bytearray()
        self._deadline: asyncio.TimerHandle | None = None
        self._passed = False
        self.origin = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head; aiohttp hears of the connection when it has passed."""
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell aiohttp only of what it knew."""
        self._stop_waiting()
        if self._passed:
            super().connection_lost(exc)
        self.transport = None

    def eof_received(self) -> None:
        """Take a half-closed connection as a closed one."""
        if self._passed:
            super().eof_received()

    def data_received(self, data: bytes) -> None:
        """Collect and judge the head; everything behind it is aiohttp's."""
        if self._passed:
            super().data_received(data)
            return
        if self._deadline is None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(
                self._pages.head_deadline_s, self._refuse, Refusal.TIMEOUT
            )
        self._buffer += data
        end = self._buffer.find(_END)
        if end > MAX_HEAD_BYTES or (end < 0 and len(self._buffer) > MAX_HEAD_BYTES):
            self._refuse(Refusal.HEAD_TOO_LARGE)
        elif end >= 0:
            self._judge(bytes(self._buffer[:end]))

    def _judge(self, head: bytes) -> None:
        try:
            rest = len(self._buffer) - len(head) - len(_END)
            self.origin = judge_head(head, rest, self._pages.port, self._pages.origins)
        except HeadError as error:
            self._refuse(error.refusal, error.origin)
            return
        self._stop_waiting()
        self._passed = True
        assert self.transport is not None  # noqa: S101 -- data came through it
        super().connection_made(self.transport)
        super().data_received(bytes(self._buffer))

    def _refuse(self, refusal: Refusal, origin: str = "") -> None:
        self._stop_waiting()
        self._pages.note_refusal(refusal, origin)
        if self.transport is not None:
            self.transport.write(refusal.answer)
            self.transport.close()
            self.transport = None

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()


class PageServer(web.Server):
    """Makes the protocol of every connection on one port."""

    def __init__(
        self,
        port: int,
        origins: frozenset[str],
        converse: Converse,
        note_refusal: Callable[[Refusal, str], None],
        head_deadline_s: float = HEAD_DEADLINE_S,
    ) -> None:
        """Fix the port, who may speak, and what happens then."""
        super().__init__(self._serve, request_factory=self._make_request, handler_cancellation=True)
        self.port = port
        self.origins = origins
        self.note_refusal = note_refusal
        self.head_deadline_s = head_deadline_s
        self._converse = converse
        self._open: set[web.WebSocketResponse] = set()

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return _Connection(self, asyncio.get_running_loop())

    async def say_goodbye(self) -> None:
        """Close every conversation: the simulator goes away (code 1001)."""
        closing = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._open]
        await asyncio.gather(*closing)
        await self.shutdown(CLOSE_DEADLINE_S)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Hold one conversation until either side closes."""
        socket = web.WebSocketResponse(
            compress=False, max_msg_size=_FIRST_REFUSED_SIZE, timeout=CLOSE_DEADLINE_S
        )
        await socket.prepare(request)
        connection = cast("_Connection", request.protocol)
        transport = connection.transport
        assert transport is not None  # noqa: S101 -- the handshake went through it
        conversation = self._converse(connection.origin, socket.send_str, transport.abort)
        self._open.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await conversation.receive(message.data)
                elif not await conversation.receive_piece(message.data):
                    await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            # Also on a reset, which arrives as a cancellation: nothing may be awaited before this.
            conversation.end()
            self._open.discard(socket)
        return socket

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[Any]",
    ) -> web.BaseRequest:
        return _Request(message, payload, protocol, writer, task, asyncio.get_running_loop())
