"""What the person, her token and the agent do in this run: orders, in the order of the calls.

An order comes from a TOML file, from ``--answer`` or from a line on standard input.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from signet_protocol.errors import ErrorCode
from signet_simulator.errors import ScriptError

MAX_DELAY_S = 3600.0
"""Longer than any window waits."""

MAX_TIMES = 10_000
"""More would mean the default."""

Method = Literal["login", "choose", "sign", "sign_batch", "upload", "sign_file", "decrypt"]
PersonName = Literal["enterprise", "citizen", "expired", "revoked", "sm2"]


class Outcome(StrEnum):
    """Answers that are no error of the contract."""

    ALLOW = "allow"
    ALLOW_UNCHECKED = "allow-unchecked"
    """As allow, but an expired certificate signs: to see that the server refuses it."""
    WAIT = "wait"
    """The window stays open until the page cancels, or ten minutes have passed."""
    VANISH = "vanish"
    """The connection breaks while the person is asked."""


Answer = Outcome | ErrorCode

WORDS: dict[str, Answer] = {
    **{outcome.value: outcome for outcome in Outcome},
    "refuse": ErrorCode.USER_REFUSED,
    "timeout": ErrorCode.USER_TIMEOUT,
    "wrong-pin": ErrorCode.USER_PIN_INCORRECT,
    "absent": ErrorCode.TOKEN_ABSENT,
    "removed": ErrorCode.TOKEN_REMOVED,
    "locked": ErrorCode.TOKEN_PIN_LOCKED,
    "busy": ErrorCode.AGENT_BUSY,
    "paused": ErrorCode.AGENT_PAUSED,
    "denied": ErrorCode.POLICY_OPERATION_DENIED,
    **{code.value: code for code in ErrorCode},
}
"""Every answer by its word: short ones for what happens often, and each code of the contract."""


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """How calls end.

    Attributes:
        answer: a word of ``WORDS``.
        method: for calls of this method alone; else for every call that opens a window.
        person: whose certificate; else the script's person.
        delay: seconds the person takes.
        times: for so many calls.
    """

    answer: str
    method: Method | None = None
    person: PersonName | None = None
    delay: Annotated[float, Meta(ge=0, le=MAX_DELAY_S)] = 0.0
    times: Annotated[int, Meta(ge=1, le=MAX_TIMES)] = 1

    def __post_init__(self) -> None:
        if self.answer not in WORDS:
            raise ValueError(f"there is no answer {self.answer!r}")

    @property
    def outcome(self) -> Answer:
        """What the word means."""
        return WORDS[self.answer]


class Script(Struct, frozen=True, forbid_unknown_fields=True):
    """A run: what happens by default, and the calls that go otherwise, in their order."""

    answer: str = Outcome.ALLOW.value
    person: PersonName = "enterprise"
    delay: Annotated[float, Meta(ge=0, le=MAX_DELAY_S)] = 0.0
    call: tuple[Order, ...] = ()

    def __post_init__(self) -> None:
        if self.answer not in WORDS:
            raise ValueError(f"there is no answer {self.answer!r}")


def read_script(file: Path) -> Script:
    """Read a script from TOML.

    Raises:
        ScriptError: it cannot be read, is no TOML, or has a word or a member that is not known.
    """
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Script)
    except (OSError, msgspec.MsgspecError) as error:
        raise ScriptError("script", file=file, reason=error) from error


def read_order(line: str) -> Order:
    """Read ``ANSWER [method=…] [person=…] [delay=…] [times=…]``.

    Raises:
        ScriptError: it is not of that form.
    """
    answer, *rest = line.split() or [""]
    members: dict[str, Any] = {"answer": answer}
    for word in rest:
        name, _, value = word.partition("=")
        members[name] = value
    try:
        return msgspec.convert(members, Order, strict=False)
    except msgspec.ValidationError as error:
        raise ScriptError("order", order=line.strip(), reason=error) from error


class Director:
    """Hands out the orders."""

    def __init__(self, script: Script, default: Order | None = None) -> None:
        """Begin with a script's orders; ``default`` goes before the script's own."""
        self.person: PersonName = script.person
        self.default = default or Order(script.answer, delay=script.delay)
        self._waiting = [order for order in script.call for _ in range(order.times)]

    def add(self, order: Order) -> None:
        """Put an order behind the others."""
        self._waiting += [order] * order.times

    def change_default(self, order: Order) -> None:
        """Replace what happens when no order waits; those that wait are forgotten."""
        self.default = order
        self._waiting.clear()

    def take(self, method: Method) -> Order:
        """Return the order for a call, which is then used up."""
        for number, order in enumerate(self._waiting):
            if order.method == method or (order.method is None and method != "upload"):
                return self._waiting.pop(number)
        default = self.default
        fits = default.method == method or (default.method is None and method != "upload")
        return default if fits else Order(Outcome.ALLOW.value)
