"""The document room as the daemon uses it: started when needed, a fresh one after any trouble."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from signet_agent.channel.document_messages import (
    Bind,
    DocumentAnswer,
    DocumentFailure,
    DocumentFault,
    Finish,
    Finished,
    FormView,
    Show,
    Shown,
)
from signet_agent.channel.document_messages import Bound as BoundAnswer
from signet_agent.daemon.operations.base import Bound
from signet_agent.errors import PageError, RoomError
from signet_agent.model import Algorithm
from signet_agent.processes import Room
from signet_protocol.errors import ErrorCode

DEADLINE_S = 10.0
"""One question. A form of 500 lines takes milliseconds; a hostile one must not hold the window."""

FORMATS = ("cades-b", "gmt0010")
MEDIA_TYPES = ("text/plain", "application/json")

AnswerT = TypeVar("AnswerT")
StartRoom = Callable[[], Awaitable[Room[DocumentAnswer]]]


class DocumentRoom:
    """The real one, in its own process."""

    def __init__(self, start: StartRoom) -> None:
        """Take the way to start it; nothing runs yet."""
        self._start = start
        self._starting = asyncio.Lock()
        self._room: Room[DocumentAnswer] | None = None

    async def prepare(self) -> None:
        """Have the room running before it is needed; a greeting and a call may want it at once."""
        async with self._starting:
            if self._room is None or not self._room.alive:
                self._room = await self._start()

    def require_format(self, name: str) -> None:
        """Raise unless the format is offered.

        Raises:
            PageError: it is not (``page.format_unsupported``).
        """
        if name not in FORMATS:
            raise PageError("format", ErrorCode.PAGE_FORMAT_UNSUPPORTED)

    async def show(self, media_type: str, content: bytes, forms: dict[str, FormView]) -> Shown:
        """Return the preview of these octets.

        Raises:
            PageError: they cannot be shown exactly, or their type is not offered.
            RoomError: the room crashed or hung.
        """
        return await self._ask(Show(media_type, content, forms), Shown)

    async def bind(
        self, name: str, digest: bytes, certificate: bytes, algorithm: Algorithm, signed_at: int
    ) -> bytes:
        """Return the signed attributes in DER.

        Raises:
            PageError, RoomError: as for ``show``.
        """
        question = Bind(name, digest, certificate, algorithm, signed_at)
        return (await self._ask(question, BoundAnswer)).to_be_signed

    async def finish(
        self, name: str, bound: Bound, signature: bytes, content: bytes | None
    ) -> bytes:
        """Return the signed document.

        Raises:
            PageError, RoomError: as for ``show``.
        """
        question = Finish(
            name, bound.octets, bound.certificate.der, bound.algorithm, signature, content
        )
        return (await self._ask(question, Finished)).document

    async def end(self) -> None:
        """End the room."""
        if self._room is not None:
            await self._room.end()

    async def _ask(self, question: object, expected: type[AnswerT]) -> AnswerT:
        await self.prepare()
        room = self._room
        assert room is not None  # noqa: S101 -- prepare() made it
        try:
            answer = await room.ask(question, DEADLINE_S)
        except RoomError as error:
            # Whatever broke or stalled the room is not signed; it is dead, the next one is fresh.
            raise RoomError(error.detail) from error
        if isinstance(answer, expected):
            return answer
        if isinstance(answer, DocumentFailure):
            unsupported = answer.fault is DocumentFault.UNSUPPORTED
            raise PageError(
                answer.detail,
                ErrorCode.PAGE_FORMAT_UNSUPPORTED
                if unsupported
                else ErrorCode.PAGE_DOCUMENT_UNSUITABLE,
            )
        room.kill()
        raise RoomError("the document room spoke out of turn")
