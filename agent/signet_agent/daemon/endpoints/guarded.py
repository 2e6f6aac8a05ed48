"""aiohttp's connection with the gate in front of its parser: one request, judged raw.

States: ``head`` (nothing may be parsed yet), ``body`` (a POST's announced octets, not one more),
``open`` (upgraded: every frame is judged). The deadline for the head runs from its first octet,
not from the accept.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Literal, cast

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from signet_agent.daemon.endpoints.acceptor import SilentPool
from signet_agent.daemon.endpoints.client_frames import (
    PROTOCOL_ERROR_CLOSE,
    ClientFrames,
    FrameError,
)
from signet_agent.daemon.gate import MAX_HEAD_BYTES, Gate, HeadError, Passage, Refusal, Wanted

HEAD_DEADLINE_S = 10.0
"""From the first octet to the blank line; a browser sends its head in one piece."""

_END = b"\r\n\r\n"

_NOISE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""No head holds these; whoever sends them is not on its way to one and need not be waited for."""

_log = logging.getLogger(__name__)

Handler = Callable[[web.BaseRequest, Passage], Awaitable[web.StreamResponse]]
"""What answers a request that passed the gate."""

RefusalNote = Callable[[str], None]
"""Told the origin of every head that was refused for its origin."""


class GuardedRequest(web.BaseRequest):
    """A request whose answer carries no banner."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        # aiohttp sets these after the handler; without an Application this is the only place.
        response.headers.popall("Server", None)
        response.headers.popall("Date", None)


class GuardedConnection(web.RequestHandler):
    """One accepted connection: head, then perhaps aiohttp."""

    __slots__ = (
        "_buffer",
        "_deadline",
        "_frames",
        "_guard",
        "_left",
        "_loop_ref",
        "_started",
        "_state",
        "passage",
    )

    def __init__(self, guard: "GuardedServer", loop: asyncio.AbstractEventLoop) -> None:
        """Take the server's settings; ``loop`` runs the deadlines."""
        super().__init__(
            guard,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # aiohttp reads None as “no access log”
            tcp_keepalive=False,
            keepalive_timeout=0,
            lingering_time=0,
        )
        self._guard = guard
        self._loop_ref = loop
        self._state: Literal["head", "body", "open", "refused"] = "head"
        self._buffer = bytearray()
        self._frames = ClientFrames()
        self._left = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._started = False
        self.passage: Passage | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait in the pool of the silent; aiohttp starts only when the head has passed."""
        self.transport = cast("asyncio.Transport", transport)
        self._guard.live += 1
        self._guard.pool.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Leave every list; aiohttp is told only if it ever knew of this connection."""
        self._forget()
        self._guard.live -= 1
        if self._started:
            super().connection_lost(exc)
        else:
            self.transport = None

    def data_received(self, data: bytes) -> None:
        """Collect and judge the head; pass on what may follow it."""
        if self._state == "open":
            self._receive_frames(data)
        elif self._state == "body":
            self._receive_body(data)
        elif self._state == "head":
            self._receive_head(data)

    def eof_received(self) -> None:
        """Take a half-closed connection as a closed one."""
        if self._started:
            super().eof_received()

    def evict(self) -> None:
        """Make room for a younger silent connection."""
        self._end()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer nothing but a status: aiohttp would write its own page, with details."""
        del request, message
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log_exception(exc_info=exc)
        return web.Response(status=status)

    def log_exception(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- aiohttp's form
        """Log what happened without the request's text."""
        del args
        _log.error("a request ended in an error", exc_info=kwargs.get("exc_info"))

    def _receive_head(self, data: bytes) -> None:
        self._buffer += data
        if not 0x41 <= self._buffer[0] <= 0x5A:  # noqa: PLR2004 -- “A” to “Z”: a method, or noise
            self._refuse(Refusal.MALFORMED)
            return
        end = self._buffer.find(_END)
        if end > MAX_HEAD_BYTES or (end < 0 and len(self._buffer) > MAX_HEAD_BYTES):
            self._refuse(Refusal.HEAD_TOO_LARGE)
        elif end >= 0:
            self._judge(end)
        elif _NOISE.search(data):
            self._refuse(Refusal.MALFORMED)
        elif self._deadline is None:
            self._deadline = self._loop_ref.call_later(
                self._guard.head_deadline_s, self._refuse, Refusal.TIMEOUT
            )

    def _judge(self, end: int) -> None:
        rest = len(self._buffer) - end - len(_END)
        try:
            passage = self._guard.gate.judge(bytes(self._buffer[:end]))
        except HeadError as error:
            if error.refusal is Refusal.ORIGIN:
                self._guard.note_refusal(error.origin)
            self._refuse(error.refusal)
            return
        if rest > passage.body_bytes:
            self._refuse(Refusal.MALFORMED)
            return
        self._forget()
        self.passage = passage
        self._state = "open" if passage.wanted is Wanted.WEBSOCKET else "body"
        self._left = passage.body_bytes - rest
        self._started = True
        data, self._buffer = bytes(self._buffer), bytearray()
        assert self.transport is not None  # noqa: S101 -- data came through it
        super().connection_made(self.transport)
        super().data_received(data)

    def _receive_body(self, data: bytes) -> None:
        """Let exactly the announced octets through: nothing may follow the one request."""
        self._left -= len(data)
        if self._left < 0:
            self._end()
        else:
            super().data_received(data)

    def _receive_frames(self, data: bytes) -> None:
        """Let a page's frames through; the first one that no page sends ends the conversation."""
        try:
            admitted = self._frames.admit(data)
        except FrameError:
            self._state = "refused"
            if self.transport is not None:
                self.transport.write(PROTOCOL_ERROR_CLOSE)
                self.transport.close()
            return
        super().data_received(admitted)

    def _refuse(self, refusal: Refusal) -> None:
        """Write the fixed answer and hang up."""
        self._forget()
        self._state = "refused"
        self._buffer = bytearray()
        if self.transport is not None:
            self.transport.write(refusal.answer)
            self.transport.close()

    def _end(self) -> None:
        self._forget()
        self._state = "refused"
        if self.transport is not None:
            self.transport.abort()

    def _forget(self) -> None:
        self._guard.pool.discard(self)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class GuardedServer(web.Server):
    """Makes guarded connections that share one gate, one pool and one handler."""

    def __init__(
        self,
        handler: Handler,
        gate: Gate,
        pool: SilentPool,
        note_refusal: RefusalNote,
        head_deadline_s: float = HEAD_DEADLINE_S,
    ) -> None:
        """Fix what every connection of this port shares."""
        super().__init__(
            self._handle,
            request_factory=self._make_request,
            handler_cancellation=True,
        )
        self.gate = gate
        self.pool = pool
        self.note_refusal = note_refusal
        self.head_deadline_s = head_deadline_s
        self.live = 0
        self._answer = handler

    def __call__(self) -> GuardedConnection:
        """Return the protocol of a new connection."""
        return GuardedConnection(self, asyncio.get_running_loop())

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = cast("GuardedConnection", request.protocol)
        assert connection.passage is not None  # noqa: S101 -- nothing else reaches the parser
        return await self._answer(request, connection.passage)

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> GuardedRequest:
        return GuardedRequest(message, payload, protocol, writer, task, asyncio.get_running_loop())
