"""The rules that guard a signature, without a window."""

import pytest

from signet_agent.channel.desktop_messages import (
    Agreed,
    Chosen,
    Declined,
    Done,
    PinReady,
    PinRejected,
    TokenMissing,
)
from signet_agent.channel.sealed_pin import MAX_PIN_BYTES, PinBox, SealError
from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.model import ConsentRecord, Operation, PinState
from tests.kit.consents import CITIZEN, CONSENT, ENTERPRISE, PIN, TokenDesk, record_of

pytestmark = pytest.mark.quick


class Case:
    """A flow, the token behind it, and what it said."""

    def __init__(self, record: ConsentRecord, tries: int | None = 6) -> None:
        self.sent: list[object] = []
        self.flow = ConsentFlow(record, self.sent.append)
        self.desk = TokenDesk(tries=tries)

    def made_ready(self) -> "Case":
        self.flow.begin()
        self.flow.take(self.desk.ready(ENTERPRISE.fingerprint))
        return self

    def agree(self, pin: str = PIN, *, ticked: bool = False) -> bool:
        return self.flow.agree(bytearray(pin.encode()), ticked=ticked)

    def rejected(self) -> "Case":
        self.agree("000000", ticked=True)
        self.flow.take(self.desk.reject(ENTERPRISE.fingerprint))
        return self


@pytest.fixture(params=[each for each in Operation if each is not Operation.CHOOSE])
def case(request: pytest.FixtureRequest) -> Case:
    return Case(record_of(request.param))


def test_the_first_certificate_is_selected_and_its_token_asked_for(case: Case) -> None:
    case.flow.begin()
    assert case.sent == [Chosen(CONSENT, ENTERPRISE.fingerprint)]
    assert case.flow.stage is Stage.CONNECTING


def test_nobody_can_agree_before_the_token_has_spoken(case: Case) -> None:
    case.flow.begin()
    assert not case.agree()
    assert case.sent == [Chosen(CONSENT, ENTERPRISE.fingerprint)]


def test_a_pin_of_valid_length_can_agree(case: Case) -> None:
    assert case.made_ready().agree()
    agreed = case.sent[-1]
    assert isinstance(agreed, Agreed)
    assert (agreed.consent, agreed.fingerprint) == (CONSENT, ENTERPRISE.fingerprint)
    assert case.desk.opens(agreed) == PIN
    assert not agreed.last_try
    assert case.flow.stage is Stage.WORKING


@pytest.mark.parametrize("length", [0, 3, 17, MAX_PIN_BYTES + 1])
def test_a_pin_of_another_length_cannot(case: Case, length: int) -> None:
    assert not case.made_ready().agree("1" * length)
    assert not any(isinstance(message, Agreed) for message in case.sent)


def test_a_pin_that_is_typed_at_the_reader_is_not_typed_here() -> None:
    case = Case(record_of(Operation.LOGIN))
    public = case.desk.ready(ENTERPRISE.fingerprint).public
    case.flow.take(PinReady(ENTERPRISE.fingerprint, public, PinState(at_reader=True)))

    assert not case.agree(PIN)
    assert case.agree("")
    agreed = case.sent[-1]
    assert isinstance(agreed, Agreed)
    assert case.desk.opens(agreed) == ""


def test_a_token_that_takes_longer_pins_than_can_be_sealed_is_held_to_what_can() -> None:
    case = Case(record_of(Operation.LOGIN))
    case.flow.take(PinReady(ENTERPRISE.fingerprint, bytes(32), PinState(max_length=255)))
    assert case.flow.may_agree(MAX_PIN_BYTES, ticked=False)
    assert not case.flow.may_agree(MAX_PIN_BYTES + 1, ticked=False)


def test_a_token_without_a_minimum_still_needs_a_pin() -> None:
    case = Case(record_of(Operation.LOGIN))
    case.flow.take(PinReady(ENTERPRISE.fingerprint, bytes(32), PinState(min_length=0)))
    assert not case.flow.may_agree(0, ticked=False)


def test_the_pin_is_wiped_whether_it_was_sent_or_not(case: Case) -> None:
    for ready in (False, True):
        if ready:
            case.made_ready()
        pin = bytearray(b"135790")
        assert case.flow.agree(pin, ticked=False) is ready
        assert pin == bytes(6)


def test_a_one_time_key_is_used_once(case: Case) -> None:
    case.made_ready().agree()
    assert not case.agree()
    assert sum(isinstance(message, Agreed) for message in case.sent) == 1


def test_a_key_that_is_no_key_sends_nothing_and_wipes_the_pin(case: Case) -> None:
    case.flow.take(PinReady(ENTERPRISE.fingerprint, b"short", PinState(tries=6)))
    pin = bytearray(b"135790")
    with pytest.raises(SealError):
        case.flow.agree(pin, ticked=False)
    assert pin == bytes(6)
    assert case.sent == []


def test_a_wrong_pin_is_asked_for_again_with_the_tries_left(case: Case) -> None:
    case.made_ready().rejected()
    assert case.flow.stage is Stage.READY
    assert case.flow.rejected
    assert (case.flow.pin.tries, case.flow.most_tries) == (5, 6)
    assert case.agree()


def test_tries_spent_before_this_window_count_in_the_bars() -> None:
    case = Case(record_of(Operation.LOGIN))
    pin = PinState(tries=4, wrong_before=True)
    case.flow.take(PinReady(ENTERPRISE.fingerprint, bytes(32), pin))
    assert case.flow.most_tries == 5


def test_the_last_try_needs_a_tick(case: Case) -> None:
    case.desk.pin = PinState(tries=2)
    case.made_ready().rejected()
    assert case.flow.stage is Stage.LAST_TRY
    assert not case.agree(ticked=False)
    assert case.agree(ticked=True)
    agreed = case.sent[-1]
    assert isinstance(agreed, Agreed)
    assert agreed.last_try


def test_a_token_that_only_flags_its_last_try_is_believed() -> None:
    case = Case(record_of(Operation.LOGIN))
    case.flow.take(PinReady(ENTERPRISE.fingerprint, bytes(32), PinState(final=True)))
    assert case.flow.stage is Stage.LAST_TRY


def test_a_locked_token_takes_no_pin(case: Case) -> None:
    case.desk.pin = PinState(tries=1, final=True)
    case.made_ready().rejected()
    assert case.flow.stage is Stage.LOCKED
    assert not case.agree(ticked=True)


def test_a_missing_token_is_waited_for_and_asked_for_again(case: Case) -> None:
    case.flow.begin()
    case.flow.take(TokenMissing(ENTERPRISE.fingerprint))
    stages = [case.flow.stage]
    case.flow.retry()
    stages.append(case.flow.stage)
    assert stages == [Stage.MISSING, Stage.CONNECTING]
    assert case.sent == [Chosen(CONSENT, ENTERPRISE.fingerprint)] * 2


def test_a_token_that_comes_by_itself_is_taken(case: Case) -> None:
    case.flow.take(TokenMissing(ENTERPRISE.fingerprint))
    case.made_ready()
    assert case.flow.stage is Stage.READY


def test_a_token_pulled_out_after_agreeing_is_told_of_as_that(case: Case) -> None:
    case.made_ready().agree()
    case.flow.take(TokenMissing(ENTERPRISE.fingerprint))
    assert case.flow.stage is Stage.REMOVED
    assert not case.agree()


def test_another_certificate_starts_afresh() -> None:
    case = Case(record_of(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN)))
    case.made_ready().rejected()
    case.flow.choose(CITIZEN.fingerprint)
    assert case.sent[-1] == Chosen(CONSENT, CITIZEN.fingerprint)
    assert (case.flow.stage, case.flow.rejected, case.flow.most_tries) == (
        Stage.CONNECTING,
        False,
        0,
    )


def test_what_comes_late_for_another_certificate_is_dropped() -> None:
    case = Case(record_of(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN)))
    case.flow.choose(CITIZEN.fingerprint)
    assert not case.flow.take(case.desk.ready(ENTERPRISE.fingerprint))
    assert not case.flow.take(TokenMissing(ENTERPRISE.fingerprint))
    assert case.flow.stage is Stage.CONNECTING


def test_after_agreeing_no_other_certificate_can_be_selected(case: Case) -> None:
    case.made_ready().agree()
    case.flow.choose(ENTERPRISE.fingerprint)
    assert case.flow.stage is Stage.WORKING


def test_done_ends_what_was_agreed_and_nothing_else(case: Case) -> None:
    assert not case.flow.take(Done())
    case.made_ready().agree()
    assert case.flow.take(Done())
    assert case.flow.stage is Stage.DONE
    box = PinBox(CONSENT)
    assert not case.flow.take(PinRejected(ENTERPRISE.fingerprint, box.public, PinState()))
    assert case.flow.stage is Stage.DONE


@pytest.mark.parametrize("idle", [False, True])
def test_refusing_is_sent(case: Case, idle: bool) -> None:
    assert case.flow.decline(idle=idle)
    assert case.sent == [Declined(CONSENT, idle)]


def test_an_agreement_stands_and_cannot_be_refused_any_more(case: Case) -> None:
    case.made_ready().agree()
    assert not case.flow.decline()
    assert not any(isinstance(message, Declined) for message in case.sent)


def test_choosing_a_certificate_uses_no_key_and_no_pin() -> None:
    case = Case(record_of(Operation.CHOOSE))
    case.flow.begin()
    assert case.sent == []
    assert case.agree("")
    assert case.sent == [Agreed(CONSENT, ENTERPRISE.fingerprint)]


def test_without_a_certificate_there_is_nothing_to_agree_to() -> None:
    case = Case(record_of(Operation.SIGN, choices=()))
    case.flow.begin()
    case.flow.retry()
    assert case.flow.stage is Stage.MISSING
    assert not case.agree()
    assert case.sent == []
    assert case.flow.decline()
