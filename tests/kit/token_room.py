"""A token room in a process of its own, asked over its channel as the daemon asks it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from hashlib import new
from secrets import token_bytes
from threading import Thread
from types import TracebackType

from signet_agent.channel.frames import HEADER, BodyReader, body_length, encode_frame
from signet_agent.channel.sealed_pin import seal_pin
from signet_agent.channel.token_messages import (
    ListTokens,
    OpenModule,
    OpenPin,
    PinKey,
    Sign,
    Signatures,
    TokenAnswer,
    TokenFailure,
    TokenQuestion,
    Tokens,
    TokensChanged,
)
from signet_agent.model import Certificate, KeyUse, Token
from signet_agent.rooms import _ROOMS

DEADLINE_S = 10.0

_CHILD = """
import ctypes
import sys
from signet_agent.channel.child import tie_to_parent
from signet_agent.rooms import _ROOMS

tie_to_parent(int(sys.argv[2]))
if "readable" in sys.argv:
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
_ROOMS[sys.argv[3]](int(sys.argv[1]))
"""


class RoomEndedError(Exception):
    """The room's process closed its channel."""


class TokenRoomProcess(AbstractContextManager["TokenRoomProcess"]):
    """The process and the daemon's half of its channel, without an event loop."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        name: str = "tokens",
        readable: bool = False,
    ) -> None:
        """Start the room of this name, as it is shipped, in this environment.

        ``readable`` takes the room's protection back, so that a test without root's rights can
        read its memory (PR_SET_DUMPABLE).
        """
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(DEADLINE_S)
        with theirs:
            arguments = [str(theirs.fileno()), str(os.getpid()), name, *["readable"][:readable]]
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _CHILD, *arguments],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ask(self, question: TokenQuestion, deadline_s: float = DEADLINE_S) -> TokenAnswer:
        """Ask one question.

        Raises:
            TimeoutError: no answer in time.
            RoomEndedError: the process ended.
        """
        self._channel.settimeout(deadline_s)
        self._channel.sendall(encode_frame(question))
        while isinstance(answer := self._message(), TokensChanged):
            pass
        return answer

    def hear_change(self, deadline_s: float = DEADLINE_S) -> None:
        """Wait until the room says that a card or a reader came or went.

        Raises:
            TimeoutError: it says nothing in time.
        """
        self._channel.settimeout(deadline_s)
        assert isinstance(self._message(), TokensChanged)

    def hang_up(self) -> int:
        """Close the channel and return the room's exit status."""
        self._channel.close()
        return self._process.wait(DEADLINE_S)

    def kill(self) -> None:
        """End the process at once, as the daemon ends a room that hangs."""
        self._channel.close()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(DEADLINE_S)

    def wait(self) -> int:
        """Wait for the process's end and return its exit status."""
        return self._process.wait(DEADLINE_S)

    def open(self, module: OpenModule) -> tuple[Token, ...]:
        """Open a module and return its tokens."""
        return _tokens(self.ask(module))

    def list(self) -> tuple[Token, ...]:
        """Return the tokens that are here now."""
        return _tokens(self.ask(ListTokens()))

    def sign(
        self, certificate: Certificate, message: bytes, pin: str, *, last_try: bool = False
    ) -> Signatures | TokenFailure:
        """Make a consent, seal the PIN to it, and ask for a signature."""
        answer = self.ask(self.order(certificate, message, pin, last_try=last_try))
        assert isinstance(answer, Signatures | TokenFailure), answer
        return answer

    def order(
        self, certificate: Certificate, message: bytes, pin: str, *, last_try: bool = False
    ) -> Sign:
        """Open a PIN key for a new consent and return the question that uses it."""
        consent = token_bytes(16)
        answer = self.ask(OpenPin(consent, certificate.token))
        assert isinstance(answer, PinKey), answer
        assert certificate.algorithm is not None
        return Sign(
            consent=consent,
            key=certificate.key,
            algorithm=certificate.algorithm,
            digests=(new(certificate.algorithm.hash_name, message).digest(),),
            sealed_pin=seal_pin(bytearray(pin.encode()), answer.public, consent),
            last_try=last_try,
        )

    def _message(self) -> TokenAnswer:
        header = self._read(HEADER.size)
        reader: BodyReader[TokenAnswer] = BodyReader(TokenAnswer)
        return reader.read(self._read(body_length(header)))

    def _read(self, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            try:
                more = self._channel.recv(count - len(octets))
            except ConnectionResetError:
                more = b""
            if not more:
                raise RoomEndedError
            octets += more
        return octets


class TokenRoomThread(TokenRoomProcess):
    """The same room in a thread of the test's process, where its lines are measured."""

    def __init__(self, name: str) -> None:
        """Start it; the environment is the process's own."""
        self._channel, theirs = socket.socketpair()
        descriptor = theirs.detach()
        self._thread = Thread(target=lambda: _ROOMS[name](descriptor))
        self._thread.start()

    def kill(self) -> None:
        """Hang up and wait for the thread: it cannot be ended otherwise."""
        self._channel.close()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


def signing_certificate(tokens: tuple[Token, ...]) -> Certificate:
    """Return the first certificate that signs."""
    return next(
        certificate
        for token in tokens
        for certificate in token.certificates
        if KeyUse.SIGN in certificate.uses
    )


def _tokens(answer: TokenAnswer) -> tuple[Token, ...]:
    assert isinstance(answer, Tokens), answer
    return answer.tokens
