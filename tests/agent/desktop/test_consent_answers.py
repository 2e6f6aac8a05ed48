"""Answers: what agrees, what refuses, and what does not count; real widgets, no screen."""

import socket

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from signet_agent.channel.desktop_messages import (
    Activity,
    Agreed,
    Ask,
    Chosen,
    Close,
    Declined,
    Done,
    Opened,
    Painted,
)
from signet_agent.model import Operation, Paper
from tests.kit.consent_windows import Window
from tests.kit.consents import (
    CONSENT,
    ENTERPRISE,
    PIN,
    record_of,
)

WITH_A_PIN = [each for each in Operation if each is not Operation.CHOOSE]


def test_a_waiting_room_says_so_and_shows_nothing(window: Window) -> None:
    assert window.answers() == [Opened()]
    assert not window.application.topLevelWidgets() or window.room._session is None


@pytest.mark.parametrize("operation", WITH_A_PIN)
def test_the_window_is_painted_and_asks_for_the_first_token(
    window: Window, operation: Operation
) -> None:
    window.ask(operation)
    assert window.answers() == [
        Opened(),
        Painted(CONSENT),
        Chosen(CONSENT, ENTERPRISE.fingerprint),
    ]


def test_a_second_question_is_not_taken(window: Window) -> None:
    window.ask(Operation.LOGIN)
    first = window.session
    window.send(Ask(record_of(Operation.SIGN)))
    assert window.session is first


@pytest.mark.parametrize("operation", WITH_A_PIN)
def test_the_verb_agrees_with_the_pin_sealed(window: Window, operation: Operation) -> None:
    window.ask(operation)
    window.ready()
    window.type_pin()
    window.press(window.dialog.foot.agree)
    (agreed,) = window.words()
    assert isinstance(agreed, Agreed)
    assert window.desk.opens(agreed) == PIN
    assert not window.dialog.foot.agree.isEnabled()
    assert not window.dialog.foot.refuse.isEnabled()
    assert not window.ended


@pytest.mark.parametrize("operation", WITH_A_PIN)
def test_enter_in_a_pin_field_agrees_to_a_login_or_one_signature_and_to_nothing_graver(
    window: Window, operation: Operation
) -> None:
    grave = operation in {Operation.SIGN_BATCH, Operation.DECRYPT}
    window.ask(operation)
    window.ready()
    window.type_pin()
    window.strike(Qt.Key.Key_Return)
    assert [type(answer) for answer in window.words()] == ([] if grave else [Agreed])
    assert not window.ended


def test_enter_in_a_pin_field_that_is_too_short_does_nothing(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.ready()
    window.type_pin("123")
    window.strike(Qt.Key.Key_Return)
    assert window.words() == []
    assert not window.ended


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_enter_and_escape_refuse_from_where_the_window_opens(
    window: Window, operation: Operation, key: Qt.Key
) -> None:
    window.ask(operation)
    window.strike(key)
    assert window.words() == [Declined(CONSENT)]
    assert window.ended


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_refuse_from_a_text(window: Window, key: Qt.Key) -> None:
    window.ask(Operation.SIGN, paper=Paper(text="声明\n"))
    window.strike(key)
    assert window.words() == [Declined(CONSENT)]


def test_escape_in_the_pin_field_refuses(window: Window) -> None:
    window.ask(Operation.LOGIN)
    window.ready()
    window.type_pin()
    window.strike(Qt.Key.Key_Escape)
    assert window.words() == [Declined(CONSENT)]


def test_enter_on_the_agree_button_does_nothing(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.ready()
    window.type_pin()
    window.dialog.foot.agree.setFocus()
    window.strike(Qt.Key.Key_Return)
    assert window.words() == []


def test_closing_refuses(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.dialog.close()
    assert window.words() == [Declined(CONSENT)]
    assert window.ended


def test_closing_refuses_even_in_the_first_half_second(window: Window) -> None:
    window.send(Ask(record_of(Operation.SIGN)))
    window.dialog.reject()
    assert window.words() == [Declined(CONSENT)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_keys_of_the_first_half_second_do_not_count(window: Window, key: Qt.Key) -> None:
    window.send(Ask(record_of(Operation.SIGN)))
    window.pass_time(0.4)
    window.strike(key)
    assert window.words() == []
    window.pass_time(0.2)
    window.strike(key)
    assert window.words() == [Declined(CONSENT)]


def test_clicks_of_the_first_half_second_do_not_count(window: Window) -> None:
    window.send(Ask(record_of(Operation.CHOOSE)))
    window.pass_time(0.4)
    window.press(window.dialog.foot.agree)
    window.press(window.dialog.foot.refuse)
    window.dialog.foot.agree.click()  # as assistive technology presses
    window.dialog.foot.refuse.click()
    assert window.words() == []
    window.pass_time(0.2)
    window.press(window.dialog.foot.agree)
    assert [type(answer) for answer in window.words()] == [Agreed]


def test_a_regained_focus_starts_the_half_second_again(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.dialog.activated.emit()
    window.strike(Qt.Key.Key_Escape)
    assert window.words() == []
    window.pass_time(0.6)
    window.strike(Qt.Key.Key_Escape)
    assert window.words() == [Declined(CONSENT)]


@pytest.mark.parametrize("gap", [0.2, 0.9])
def test_a_pin_typed_while_the_window_is_deaf_is_dropped_as_a_whole(
    window: Window, gap: float
) -> None:
    window.ask(Operation.LOGIN)
    window.ready()
    field = window.dialog.body.questions.pin.field
    field.setFocus()
    window.dialog.activated.emit()
    for character in PIN:
        window.strike(Qt.Key.Key_unknown, character)
        window.pass_time(gap)
    assert field.length() == 0
    window.pass_time(1.6)
    window.type_pin()
    assert field.length() == len(PIN)


def test_a_pin_begun_before_its_field_opened_is_dropped_as_a_whole(window: Window) -> None:
    window.ask(Operation.LOGIN)
    window.pass_time(1)
    window.strike(Qt.Key.Key_unknown, PIN[0])
    window.ready()
    field = window.dialog.body.questions.pin.field
    field.setFocus()
    for character in PIN[1:]:
        window.pass_time(0.9)
        window.strike(Qt.Key.Key_unknown, character)
    assert field.length() == 0
    window.pass_time(1.6)
    window.type_pin()
    assert field.length() == len(PIN)


def test_a_tab_into_the_field_loses_nothing(window: Window) -> None:
    window.ask(Operation.LOGIN)
    window.ready()
    window.pass_time(1)
    window.strike(Qt.Key.Key_Tab)
    window.dialog.body.questions.pin.field.setFocus()
    window.strike(Qt.Key.Key_unknown, PIN[0])
    assert window.dialog.body.questions.pin.field.length() == 1


def test_a_key_held_down_answers_nothing(window: Window) -> None:
    window.ask(Operation.SIGN)
    held = QKeyEvent(
        *(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    )
    window.application.sendEvent(window.dialog.windowHandle(), held)
    assert window.words() == []


@pytest.mark.parametrize("operation", list(Operation))
def test_a_result_is_shown_and_closes_by_itself_or_by_a_key(
    window: Window, operation: Operation
) -> None:
    window.ask(operation)
    window.ready()
    window.type_pin()
    window.press(window.dialog.foot.agree)
    window.words()
    window.send(Done())
    assert window.dialog.foot.refuse.text() == "关闭"
    window.pass_time(1)
    window.strike(Qt.Key.Key_Return)
    assert window.ended
    assert window.words() == []


def test_nothing_interrupts_what_was_agreed(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.ready()
    window.type_pin()
    window.press(window.dialog.foot.agree)
    window.words()
    window.strike(Qt.Key.Key_Escape)
    window.dialog.close()
    assert window.words() == []
    assert not window.ended


def test_close_ends_without_a_word(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.words()
    window.send(Close())
    assert window.ended
    assert window.words() == []


def test_a_daemon_that_is_gone_ends_the_room(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.ours.shutdown(socket.SHUT_RDWR)
    window.pump()
    assert window.ended


def test_a_word_to_a_daemon_that_is_gone_ends_the_room(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.room._notifier.setEnabled(False)
    window.ours.close()
    window.strike(Qt.Key.Key_Escape)
    assert window.ended


def test_an_order_before_the_question_is_nothing(window: Window) -> None:
    window.send(Done())
    assert window.room._session is None


def test_activity_is_told_at_most_once_a_second(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.answers()
    for _ in range(5):
        window.strike(Qt.Key.Key_Down)
        window.pass_time(0.3)
    assert window.answers() == [Activity(CONSENT)] * 2


def test_scrolling_is_activity(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.answers()
    window.session.guard.eventFilter(window.dialog, QEvent(QEvent.Type.Wheel))
    assert window.answers() == [Activity(CONSENT)]


def test_ten_minutes_without_activity_refuse_after_a_minute_of_notice(window: Window) -> None:
    window.ask(Operation.SIGN)
    clock, foot = window.session.clock, window.dialog.foot
    assert clock._timer.interval() == 540_000
    clock._tick()
    assert foot._words.text() == "60 秒后将自动拒绝"
    for _ in range(59):
        clock._tick()
    assert foot._words.text() == "1 秒后将自动拒绝"
    assert window.words() == []
    clock._tick()
    assert window.words() == [Declined(CONSENT, idle=True)]
    assert window.ended


def test_a_key_in_the_last_minute_starts_the_ten_minutes_again(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.session.clock._tick()
    window.strike(Qt.Key.Key_Down)
    assert window.dialog.foot._words.text() == "10 分钟无操作将自动拒绝"
    assert window.session.clock._timer.interval() == 540_000


def test_while_a_signature_is_made_no_time_runs_out(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.ready()
    window.session.clock._tick()
    window.type_pin()
    window.press(window.dialog.foot.agree)
    assert not window.session.clock._timer.isActive()
    window.send(window.desk.reject(ENTERPRISE.fingerprint))
    assert window.session.clock._timer.isActive()
