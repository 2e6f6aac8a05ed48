"""A room of the desktop as a real process, with the test in the daemon's place."""

import os
import select
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self, TypeVar

from signet_agent.channel.desktop_messages import ViewAnswer, WindowAnswer
from signet_agent.channel.frames import HEADER, BodyReader, body_length, encode_frame
from tests.kit.screen import Screen

PATIENCE_S = 20.0

_START = {
    "window": "from signet_agent.desktop.consent_window import run_window as run;"
    "from signet_agent.channel.desktop_messages import WindowOrder as Order",
    "status": "from signet_agent.desktop.status_window import run_status as run;"
    "from signet_agent.channel.desktop_messages import ViewOrder as Order",
    "tray": "from signet_agent.desktop.tray import run_tray as run;"
    "from signet_agent.channel.desktop_messages import ViewOrder as Order",
}
_RUN = (
    "import sys; from signet_agent.channel.child import ChildChannel; {start};"
    "sys.exit(run(ChildChannel.inherit(int(sys.argv[1]), Order)))"
)
"""What the agent's own start does, without shutting the process to the test that reads it."""

AnswerT = TypeVar("AnswerT")


class RoomSilentError(AssertionError):
    """The room did not say what was expected in time."""


class DesktopRoom:
    """A running room: orders go in, answers come out, in order."""

    def __init__(self, name: str, screen: Screen | None, **environment: str) -> None:
        """Start the room on a screen, or on none."""
        self._ours, theirs = socket.socketpair()
        kinds = {"window": WindowAnswer}
        self._kind = kinds.get(name, ViewAnswer)
        self._complaints: str | None = None
        base = screen.environment if screen else {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        measured = {name: text for name, text in os.environ.items() if name.startswith("COVERAGE")}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", _RUN.format(start=_START[name]), str(theirs.fileno())],
                env=base | measured | environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ours.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.complaints()

    def send(self, order: object) -> None:
        """Send an order."""
        self._ours.sendall(encode_frame(order))

    def hang_up(self) -> None:
        """End as a daemon does that is gone."""
        self._ours.shutdown(socket.SHUT_RDWR)

    def hears(self, patience: float) -> bool:
        """Whether the room says something, or ends, within this time."""
        return bool(select.select([self._ours], [], [], patience)[0])

    def receive(self, patience: float = PATIENCE_S) -> WindowAnswer | ViewAnswer:
        """Return the next answer.

        Raises:
            RoomSilentError: none came in time, or the room ended.
        """
        header = self._read(HEADER.size, patience)
        body = self._read(body_length(header), patience)
        reader: BodyReader[WindowAnswer | ViewAnswer] = BodyReader(self._kind)
        return reader.read(body)

    def expect(self, kind: type[AnswerT], patience: float = PATIENCE_S) -> AnswerT:
        """Return the next answer of a kind; what comes before it is left out.

        Raises:
            RoomSilentError: none came in time, or the room ended.
        """
        end = time.monotonic() + patience
        while True:
            answer = self.receive(max(end - time.monotonic(), 0.0))
            if isinstance(answer, kind):
                return answer

    def ended(self, patience: float = PATIENCE_S) -> int:
        """Wait for the room's end and return its status."""
        return self.process.wait(patience)

    def complaints(self) -> str:
        """Return what an ended room wrote to its error stream."""
        if self._complaints is None:
            self._complaints = self.process.communicate()[1].decode()
        return self._complaints

    def _read(self, count: int, patience: float) -> bytes:
        end = time.monotonic() + patience
        octets = b""
        while len(octets) < count:
            if not self.hears(max(end - time.monotonic(), 0.0)):
                message = "the room said nothing"
                raise RoomSilentError(message)
            more = self._ours.recv(count - len(octets))
            if not more:
                message = "the room ended"
                raise RoomSilentError(message)
            octets += more
        return octets
