"""The way of one call: checked, put to the scripted person, answered, and told to who watches."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from signet_protocol import PROTOCOL_VERSION
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import (
    AuditMark,
    Call,
    Choose,
    Decrypt,
    Hello,
    HelloResult,
    Login,
    Result,
    Sign,
    SignBatch,
    SignFile,
    Upload,
    UploadResult,
)
from signet_simulator import __version__
from signet_simulator.conversation import Asker, Report, VanishError
from signet_simulator.documents import FORMATS, MEDIA_TYPES
from signet_simulator.errors import CallEndedError
from signet_simulator.keys import Holding
from signet_simulator.marks import MarkChain
from signet_simulator.operations import Prepared, prepare
from signet_simulator.people import Crowd, Person
from signet_simulator.scripts import Director, Method, Order, Outcome
from signet_simulator.uploads import Uploads

WINDOW_S = 600.0
"""How long a window waits for its person, as the contract says."""

METHODS: dict[type[Call], Method] = {
    Login: "login",
    Choose: "choose",
    Sign: "sign",
    SignBatch: "sign_batch",
    Upload: "upload",
    SignFile: "sign_file",
    Decrypt: "decrypt",
}

_AGREED_BEFORE = frozenset(
    {
        ErrorCode.USER_PIN_INCORRECT,
        ErrorCode.TOKEN_PIN_LOCKED,
        ErrorCode.TOKEN_REMOVED,
        ErrorCode.TOKEN_TIMEOUT,
        ErrorCode.TOKEN_FAULT,
    }
)
"""Errors that come after the person agreed."""

_AFTER_THE_WINDOW = ("user.", "token.removed", "token.pin", "token.timeout", "token.fault")
"""Beginnings of the codes for which a window opens; all others come before it."""


class Watch(Protocol):
    """Whoever is told what happens."""

    def tell(self, event: str, **facts: str) -> None:
        """Hear of an event."""
        ...


class ScriptedWay:
    """The whole simulator behind its conversations."""

    def __init__(
        self,
        crowd: Crowd,
        director: Director,
        watch: Watch,
        sleep: Callable[[float], "asyncio.Future[None]"] | None = None,
    ) -> None:
        """Take the people, the orders, and who watches; a test may hand in its own sleep."""
        self.uploads = Uploads()
        self._crowd = crowd
        self._director = director
        self._watch = watch
        self._sleep = sleep or asyncio.sleep
        self._marks = MarkChain()
        self._window_open = False

    def mark(self) -> AuditMark:
        """Return where the simulated log stands."""
        return self._marks.mark()

    def greet(self, asker: Asker, hello: Hello) -> HelloResult:
        """Answer a greeting: every method is allowed to every site here."""
        self._tell("hello", asker, client=hello.client)
        return HelloResult(
            version=PROTOCOL_VERSION,
            agent=f"{__version__}-simulator",
            methods=tuple(METHODS.values()),
            formats=FORMATS,
            media_types=MEDIA_TYPES,
        )

    def refused(self, asker: Asker, code: ErrorCode) -> None:
        """Tell of a message that was refused by the contract itself."""
        self._tell("refused", asker, outcome=code.value)

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        """Carry out one call as its order says.

        Raises:
            CallEndedError: it ended with an error of the contract.
            VanishError: the connection is to break.
        """
        facts: dict[str, str] = {"method": METHODS[type(call)]}
        try:
            result = await self._answer(asker, call, report, facts)
        except CallEndedError as error:
            self._tell("call", asker, outcome=error.code.value, **facts)
            raise
        except VanishError:
            self._tell("call", asker, outcome=Outcome.VANISH.value, **facts)
            raise
        except asyncio.CancelledError:
            self._tell("call", asker, outcome=ErrorCode.PAGE_CANCELLED.value, **facts)
            raise
        self._tell("call", asker, outcome=Outcome.ALLOW.value, **facts)
        return result

    async def _answer(
        self, asker: Asker, call: Call, report: Report, facts: dict[str, str]
    ) -> Result:
        if isinstance(call, Upload):
            return await self._take_upload(asker, call)
        report("preparing")
        prepared = prepare(call, asker.origin, self.uploads)
        if self._window_open:
            raise CallEndedError(ErrorCode.AGENT_BUSY)
        order = self._director.take(METHODS[type(call)])
        self._window_open = True
        try:
            await self._ask(order, report)
            person, holding = self._choose(order, prepared, getattr(call, "certificate", None))
            facts["person"] = person.name
            report("signing")
            return prepared.make(holding)
        finally:
            self._window_open = False

    async def _take_upload(self, asker: Asker, call: Upload) -> UploadResult:
        order = self._director.take("upload")
        await self._sleep(order.delay)
        _end_as(order)
        arriving = self.uploads.begin(asker.origin, asker, call)
        return UploadResult(arriving.id, arriving.received)

    async def _ask(self, order: Order, report: Report) -> None:
        """Let the scripted person answer."""
        outcome = order.outcome
        opens = isinstance(outcome, Outcome) or outcome.value.startswith(_AFTER_THE_WINDOW)
        if opens:
            report("waiting_for_person")
        await self._sleep(order.delay)
        if outcome is Outcome.WAIT:
            await self._sleep(WINDOW_S)
            raise CallEndedError(ErrorCode.USER_TIMEOUT)
        if outcome in _AGREED_BEFORE:
            report("signing")
        _end_as(order)

    def _choose(
        self, order: Order, prepared: Prepared, wanted: str | None
    ) -> tuple[Person, Holding]:
        """Return who agrees, and with which certificate.

        Raises:
            CallEndedError: nobody here has the certificate that fits, or it is expired.
        """
        people = self._crowd.people
        first = people.get(order.person or self._director.person)
        others = () if order.person else tuple(people.values())
        unknown = wanted is not None
        for person in (*filter(None, [first]), *others):
            holding = prepared.find(person)
            if holding is None:
                unknown = True
            elif wanted in (None, holding.fingerprint):
                if person.is_expired and order.outcome is not Outcome.ALLOW_UNCHECKED:
                    raise CallEndedError(ErrorCode.TOKEN_CERTIFICATE_EXPIRED)
                return person, holding
        raise CallEndedError(
            ErrorCode.PAGE_CERTIFICATE_UNKNOWN if unknown else ErrorCode.TOKEN_ABSENT
        )

    def _tell(self, event: str, asker: Asker, **facts: str) -> None:
        """Chain what happened, and tell whoever watches."""
        self._marks.append(event=event, origin=asker.origin, **facts)
        self._watch.tell(event, origin=asker.origin, **facts)


def _end_as(order: Order) -> None:
    """End the call here where its order says so."""
    outcome = order.outcome
    if outcome is Outcome.VANISH:
        raise VanishError
    if isinstance(outcome, ErrorCode):
        raise CallEndedError(outcome)
