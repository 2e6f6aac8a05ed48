"""What one consent goes through, without a window: its stages, and when agreeing is possible.

The window draws this and asks this; every rule that guards a signature stands here. A sealed PIN
leaves only through ``agree``, and an answer counts for one consent record.
"""

from collections.abc import Callable
from enum import StrEnum

from signet_agent.channel.desktop_messages import (
    Agreed,
    Chosen,
    Declined,
    Done,
    PinReady,
    PinRejected,
    TokenMissing,
)
from signet_agent.channel.sealed_pin import MAX_PIN_BYTES, seal_pin, wipe
from signet_agent.model import Choice, ConsentRecord, Operation, PinState


class Stage(StrEnum):
    """Where a consent stands; each has its own picture."""

    CONNECTING = "connecting"
    """The token of the chosen certificate was not heard of yet."""
    READY = "ready"
    LAST_TRY = "last_try"
    """One try is left: the PIN field stays shut until the person says so by a tick."""
    LOCKED = "locked"
    MISSING = "missing"
    """The token is not there."""
    REMOVED = "removed"
    """The token was pulled out after the person had agreed; nothing was signed."""
    WORKING = "working"
    DONE = "done"


_ASKING = frozenset({Stage.CONNECTING, Stage.READY, Stage.LAST_TRY})
_LIGHT = frozenset({Operation.LOGIN, Operation.SIGN, Operation.SIGN_FILE})
_SETTLED = frozenset({Stage.WORKING, Stage.DONE})


class ConsentFlow:
    """One consent from question to answer.

    Attributes:
        record: what is asked.
        stage: where it stands.
        choice: the certificate that is selected, or ``None`` where there is none to select.
        pin: how the chosen token's PIN stands.
        most_tries: the highest count of tries seen or known of, for the bars; 0 if not counted.
        rejected: whether a PIN was turned down in this window.
    """

    def __init__(self, record: ConsentRecord, send: Callable[[object], None]) -> None:
        """Take the record and the way to the daemon; it has put the fitting certificate first."""
        self.record = record
        self._send = send
        self._public = b""
        self.pin = PinState()
        self.most_tries = 0
        self.rejected = False
        self.choice: Choice | None = record.choices[0] if record.choices else None
        self.stage = self._opening_stage()

    @property
    def needs_pin(self) -> bool:
        """Whether a key is used: choosing a certificate uses none."""
        return self.record.operation is not Operation.CHOOSE

    @property
    def enter_agrees(self) -> bool:
        """Whether Enter in the PIN field agrees; a list, a letter, the last try are too grave."""
        return self.stage is Stage.READY and self.record.operation in _LIGHT

    @property
    def asking(self) -> bool:
        """Whether the window asks for an answer now."""
        return self.stage in _ASKING

    @property
    def settled(self) -> bool:
        """Whether the person has agreed and that agreement is being carried out or is done."""
        return self.stage in _SETTLED

    @property
    def pin_lengths(self) -> range:
        """Return the lengths a PIN may have here; none is typed that is typed at the reader."""
        if self.pin.at_reader:
            return range(1)
        return range(max(self.pin.min_length, 1), min(self.pin.max_length, MAX_PIN_BYTES) + 1)

    def begin(self) -> None:
        """Ask the daemon for the one-time key of the chosen certificate's token."""
        if self.choice is not None and self.needs_pin:
            self._send(Chosen(self.record.id, self.choice.fingerprint))

    def choose(self, fingerprint: str) -> None:
        """Select another certificate; an agreement that was given stands."""
        if self.settled:
            return
        self.choice = next(
            choice for choice in self.record.choices if choice.fingerprint == fingerprint
        )
        self._public = b""
        self.pin, self.most_tries, self.rejected = PinState(), 0, False
        self.stage = self._opening_stage()
        self.begin()

    def retry(self) -> None:
        """Ask for the chosen token again, after the person has plugged it in."""
        if self.choice is not None:
            self.choose(self.choice.fingerprint)

    def take(self, order: PinReady | PinRejected | TokenMissing | Done) -> bool:
        """Take an order of the daemon; return whether it was about what is shown now.

        What concerns a certificate that is no longer selected comes too late and is dropped.
        """
        if isinstance(order, Done):
            if self.settled:
                self.stage = Stage.DONE
            return self.settled
        late = self.choice is None or order.fingerprint != self.choice.fingerprint
        if late or self.stage is Stage.DONE:
            return False
        if isinstance(order, TokenMissing):
            self._public = b""
            self.stage = Stage.REMOVED if self.stage is Stage.WORKING else Stage.MISSING
            return True
        self.rejected = self.rejected or isinstance(order, PinRejected)
        self._hear_of_pin(order.public, order.pin)
        return True

    def may_agree(self, length: int, *, ticked: bool) -> bool:
        """Whether agreeing is possible with a PIN of this length."""
        if self.choice is None:
            return False
        if not self.needs_pin:
            return self.stage is Stage.READY
        ready = self.stage is Stage.READY or (self.stage is Stage.LAST_TRY and ticked)
        return ready and length in self.pin_lengths and bool(self._public)

    def agree(self, pin: bytearray, *, ticked: bool) -> bool:
        """Send the person's agreement with the PIN sealed; wipe the PIN in any case.

        Return whether it was sent: not while agreeing is not possible.

        Raises:
            SealError: the token room's key is no key (its fault); nothing was sent.
        """
        try:
            if self.choice is None or not self.may_agree(len(pin), ticked=ticked):
                return False
            sealed = seal_pin(pin, self._public, self.record.id) if self.needs_pin else b""
        finally:
            wipe(pin)
        last_try = self.stage is Stage.LAST_TRY
        self._public = b""
        self.stage = Stage.WORKING
        self._send(Agreed(self.record.id, self.choice.fingerprint, sealed, last_try))
        return True

    def decline(self, *, idle: bool = False) -> bool:
        """Send the person's refusal; return whether it was sent: an agreement stands."""
        if self.settled:
            return False
        self._send(Declined(self.record.id, idle))
        return True

    def _hear_of_pin(self, public: bytes, pin: PinState) -> None:
        """Take a new one-time key and how the PIN stands now."""
        self._public, self.pin = public, pin
        if pin.tries is not None:
            earlier = 1 if pin.wrong_before and not self.most_tries else 0
            self.most_tries = max(self.most_tries, pin.tries + earlier)
        if pin.locked:
            self._public = b""
            self.stage = Stage.LOCKED
        elif pin.final or pin.tries == 1:
            self.stage = Stage.LAST_TRY
        else:
            self.stage = Stage.READY

    def _opening_stage(self) -> Stage:
        """Return where a consent stands when a certificate was just selected."""
        if self.choice is None:
            return Stage.MISSING
        return Stage.CONNECTING if self.needs_pin else Stage.READY
