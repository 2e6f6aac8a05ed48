"""One page's conversation over any transport: one reader, and a task for every call."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from signet_agent.daemon.dispatcher import Dispatcher, Report
from signet_agent.daemon.operations.base import Asker
from signet_agent.daemon.session import Session, State
from signet_agent.daemon.uploads import PieceRefusedError, Uploads
from signet_agent.errors import AgentError
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
    Upload,
    decode_piece,
)

_log = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]
"""Writes one text to the page; may fail with OSError when the page is gone."""


class Service:
    """What every conversation shares: the way, the uploads, the log's mark, the greeting."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        uploads: Uploads,
        mark: Callable[[], AuditMark],
        offers: Callable[[str], HelloResult],
        greeted: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        """Take the parts; ``greeted`` hears of every allowed hello, ``changed`` of every step."""
        self.dispatcher = dispatcher
        self.uploads = uploads
        self.mark = mark
        self.offers = offers
        self.greeted = greeted
        self.changed = changed


class Conversation:
    """Reads a page's texts, answers each request exactly once, and ends with the page."""

    def __init__(
        self, service: Service, asker: Asker, send: Send, state: State = State.GREETING
    ) -> None:
        """Start a conversation with the page that the gate let through."""
        self._service = service
        self._asker = asker
        self._send = send
        self._session = Session(state)
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
            mark = self._service.mark()
            await self._write(encode_error(request_id, error.code, mark, error.detail))
            return
        if isinstance(request.call, Hello):
            self._service.greeted()
            await self._finish(request.id, self._service.offers(self._asker.origin))
        elif isinstance(request.call, Cancel):
            await self._finish(request.id, self._cancel(request.call))
        else:
            task = asyncio.ensure_future(self._answer(request))
            # Registered before it first runs, so that a cancel can never miss it.
            self._tasks[request.id] = task
            task.add_done_callback(lambda _: self._tasks.pop(request.id, None))
            # A task that is cancelled before its first step never runs, and would never answer.
            await asyncio.sleep(0)

    async def receive_piece(self, frame: bytes) -> bool:
        """Take one binary frame in, and return whether the conversation may go on."""
        try:
            piece = decode_piece(frame)
            octets = await self._service.uploads.take(self, piece)
        except (ValueError, PieceRefusedError):
            return False
        if octets is not None:
            await self._write(encode_received(Received(piece.upload, octets)))
        return True

    async def settle(self) -> None:
        """Wait until every call has been answered."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def end(self) -> None:
        """The page is gone: stop everything; nothing is answered any more."""
        self._session.close()
        self._service.uploads.leave(self)
        for task in list(self._tasks.values()):
            task.cancel()

    async def _answer(self, request: Request) -> None:
        """Perform one call and write its one answer."""
        report = self._reporter(request.id)
        try:
            result = await self._perform(request.call, report)
        except AgentError as error:
            _log.info("%s: %s %s", self._asker.origin, error.code, error.detail)
            await self._fail(request.id, error.code)
        except asyncio.CancelledError:
            await self._fail(request.id, ErrorCode.PAGE_CANCELLED)
        except Exception:  # noqa: BLE001 -- the edge: a page gets one answer whatever happens
            _log.exception("a call ended in an unforeseen error")
            await self._fail(request.id, ErrorCode.AGENT_FAULT)
        else:
            await self._finish(request.id, result)
        finally:
            self._service.changed()

    async def _perform(self, call: Call, report: Report) -> Result:
        """Have a call carried out; octets are taken in here, everything else goes the way."""
        if not isinstance(call, Upload):
            return await self._service.dispatcher.perform(self._asker, call, report)
        self._service.dispatcher.admit_upload(self._asker)
        uploads = self._service.uploads
        return await uploads.begin(self._asker.origin, self, call.size, call.resume)

    def _reporter(self, request_id: RequestId) -> Report:
        """Return what sends progress without making the way wait for the page.

        Each state is told once: a page must not be able to count PIN tries.
        """
        told: set[ProgressState] = set()

        def report(state: ProgressState) -> None:
            self._service.changed()
            if state not in told and self._session.state is State.READY:
                told.add(state)
                text = encode_progress(Progress(request_id, state))
                task = asyncio.ensure_future(self._write(text))
                task.add_done_callback(lambda done: done.exception())

        return report

    def _cancel(self, call: Cancel) -> CancelResult:
        task = self._tasks.get(call.call)
        return CancelResult(task is not None and task.cancel())

    async def _finish(self, request_id: RequestId, result: Result) -> None:
        if self._session.finish(request_id):
            await self._write(encode_result(request_id, result, self._service.mark()))

    async def _fail(self, request_id: RequestId, code: ErrorCode) -> None:
        if self._session.finish(request_id):
            await self._write(encode_error(request_id, code, self._service.mark()))

    async def _write(self, text: str) -> None:
        try:
            await self._send(text)
        except OSError:
            # The page hung up between our decision and our word; its reader ends this.
            _log.debug("a page left before its answer")
