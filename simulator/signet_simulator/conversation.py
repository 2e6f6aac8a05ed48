"""One page's conversation: a reader, and a task for every call (PROTOCOL.md, section 3)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from signet_protocol.codec import (
    decode_request,
    encode_error,
    encode_progress,
    encode_received,
    encode_result,
)
from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import (
    AuditMark,
    Call,
    Cancel,
    CancelResult,
    Hello,
    HelloResult,
    Progress,
    ProgressState,
    Received,
    Request,
    RequestId,
    Result,
    decode_piece,
)
from signet_simulator.errors import CallEndedError
from signet_simulator.session import Session
from signet_simulator.uploads import Uploads, is_acknowledged

_log = logging.getLogger(__name__)

Report = Callable[[ProgressState], None]
"""Told how far a call has come."""


class VanishError(Exception):
    """The script wants the connection to break in the middle of a call."""


@dataclass(frozen=True, eq=False)
class Asker:
    """One connection of a site; two of one site are two askers."""

    origin: str


class Way(Protocol):
    """What lies behind a conversation; the whole simulator, or a test's own."""

    @property
    def uploads(self) -> Uploads:
        """Return the documents that arrive in pieces."""
        ...

    def greet(self, asker: Asker, hello: Hello) -> HelloResult:
        """Answer a greeting."""
        ...

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        """Carry out a call; ``CallEndedError`` or ``VanishError`` when it ends otherwise."""
        ...

    def mark(self) -> AuditMark:
        """Return where the log stands."""
        ...

    def refused(self, asker: Asker, code: ErrorCode) -> None:
        """Hear of a message that was refused before it became a call."""
        ...


class Conversation:
    """Reads a page's texts and pieces, answers each request once, and ends with the page."""

    def __init__(
        self,
        way: Way,
        origin: str,
        send: Callable[[str], Awaitable[None]],
        hang_up: Callable[[], None],
    ) -> None:
        """Begin with a page that the gate let through."""
        self._way = way
        self._asker = Asker(origin)
        self._send = send
        self._hang_up = hang_up
        self._session = Session()
        self._tasks: dict[RequestId, asyncio.Task[None]] = {}

    async def receive(self, text: str) -> None:
        """Take one text in; a call goes on in a task of its own."""
        try:
            request = decode_request(text)
            self._session.accept(request)
        except ProtocolError as error:
            # An id that is under way belongs to its call: no other message is answered under it.
            taken = self._session.is_under_way(error.request_id)
            request_id = None if taken else error.request_id
            self._way.refused(self._asker, error.code)
            await self._write(encode_error(request_id, error.code, self._way.mark(), error.detail))
            return
        if isinstance(request.call, Hello):
            await self._finish(request.id, self._way.greet(self._asker, request.call))
        elif isinstance(request.call, Cancel):
            await self._finish(request.id, self._cancel(request.call))
        else:
            self._tasks[request.id] = asyncio.ensure_future(self._answer(request))
            # A task that is cancelled before its first step never runs, and would never answer.
            await asyncio.sleep(0)

    async def receive_piece(self, frame: bytes) -> bool:
        """Take a binary frame; ``False`` unless it is the next piece of an upload."""
        try:
            piece = decode_piece(frame)
        except ValueError:
            return False
        arriving = self._way.uploads.receive(self._asker, piece)
        if arriving is None:
            return False
        if is_acknowledged(piece.offset, arriving):
            await self._write(encode_received(Received(arriving.id, arriving.received)))
        return True

    def end(self) -> None:
        """The page is gone: stop everything; nothing is answered any more."""
        self._session.close()
        self._way.uploads.leave(self._asker)
        for task in list(self._tasks.values()):
            task.cancel()

    async def _answer(self, request: Request) -> None:
        """Perform one call and write its one answer, behind all of its progress."""
        progress: dict[ProgressState, asyncio.Task[None]] = {}
        result: Result | ErrorCode | None = None
        try:
            report = self._reporter(request.id, progress)
            result = await self._way.perform(self._asker, request.call, report)
        except CallEndedError as error:
            result = error.code
        except VanishError:
            self._hang_up()
        except asyncio.CancelledError:
            result = ErrorCode.PAGE_CANCELLED
        except Exception:  # noqa: BLE001 -- the edge: a page gets one answer whatever happens
            _log.exception("a call ended in an unforeseen error")
            result = ErrorCode.AGENT_FAULT
        # From here on a cancel comes too late.
        self._tasks.pop(request.id, None)
        await asyncio.gather(*progress.values())
        if isinstance(result, ErrorCode):
            await self._fail(request.id, result)
        elif result is not None:
            await self._finish(request.id, result)

    def _reporter(
        self, request_id: RequestId, progress: dict[ProgressState, asyncio.Task[None]]
    ) -> Report:
        """Return what sends progress without making the way wait for the page, each state once."""

        def report(state: ProgressState) -> None:
            if state not in progress:
                text = encode_progress(Progress(request_id, state))
                progress[state] = asyncio.ensure_future(self._write(text))

        return report

    def _cancel(self, call: Cancel) -> CancelResult:
        task = self._tasks.get(call.call)
        return CancelResult(task is not None and task.cancel())

    async def _finish(self, request_id: RequestId, result: Result) -> None:
        if self._session.finish(request_id):
            await self._write(encode_result(request_id, result, self._way.mark()))

    async def _fail(self, request_id: RequestId, code: ErrorCode) -> None:
        if self._session.finish(request_id):
            await self._write(encode_error(request_id, code, self._way.mark()))

    async def _write(self, text: str) -> None:
        try:
            await self._send(text)
        except OSError:
            # The page hung up before our word; its reader ends this.
            self._session.close()
