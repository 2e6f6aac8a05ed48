"""Rooms that the test plays: one that answers questions, and one that only shows and speaks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from signet_agent.channel.desktop_messages import ViewAnswer, ViewOrder
from signet_agent.errors import RoomError
from signet_agent.processes import Room

AnswerT = TypeVar("AnswerT")
StartRoom = Callable[[], Awaitable[Room[AnswerT]]]


@dataclass
class PlayedRoom(Generic[AnswerT]):
    """A room whose answers the test lays out.

    An exception among them is the room's death, a cancellation the asking call's.
    """

    answers: list[AnswerT | BaseException]
    deadlines: list[float] = field(default_factory=list)
    questions: list[object] = field(default_factory=list)
    alive: bool = True
    ended: bool = False

    async def ask(self, question: object, deadline_s: float) -> AnswerT:
        self.questions.append(question)
        self.deadlines.append(deadline_s)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            self.alive = False
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def kill(self) -> None:
        self.alive = False

    async def end(self) -> None:
        self.ended = True


def starting(*rooms: PlayedRoom[AnswerT]) -> tuple[StartRoom[AnswerT], list[PlayedRoom[AnswerT]]]:
    """Return a way to start these rooms, one after the other, and those that still wait."""
    waiting = list(rooms)

    async def start() -> Room[AnswerT]:
        # A real start takes a while, too: others run meanwhile.
        await asyncio.sleep(0)
        return cast("Room[AnswerT]", waiting.pop(0))

    return start, waiting


class PlayedView:
    """A tray or status window and its channel in one: what it was shown, and what it says."""

    def __init__(self) -> None:
        """Start open and silent."""
        self.shown: list[ViewOrder] = []
        self.gone = False
        self.killed = False
        self.ended = False
        self._words: asyncio.Queue[ViewAnswer | RoomError] = asyncio.Queue()

    @property
    def channel(self) -> "PlayedView":
        return self

    def say(self, word: ViewAnswer) -> None:
        """Have the person choose something."""
        self._words.put_nowait(word)

    def close(self) -> None:
        """End as a closed window does."""
        self.gone = True
        self._words.put_nowait(RoomError("closed"))

    async def send(self, order: ViewOrder) -> None:
        if self.gone:
            raise RoomError("gone")
        self.shown.append(order)

    async def receive(self) -> ViewAnswer:
        word = await self._words.get()
        if isinstance(word, RoomError):
            raise word
        return word

    def kill(self) -> None:
        self.killed = True

    async def end(self) -> None:
        self.ended = True


class Views:
    """Starts played views, and keeps them."""

    def __init__(self, *, fails: bool = False) -> None:
        """Start none yet; ``fails`` stands for a computer without a screen."""
        self.started: list[PlayedView] = []
        self.fails = fails

    async def start(self) -> Room[ViewAnswer]:
        await asyncio.sleep(0)
        if self.fails:
            raise RoomError("no screen")
        view = PlayedView()
        self.started.append(view)
        return cast("Room[ViewAnswer]", view)
