"""One token room as the daemon uses it: deadlines, and a fresh process after a crash or a hang."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from signet_agent.channel.token_messages import (
    ContentKey,
    ListTokens,
    OpenModule,
    OpenPin,
    PinKey,
    Sign,
    Signatures,
    TokenAnswer,
    TokenFailure,
    TokenFault,
    Tokens,
    TokensChanged,
    Unwrap,
)
from signet_agent.daemon.keyring import PinNotTakenError
from signet_agent.errors import PersonDeclinedError, RoomError, TokenError
from signet_agent.model import PinState, Token
from signet_agent.processes import Room
from signet_protocol.errors import ErrorCode

OPEN_DEADLINE_S = 10.0
"""Loading a module and reading its tokens; slow cards take two or three seconds."""

LIST_DEADLINE_S = 5.0
PIN_DEADLINE_S = 5.0

SIGN_DEADLINE_S = 10.0
"""One login and one use of a key; the slowest cards take about two seconds for RSA."""

NEXT_SIGNATURE_DEADLINE_S = 3.0
"""Each further signature of a batch: the slowest cards again, with room to spare."""

AT_READER_DEADLINE_S = 90.0
"""Each signature where the person types the PIN at the reader: twice its own time, and some."""

AnswerT = TypeVar("AnswerT")
StartRoom = Callable[[], Awaitable[Room[TokenAnswer]]]

_PIN_FAULTS = frozenset(
    {
        TokenFault.PIN_INCORRECT,
        TokenFault.PIN_LOCKED,
        TokenFault.PIN_LENGTH,
        TokenFault.LAST_TRY,
    }
)
_CODES = {
    TokenFault.PIN_LOCKED: ErrorCode.TOKEN_PIN_LOCKED,
    TokenFault.REMOVED: ErrorCode.TOKEN_REMOVED,
    TokenFault.KEY_MISSING: ErrorCode.TOKEN_REMOVED,
    TokenFault.BUSY: ErrorCode.TOKEN_BUSY,
    TokenFault.TIMEOUT: ErrorCode.TOKEN_TIMEOUT,
    TokenFault.UNSUPPORTED: ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE,
}


class TokenRoom:
    """A key store in its own process; vendor code lives and dies there."""

    def __init__(self, module: OpenModule, start: StartRoom) -> None:
        """Take what the room serves and the way to start it; nothing runs yet."""
        self.name = module.name
        self._module = module
        self._start = start
        self._opening = asyncio.Lock()
        self._room: Room[TokenAnswer] | None = None
        self._change = asyncio.Event()
        self._at_reader = False
        self.tells = module.kind == "card" or module.skf.events

    async def next_change(self) -> None:
        """Wait until a store that ``tells`` says that something came or went, or ends."""
        await self._change.wait()
        self._change.clear()

    async def tokens(self) -> tuple[Token, ...]:
        """Return the tokens of this module.

        Raises:
            TokenError: the module cannot be loaded, crashed or hung.
        """
        async with self._opening:
            if not self._running:
                return await self._open()
        return (await self._ask(ListTokens(), Tokens, LIST_DEADLINE_S)).tokens

    async def open_pin(self, consent: bytes, token: str) -> PinKey:
        """Return a one-time key for one PIN try.

        Raises:
            TokenError: the token is gone, or the room failed.
        """
        await self._ready()
        key = await self._ask(OpenPin(consent, token), PinKey, PIN_DEADLINE_S)
        self._at_reader = key.pin.at_reader
        return key

    async def sign(self, order: Sign) -> tuple[bytes, ...]:
        """Return the raw signatures of the digests.

        Raises:
            PinNotTakenError: the PIN was not taken.
            PersonDeclinedError: the person cancelled at the reader's keys.
            TokenError: anything else that keeps the token from signing.
        """
        await self._ready()
        further = len(order.digests) - 1
        deadline_s = SIGN_DEADLINE_S + further * NEXT_SIGNATURE_DEADLINE_S
        if self._at_reader:
            deadline_s = AT_READER_DEADLINE_S * (further + 1)
        try:
            return (await self._ask(order, Signatures, deadline_s)).values
        except asyncio.CancelledError:
            # A page that is gone must not hold the token for the rest of its batch.
            if further and self._room is not None:
                self._room.kill()
            raise

    async def unwrap(self, order: Unwrap) -> bytes:
        """Return an envelope's content key, or a random one that opens nothing.

        Raises:
            PinNotTakenError, PersonDeclinedError, TokenError: as for ``sign``.
        """
        await self._ready()
        deadline_s = AT_READER_DEADLINE_S if self._at_reader else SIGN_DEADLINE_S
        return (await self._ask(order, ContentKey, deadline_s)).value

    async def end(self) -> None:
        """End the room."""
        if self._room is not None:
            await self._room.end()

    @property
    def _running(self) -> bool:
        return self._room is not None and self._room.alive

    async def _ready(self) -> None:
        async with self._opening:
            if not self._running:
                await self._open()

    async def _open(self) -> tuple[Token, ...]:
        """Start the room and have it open the module; two pages at once must not start two."""
        self._room = await self._start()
        if self.tells:
            self._room.channel.listen_for(TokensChanged, self._change.set)
        return (await self._ask(self._module, Tokens, OPEN_DEADLINE_S)).tokens

    async def _ask(self, question: object, expected: type[AnswerT], deadline_s: float) -> AnswerT:
        room = self._room
        assert room is not None  # noqa: S101 -- every caller has made sure of it
        try:
            answer = await room.ask(question, deadline_s)
        except RoomError as error:
            slow = error.code is ErrorCode.TOKEN_TIMEOUT
            code = ErrorCode.TOKEN_TIMEOUT if slow else ErrorCode.TOKEN_FAULT
            raise TokenError(f"{self.name}: {error.detail}", code) from error
        if isinstance(answer, expected):
            return answer
        if isinstance(answer, TokenFailure) and answer.fault is not TokenFault.MODULE:
            raise _failure(answer)
        # A module that failed inside may stay broken in its process: the next call gets a new one.
        room.kill()
        if isinstance(answer, TokenFailure):
            raise _failure(answer)
        raise TokenError(f"{self.name}: the token room spoke out of turn")


def _failure(answer: TokenFailure) -> Exception:
    if answer.fault in _PIN_FAULTS:
        locked = answer.fault is TokenFault.PIN_LOCKED
        return PinNotTakenError(answer.pin or PinState(locked=locked, wrong_before=True))
    detail = f"{answer.fault}: {answer.detail}"
    if answer.fault is TokenFault.DECLINED:
        return PersonDeclinedError(detail)
    return TokenError(detail, _CODES.get(answer.fault, ErrorCode.TOKEN_FAULT))
