"""Starting, asking and ending the rooms; nothing else starts a process.

A room is started from the main thread only: Linux ties a child's life to the *thread* that made
it. It gets an isolated interpreter (``-I``), so that nothing planted in the current folder or the
environment is imported, and one inherited socket, so that nobody else can speak to it.
"""

import asyncio
import contextlib
import os
import socket
import sys
from typing import Generic, TypeVar

from signet_agent.channel.daemon import RoomChannel
from signet_agent.errors import RoomError
from signet_protocol.errors import ErrorCode

AnswerT = TypeVar("AnswerT")

FAREWELL_S = 1.0
"""How long a room may take to end by itself after its channel closed; then it is killed."""


class Room(Generic[AnswerT]):
    """A running room: its process and the daemon's half of its channel."""

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, channel: RoomChannel[AnswerT]
    ) -> None:
        """Take over a started process and its channel."""
        self.name = name
        self.channel = channel
        self._process = process
        self._turn = asyncio.Lock()
        self._killed = False

    @property
    def pid(self) -> int:
        """Return the room's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs and may be asked; one that was killed may not."""
        return self._process.returncode is None and not self._killed

    async def ask(self, question: object, deadline_s: float) -> AnswerT:
        """Ask one question and return its answer; one at a time, in order of asking.

        The exchange goes on when the asking call is cancelled: half an exchange would give the
        next call somebody else's answer.

        Raises:
            RoomError: the room crashed (``agent.fault``) or hung (``token.timeout``); it is dead.
        """
        await self._turn.acquire()
        return await asyncio.shield(self._exchange(question, deadline_s))

    def _exchange(self, question: object, deadline_s: float) -> "asyncio.Future[AnswerT]":
        """Return the answer to come; whatever ends it ends the turn, and a fault ends the room."""
        answer = self.channel.next_message()
        timer = asyncio.get_running_loop().call_later(deadline_s, self._expire, answer, deadline_s)

        def settle(answer: "asyncio.Future[AnswerT]") -> None:
            timer.cancel()
            self._turn.release()
            if answer.exception() is not None:
                self.kill()

        answer.add_done_callback(settle)
        try:
            self.channel.write(question)
        except RoomError as error:
            if not answer.done():
                answer.set_exception(error)
        return answer

    def _expire(self, answer: "asyncio.Future[AnswerT]", deadline_s: float) -> None:
        """Give up on a room that hangs, perhaps inside a driver."""
        if answer.done():
            # It came in the same turn of the loop as the deadline.
            return
        message = f"the {self.name} room did not answer within {deadline_s} s"
        answer.set_exception(RoomError(message, ErrorCode.TOKEN_TIMEOUT))

    def kill(self) -> None:
        """End the room at once; it may hang inside a driver."""
        # The system tells of the end only later; until then nobody may ask a dead room.
        self._killed = True
        self.channel.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def wait(self) -> int:
        """Wait for the room's end and return its exit status."""
        return await self._process.wait()

    async def end(self) -> None:
        """Hang up and let the room end by itself; kill it when it does not."""
        self.channel.close()
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()


async def start_room(name: str, answers: object, *, quiet: bool = False) -> Room[AnswerT]:
    """Start the room of this name and return it.

    ``quiet`` discards what it writes to its error stream: a vendor's module may print anything
    there, a PIN included.

    Raises:
        RoomError: the process cannot be started.
    """
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-m", "signet_agent", "room", name),
                *(str(theirs.fileno()), str(os.getpid())),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL if quiet else None,
            )
        loop = asyncio.get_running_loop()
        _, channel = await loop.create_connection(lambda: RoomChannel[AnswerT](answers), sock=ours)
    except OSError as error:
        ours.close()
        message = f"the {name} room cannot be started: {error.strerror}"
        raise RoomError(message) from error
    return Room(name, process, channel)
