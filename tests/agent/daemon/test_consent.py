"""One window at a time, and an answer counts once, for one record, for a minute."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from signet_agent.channel.desktop_messages import (
    Activity,
    Agreed,
    Chosen,
    Close,
    Declined,
    Done,
    Painted,
    PinReady,
    PinRejected,
    TokenMissing,
    WindowAnswer,
    WindowOrder,
)
from signet_agent.channel.token_messages import SEALED_PIN_BYTES, PinKey, Sign, Unwrap
from signet_agent.daemon.consent import APPROVAL_LIFE_S, Consent, Dialogue
from signet_agent.daemon.keyring import Keyring, PinNotTakenError
from signet_agent.daemon.policy import Candidate
from signet_agent.errors import AgentError, PageError, PersonDeclinedError, RoomError, TokenError
from signet_agent.model import (
    Algorithm,
    Certificate,
    ConsentRecord,
    KeyUse,
    Operation,
    Origin,
    PinState,
    Token,
)
from signet_protocol.errors import ErrorCode

pytestmark = pytest.mark.quick

SITE = Origin("https://portal.example.com")
ID = bytes(16)
CERTIFICATE = Certificate(
    key="mock:mock/1/01",
    token="mock:mock/1",
    der=b"der",
    spki=b"",
    holder="",
    organisation="",
    issuer="",
    serial="",
    not_before=0,
    not_after=0,
    uses=(KeyUse.LOGIN,),
    algorithm=Algorithm.RS256,
)
OFFERED = [Candidate(Token("mock:mock/1", "", "1", "usb-key", PinState()), CERTIFICATE)]
FINGERPRINT = CERTIFICATE.fingerprint
SEALED = bytes(SEALED_PIN_BYTES)


@dataclass
class Window:
    """A window the test plays by hand."""

    orders: list[WindowOrder] = field(default_factory=list)
    answers: asyncio.Queue[WindowAnswer] = field(default_factory=asyncio.Queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    async def send(self, order: WindowOrder) -> None:
        if self.gone:
            raise RoomError("gone", ErrorCode.AGENT_WINDOW_UNAVAILABLE)
        self.orders.append(order)

    async def receive(self) -> WindowAnswer:
        return await self.answers.get()

    async def end(self) -> None:
        self.ended.set()

    def warm(self) -> None:
        """Nothing to keep ready."""

    async def open(self) -> "Window":
        if self.gone:
            raise RoomError("no screen", ErrorCode.AGENT_WINDOW_UNAVAILABLE)
        return self


@dataclass
class Store:
    """A key store whose answer to open_pin the test sets."""

    name: str = "mock"
    pin: PinState = field(default_factory=PinState)
    failure: Exception | None = None

    async def tokens(self) -> tuple[Token, ...]:
        return ()

    async def open_pin(self, consent: bytes, token: str) -> PinKey:
        if self.failure is not None:
            raise self.failure
        return PinKey(b"k" * 32, self.pin)

    async def sign(self, order: Sign) -> tuple[bytes, ...]:
        raise AssertionError

    async def unwrap(self, order: Unwrap) -> bytes:
        raise AssertionError


@dataclass
class Table:
    """Everything on the table of one test."""

    window: Window = field(default_factory=Window)
    store: Store = field(default_factory=Store)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.consent = Consent(self.window, Keyring([self.store]), lambda: self.now)

    @asynccontextmanager
    async def asked(self, operation: Operation = Operation.LOGIN) -> AsyncIterator[Dialogue]:
        record = ConsentRecord(ID, operation, "", "", "", "", ())
        async with self.consent.dialogue(SITE) as dialogue:
            await dialogue.ask(record, OFFERED)
            yield dialogue

    def play(self, *answers: WindowAnswer) -> None:
        for answer in answers:
            self.window.answers.put_nowait(answer)


async def code_of(dialogue: Dialogue) -> str:
    """Return how the dialogue ends without an approval."""
    with pytest.raises(AgentError) as caught:
        await anext(aiter(dialogue.approvals()))
    return caught.value.code.value


async def test_an_approval_names_certificate_pin_and_time() -> None:
    table = Table(now=5.0)
    async with table.asked() as dialogue:
        table.play(Painted(ID), Chosen(ID, FINGERPRINT), Agreed(ID, FINGERPRINT, SEALED))
        approval = await anext(aiter(dialogue.approvals()))
        await dialogue.done()
    assert approval.chosen == OFFERED[0]
    assert (approval.sealed_pin, approval.given_at, approval.last_try) == (SEALED, 5.0, False)
    assert [type(order) for order in table.window.orders[1:]] == [PinReady, Done]


async def test_the_window_is_let_go_at_the_end_and_only_one_is_open() -> None:
    table = Table()
    async with table.asked():
        assert table.consent.is_open
        with pytest.raises(AgentError) as caught:
            await table.consent.dialogue(SITE).__aenter__()
        assert caught.value.code is ErrorCode.AGENT_BUSY
    assert not table.consent.is_open
    await table.consent.end()
    assert table.window.ended.is_set()


async def test_a_window_that_cannot_open_leaves_the_place_free() -> None:
    table = Table()
    table.window.gone = True
    with pytest.raises(RoomError):
        await table.consent.dialogue(SITE).__aenter__()
    assert not table.consent.is_open


@pytest.mark.parametrize(
    "answer",
    [
        Agreed(b"other consent id", FINGERPRINT, SEALED),
        Agreed(ID, "0" * 64, SEALED),
        Agreed(ID, FINGERPRINT, b""),
        Agreed(ID, FINGERPRINT, SEALED + b"x"),
        Chosen(ID, "0" * 64),
        Declined(b"other consent id"),
    ],
)
async def test_an_answer_that_does_not_fit_the_record_ends_the_act(answer: WindowAnswer) -> None:
    table = Table()
    async with table.asked() as dialogue:
        table.play(answer)
        assert await code_of(dialogue) == "agent.window_unavailable"


async def test_choosing_needs_no_pin_and_takes_none() -> None:
    table = Table()
    async with table.asked(Operation.CHOOSE) as dialogue:
        table.play(Chosen(ID, FINGERPRINT), Agreed(ID, FINGERPRINT))
        assert (await anext(aiter(dialogue.approvals()))).sealed_pin == b""
    assert len(table.window.orders) == 1
    async with table.asked(Operation.CHOOSE) as dialogue:
        table.play(Agreed(ID, FINGERPRINT, SEALED))
        assert await code_of(dialogue) == "agent.window_unavailable"


@pytest.mark.parametrize(("idle", "code"), [(False, "user.refused"), (True, "user.timeout")])
async def test_a_refusal_says_whether_the_person_or_the_time_refused(idle: bool, code: str) -> None:
    table = Table()
    async with table.asked() as dialogue:
        table.play(Declined(ID, idle=idle))
        assert await code_of(dialogue) == code


async def test_ten_minutes_of_silence_close_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signet_agent.daemon.consent.IDLE_S", 0.01)
    monkeypatch.setattr("signet_agent.daemon.consent.IDLE_GRACE_S", 0.0)
    table = Table()
    async with table.asked() as dialogue:
        assert await code_of(dialogue) == "user.timeout"
    assert isinstance(table.window.orders[-1], Close)


async def test_activity_starts_the_ten_minutes_again() -> None:
    table = Table()
    async with table.asked() as dialogue:
        before = dialogue._idle_at
        table.now = 100.0
        table.play(Activity(ID), Agreed(ID, FINGERPRINT, SEALED))
        await anext(aiter(dialogue.approvals()))
        assert dialogue._idle_at == before + 100.0


async def test_a_rejected_pin_gets_a_fresh_key_and_giving_up_is_told_as_such() -> None:
    table = Table(store=Store(pin=PinState(tries=5, wrong_before=True)))
    async with table.asked() as dialogue:
        table.play(Agreed(ID, FINGERPRINT, SEALED), Declined(ID))
        approvals = aiter(dialogue.approvals())
        await anext(approvals)
        await dialogue.reject(PinState(tries=5))
        with pytest.raises(PersonDeclinedError) as caught:
            await anext(approvals)
    assert caught.value.code is ErrorCode.USER_PIN_INCORRECT
    rejected = table.window.orders[-1]
    assert isinstance(rejected, PinRejected)
    assert rejected.pin.tries == 5
    assert len(rejected.public) == 32


async def test_a_token_that_locks_gets_no_key_any_more() -> None:
    table = Table()
    async with table.asked() as dialogue:
        table.play(Agreed(ID, FINGERPRINT, SEALED), Declined(ID))
        approvals = aiter(dialogue.approvals())
        await anext(approvals)
        await dialogue.reject(PinState(tries=0, locked=True))
        with pytest.raises(TokenError) as caught:
            await anext(approvals)
    assert caught.value.code is ErrorCode.TOKEN_PIN_LOCKED
    assert table.window.orders[-1] == PinRejected(FINGERPRINT, b"", PinState(tries=0, locked=True))


async def test_a_token_that_is_locked_already_is_shown_as_such() -> None:
    table = Table(store=Store(failure=PinNotTakenError(PinState(locked=True))))
    async with table.asked() as dialogue:
        table.play(Chosen(ID, FINGERPRINT), Declined(ID))
        assert await code_of(dialogue) == "token.pin_locked"
    assert table.window.orders[-1] == PinReady(FINGERPRINT, b"", PinState(locked=True))


async def test_a_token_that_is_gone_may_be_plugged_in_again() -> None:
    table = Table(store=Store(failure=TokenError("gone", ErrorCode.TOKEN_REMOVED)))
    async with table.asked() as dialogue:
        table.play(Chosen(ID, FINGERPRINT), Declined(ID))
        assert await code_of(dialogue) == "user.refused"
    assert table.window.orders[-1] == TokenMissing(FINGERPRINT)


async def test_a_token_that_fails_otherwise_ends_the_act() -> None:
    table = Table(store=Store(failure=TokenError("broken")))
    async with table.asked() as dialogue:
        table.play(Chosen(ID, FINGERPRINT))
        assert await code_of(dialogue) == "token.fault"


async def test_done_is_said_to_whoever_is_still_there() -> None:
    table = Table()
    async with table.asked() as dialogue:
        table.window.gone = True
        await dialogue.done()
        table.window.gone = False
    assert not any(isinstance(order, Done) for order in table.window.orders)


async def test_an_approval_is_void_after_a_minute() -> None:
    table = Table()
    async with table.asked() as dialogue:
        table.play(Agreed(ID, FINGERPRINT, SEALED))
        approval = await anext(aiter(dialogue.approvals()))
    table.now = APPROVAL_LIFE_S
    table.consent.require_fresh(approval)
    table.now += 0.1
    with pytest.raises(PersonDeclinedError) as caught:
        table.consent.require_fresh(approval)
    assert caught.value.code is ErrorCode.USER_TIMEOUT


async def _ends(table: Table, error: BaseException, *, agreed: bool = False) -> None:
    """Open a dialogue and have it end so."""
    with pytest.raises(type(error)):  # noqa: PT012 -- the dialogue is left by the error
        async with table.asked() as dialogue:
            if agreed:
                table.play(Agreed(ID, FINGERPRINT, SEALED))
                await anext(aiter(dialogue.approvals()))
            raise error
    await table.consent.end()


@pytest.mark.parametrize("error", [PersonDeclinedError("refused"), asyncio.CancelledError()])
async def test_a_site_that_asks_again_and_again_without_a_yes_has_to_rest(
    error: BaseException,
) -> None:
    table = Table()
    for _ in range(3):
        await _ends(table, error)
    with pytest.raises(PageError) as caught:
        await table.consent.dialogue(SITE).__aenter__()
    assert caught.value.code is ErrorCode.PAGE_ASKED_TOO_OFTEN
    assert not table.consent.is_open
    table.now = 300.0
    async with table.asked():
        assert table.consent.is_open


@pytest.mark.parametrize("error", [TokenError("broken"), RoomError("window died")])
async def test_what_fails_of_itself_is_nobodys_no(error: BaseException) -> None:
    table = Table()
    for _ in range(6):
        await _ends(table, error)


async def test_a_yes_even_with_a_wrong_pin_is_no_refusal() -> None:
    table = Table()
    for _ in range(6):
        await _ends(table, PersonDeclinedError("gave up"), agreed=True)
