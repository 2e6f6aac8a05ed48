"""Asking the person: one window at a time, and an answer that counts once, for one record.

The window only shows and seals; what its answers mean is decided here. An answer under another
consent's id, for a certificate that was not offered, or without a PIN where one is needed, is not
an answer: the window is broken and the act ends.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from msgspec import Struct

from signet_agent.channel.desktop_messages import (
    Activity,
    Agreed,
    Ask,
    Chosen,
    Close,
    Declined,
    Done,
    PinReady,
    PinRejected,
    TokenMissing,
    WindowAnswer,
)
from signet_agent.channel.token_messages import SEALED_PIN_BYTES, PinKey
from signet_agent.daemon.keyring import Keyring, PinNotTakenError
from signet_agent.daemon.patience import Patience
from signet_agent.daemon.policy import Candidate
from signet_agent.daemon.prompts.base import Prompt, Window
from signet_agent.errors import AgentError, PersonDeclinedError, RoomError, TokenError
from signet_agent.model import ConsentRecord, Operation, Origin, PinState
from signet_protocol.errors import ErrorCode

IDLE_S = 600.0
"""Without any key, click or scroll for ten minutes the answer is no (WCAG 2.2.1: time enough)."""

IDLE_GRACE_S = 5.0
"""The window refuses by itself after the ten minutes; the daemon waits this much longer for it."""

APPROVAL_LIFE_S = 60.0
"""An approval not used within a minute is void: the person may have walked away from it."""


class Approval(Struct, frozen=True):
    """The person agreed to this certificate; good for one PIN try."""

    chosen: Candidate
    sealed_pin: bytes
    last_try: bool
    given_at: float


class OneWindow:
    """The one window there is at a time."""

    def __init__(self, prompt: Prompt) -> None:
        """Take the way to open it."""
        self._prompt = prompt
        self._lingering: set[asyncio.Task[None]] = set()
        self.taken = False

    async def take(self) -> Window:
        """Open the window.

        Raises:
            AgentError: another one is open (``agent.busy``), or none can be shown.
        """
        if self.taken:
            raise AgentError("a window is open", ErrorCode.AGENT_BUSY)
        self.taken = True
        try:
            return await self._prompt.open()
        except BaseException:
            self.taken = False
            raise

    def release(self, window: Window) -> None:
        """Free the place at once; the window may show its last word meanwhile."""
        self.taken = False
        task = asyncio.ensure_future(window.end())
        self._lingering.add(task)
        task.add_done_callback(self._lingering.discard)

    async def end(self) -> None:
        """Wait for windows that still show their last word; they close by themselves."""
        await asyncio.gather(*self._lingering)


class Consent:
    """Opens consent dialogues and judges their approvals."""

    def __init__(
        self, prompt: Prompt, keys: Keyring, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the way to ask, the keys whose PINs are asked for, and a monotonic clock."""
        self._place = OneWindow(prompt)
        self._keys = keys
        self._clock = clock
        self._patience = Patience(clock)

    @property
    def is_open(self) -> bool:
        """Whether a window is open now."""
        return self._place.taken

    async def end(self) -> None:
        """Wait for the last window to close."""
        await self._place.end()

    @asynccontextmanager
    async def dialogue(self, origin: Origin) -> AsyncIterator["Dialogue"]:
        """Open the next dialogue in the one window there is, unless this site has to rest.

        Raises:
            PageError: it asked too often (``page.asked_too_often``).
            AgentError: another window is open, or none can be shown.
        """
        self._patience.require(origin)
        async with Dialogue(self._place, self._keys, self._clock) as dialogue:
            try:
                yield dialogue
            except (PersonDeclinedError, asyncio.CancelledError):
                # A token or a window that fails is nobody's no.
                if not dialogue.was_agreed:
                    self._patience.note(origin, agreed=False)
                raise
            finally:
                if dialogue.was_agreed:
                    self._patience.note(origin, agreed=True)

    def require_fresh(self, approval: Approval) -> None:
        """Refuse an approval that is older than a minute.

        Raises:
            PersonDeclinedError: it is (``user.timeout``).
        """
        if self._clock() - approval.given_at > APPROVAL_LIFE_S:
            raise PersonDeclinedError("the approval is too old", ErrorCode.USER_TIMEOUT)


class Dialogue:
    """One window from its question to its end; ``async with`` opens and closes it."""

    def __init__(self, place: OneWindow, keys: Keyring, clock: Callable[[], float]) -> None:
        """Take the window's place, the keys and the clock; nothing is open yet."""
        self._place = place
        self._keys = keys
        self._clock = clock
        self._window: Window
        self._record: ConsentRecord
        self._offered: dict[str, Candidate] = {}
        self._last_choice = ""
        self._pin = PinState()
        self._idle_at = 0.0

    async def __aenter__(self) -> Self:
        self._window = await self._place.take()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        self._place.release(self._window)

    @property
    def was_agreed(self) -> bool:
        """Whether the person said yes, be it with a wrong PIN."""
        return bool(self._last_choice)

    async def ask(self, record: ConsentRecord, offered: Sequence[Candidate]) -> None:
        """Show the record's window."""
        self._record = record
        self._offered = {c.certificate.fingerprint: c for c in offered}
        self._idle_at = self._clock() + IDLE_S
        await self._window.send(Ask(record))

    async def approvals(self) -> AsyncIterator[Approval]:
        """Yield each approval: the first, and one more after every ``reject``.

        Raises:
            PersonDeclinedError: the person refused or let the time pass.
            TokenError: the token is locked, and the person has been told so.
            RoomError: the window is gone or broken (``agent.window_unavailable``).
        """
        while True:
            answer = await self._next()
            if isinstance(answer, Chosen):
                await self._offer_pin(self._candidate(answer.fingerprint))
            elif isinstance(answer, Agreed):
                yield self._approval(answer)
            elif isinstance(answer, Declined):
                raise self._refusal(answer)

    async def reject(self, pin: PinState) -> None:
        """Tell the person that the token did not take the PIN; another try is another approval."""
        self._pin = pin
        chosen = self._candidate(self._last_choice)
        public = b""
        if not pin.locked:
            key = await self._keys.open_pin(self._record.id, chosen.token.uri)
            public, self._pin = key.public, key.pin
        await self._window.send(PinRejected(self._last_choice, public, self._pin))

    async def done(self) -> None:
        """Tell the person that it is signed and recorded; a window that is gone needs no word."""
        try:
            await self._window.send(Done())
        except RoomError:
            return

    async def _next(self) -> WindowAnswer:
        """Return the next answer to this record; movement restarts the ten minutes."""
        try:
            async with asyncio.timeout(self._idle_at + IDLE_GRACE_S - self._clock()):
                answer = await self._window.receive()
        except TimeoutError:
            await self._window.send(Close())
            raise PersonDeclinedError("no activity", ErrorCode.USER_TIMEOUT) from None
        if getattr(answer, "consent", None) != self._record.id:
            raise _broken("the window answered for another consent")
        if isinstance(answer, Activity):
            self._idle_at = self._clock() + IDLE_S
        return answer

    async def _offer_pin(self, chosen: Candidate) -> None:
        """Give the window a one-time key of the chosen token, or say that the token is gone."""
        fingerprint = chosen.certificate.fingerprint
        if self._record.operation is Operation.CHOOSE:
            return
        try:
            key = await self._keys.open_pin(self._record.id, chosen.token.uri)
        except TokenError as error:
            if error.code is not ErrorCode.TOKEN_REMOVED:
                raise
            await self._window.send(TokenMissing(fingerprint))
            return
        except PinNotTakenError as refusal:
            key = PinKey(b"", refusal.pin)
        self._pin = key.pin
        await self._window.send(PinReady(fingerprint, key.public, key.pin))

    def _approval(self, answer: Agreed) -> Approval:
        chosen = self._candidate(answer.fingerprint)
        expected = 0 if self._record.operation is Operation.CHOOSE else SEALED_PIN_BYTES
        if len(answer.sealed_pin) != expected:
            raise _broken("the window agreed without what an agreement needs")
        self._last_choice = answer.fingerprint
        return Approval(chosen, answer.sealed_pin, answer.last_try, self._clock())

    def _candidate(self, fingerprint: str) -> Candidate:
        chosen = self._offered.get(fingerprint)
        if chosen is None:
            raise _broken("the window named a certificate that was not offered")
        return chosen

    def _refusal(self, answer: Declined) -> AgentError:
        if self._pin.locked:
            return TokenError("the PIN is locked", ErrorCode.TOKEN_PIN_LOCKED)
        if answer.idle:
            return PersonDeclinedError("no activity", ErrorCode.USER_TIMEOUT)
        if self._last_choice:
            return PersonDeclinedError("gave up after a wrong PIN", ErrorCode.USER_PIN_INCORRECT)
        return PersonDeclinedError("refused")


def _broken(detail: str) -> RoomError:
    return RoomError(detail, ErrorCode.AGENT_WINDOW_UNAVAILABLE)
