"""The child's half of a channel: blocking, one thread, no asyncio (25 ms and 7 MB each)."""

import ctypes
import os
import signal
import socket
import sys
from threading import Lock
from typing import Generic, TypeVar

from signet_agent.channel.frames import HEADER, BodyReader, body_length, encode_frame

MessageT = TypeVar("MessageT")

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


class ParentGoneError(Exception):
    """The daemon closed the channel or ended: the room ends too."""


def tie_to_parent(parent: int) -> None:
    """Bind this process to the daemon's life and shut it to others of the same user.

    The first act of every room. On Linux the kernel kills the room with the daemon even when it
    hangs in a driver, and refuses dumps, ptrace and /proc/PID/mem to other processes.

    Raises:
        ParentGoneError: the daemon ended before the bond was made.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if os.getppid() != parent:
            raise ParentGoneError


class ChildChannel(Generic[MessageT]):
    """Messages from and to the daemon over the inherited socket; ``kind`` is what may come in."""

    def __init__(self, connection: socket.socket, kind: object) -> None:
        """Take over the connected socket."""
        self._socket = connection
        self._bodies: BodyReader[MessageT] = BodyReader(kind)
        self._sending = Lock()

    @classmethod
    def inherit(cls, descriptor: int, kind: object) -> "ChildChannel[MessageT]":
        """Open the channel on a descriptor that the daemon passed down."""
        return cls(socket.socket(fileno=descriptor), kind)

    def fileno(self) -> int:
        """Return the descriptor, for a toolkit's own event loop."""
        return self._socket.fileno()

    def receive(self) -> MessageT:
        """Wait for the next message.

        Raises:
            ParentGoneError: the channel is closed.
            FrameError: the daemon broke the form, which ends the room.
        """
        header = self._read(HEADER.size)
        return self._bodies.read(self._read(body_length(header)))

    def send(self, message: object) -> None:
        """Send one message; threads of a room may each send theirs.

        Raises:
            ParentGoneError: the channel is closed.
            FrameError: the message is too large.
        """
        frame = encode_frame(message)
        try:
            with self._sending:
                self._socket.sendall(frame)
        except OSError as error:
            raise ParentGoneError from error

    def _read(self, count: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < count:
            try:
                chunk = self._socket.recv(count - len(chunks))
            except OSError as error:
                raise ParentGoneError from error
            if not chunk:
                raise ParentGoneError
            chunks += chunk
        return bytes(chunks)
