"""States: what the window shows of token, PIN and document; real widgets, no screen."""

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from signet_agent.channel.desktop_messages import (
    Agreed,
    Chosen,
    Declined,
    TokenMissing,
)
from signet_agent.desktop.application import dress
from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.palette import LIGHT
from signet_agent.desktop.widgets.consent_body import NarrowBody
from signet_agent.desktop.widgets.consent_dialog import ConsentDialog
from signet_agent.desktop.widgets.tick import TickSentence
from signet_agent.desktop.widgets.tries import TriesBars
from signet_agent.model import Operation
from tests.kit.consent_windows import Window
from tests.kit.consents import (
    CITIZEN,
    CODE,
    CONSENT,
    DEMO,
    DIGEST,
    ENTERPRISE,
    PIN,
    TokenDesk,
    record_of,
)

BOTH = [Operation.LOGIN, Operation.SIGN]


def test_a_wrong_pin_is_said_and_asked_for_again(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.ready()
    window.type_pin("000000")
    window.strike(Qt.Key.Key_Return)
    window.send(window.desk.reject(ENTERPRISE.fingerprint))
    panel = window.dialog.body.questions.pin
    assert panel._wrong.text() == "PIN 码不对，还可输入 5 次"
    assert panel.field.accessibleName() == "PIN 码，还可输入 5 次"
    assert panel.field.accessibleDescription() == "PIN 码不对，还可输入 5 次"
    assert panel.field.hasFocus()
    assert panel.field.length() == 0
    window.type_pin()
    window.strike(Qt.Key.Key_Return)
    agreed = window.words()[-1]
    assert isinstance(agreed, Agreed)
    assert window.desk.opens(agreed) == PIN


def test_a_token_that_does_not_count_says_nothing_until_there_is_something_to_say(
    window: Window,
) -> None:
    window.desk = TokenDesk(tries=None)
    window.ask(Operation.SIGN)
    window.ready()
    panel = window.dialog.body.questions.pin
    assert (panel._tries.text(), panel.field.accessibleName()) == ("", "PIN 码")
    window.type_pin("000000")
    window.strike(Qt.Key.Key_Return)
    window.send(window.desk.reject(ENTERPRISE.fingerprint))
    assert panel._wrong.text() == "PIN 码不对，请再输入一次"


def test_a_pin_that_is_typed_at_the_reader_has_no_field_here(window: Window) -> None:
    window.desk.pin = msgspec.structs.replace(window.desk.pin, at_reader=True)
    window.ask(Operation.SIGN)
    window.ready()
    panel = window.dialog.body.questions.pin
    assert not panel.field.isEnabled()
    assert panel.field.placeholderText() == "同意后，请在读卡器上输入"
    assert window.dialog.foot.agree.isEnabled()


def test_the_last_try_is_a_question_of_its_own(window: Window) -> None:
    window.desk = TokenDesk(tries=1)
    window.ask(Operation.SIGN)
    window.ready()
    questions, foot = window.dialog.body.questions, window.dialog.foot
    assert foot.refuse.text() == "先不签名"
    assert foot.refuse.hasFocus()
    assert not questions.pin.field.isEnabled()
    assert window.dialog.who.frame.property("weight") == "grave"
    window.pass_time(1)
    questions.tick.click()
    window.type_pin()
    window.strike(Qt.Key.Key_Return)
    assert window.words() == []
    window.press(foot.agree)
    (agreed,) = window.words()
    assert isinstance(agreed, Agreed)
    assert agreed.last_try


def test_clearing_the_tick_shuts_and_empties_the_pin_field(window: Window) -> None:
    window.desk = TokenDesk(tries=1)
    window.ask(Operation.LOGIN)
    window.ready()
    window.pass_time(1)
    questions = window.dialog.body.questions
    questions.tick.click()
    window.type_pin()
    questions.tick.click()
    assert not questions.pin.field.isEnabled()
    assert questions.pin.field.length() == 0
    assert not window.dialog.foot.agree.isEnabled()


def test_a_locked_token_can_only_be_closed(window: Window) -> None:
    window.desk = TokenDesk(tries=0)
    window.ask(Operation.LOGIN)
    window.ready()
    window.pass_time(1)
    foot = window.dialog.foot
    assert (foot.refuse.text(), foot.agree.isVisible()) == ("关闭", False)
    window.press(foot.refuse)
    assert window.words() == [Declined(CONSENT)]


def test_a_missing_token_is_asked_for_again_by_the_button(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.answers()
    window.send(TokenMissing(ENTERPRISE.fingerprint))
    window.pass_time(1)
    window.strike(Qt.Key.Key_Return)
    assert window.answers()[-1] == Chosen(CONSENT, ENTERPRISE.fingerprint)
    window.ready()
    assert window.session.flow.stage is Stage.READY


def test_the_button_of_a_missing_token_is_deaf_at_first(window: Window) -> None:
    window.ask(Operation.SIGN)
    window.send(TokenMissing(ENTERPRISE.fingerprint))
    window.answers()
    window.strike(Qt.Key.Key_Return)
    window.session._retry()
    assert window.answers() == []


def test_a_missing_token_can_be_exchanged_for_another(window: Window) -> None:
    window.ask(Operation.SIGN, choices=(ENTERPRISE, CITIZEN))
    window.send(TokenMissing(ENTERPRISE.fingerprint))
    window.pass_time(1)
    window.answers()
    body = window.dialog.body
    body._show_others()
    body.questions.list.radios[1].click()
    assert Chosen(CONSENT, CITIZEN.fingerprint) in window.answers()
    assert body.picture is None


def test_another_certificate_asks_for_its_own_token(window: Window) -> None:
    window.ask(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN))
    window.answers()
    window.dialog.body.questions.list.radios[1].click()
    assert Chosen(CONSENT, CITIZEN.fingerprint) in window.answers()


def test_the_demonstration_is_told_of_while_its_certificate_is_chosen(window: Window) -> None:
    window.ask(Operation.LOGIN, choices=(DEMO, CITIZEN))
    shown = [window.dialog.demo.isVisible()]
    window.dialog.body.questions.list.radios[1].click()
    shown.append(window.dialog.demo.isVisible())
    assert shown == [True, False]


def test_choosing_a_certificate_asks_for_no_pin(window: Window) -> None:
    window.ask(Operation.CHOOSE, choices=(ENTERPRISE, CITIZEN))
    assert not window.dialog.body.questions.pin.isVisible()
    window.press(window.dialog.foot.agree)
    assert window.words() == [Agreed(CONSENT, ENTERPRISE.fingerprint)]


def test_without_any_certificate_only_refusing_is_left(window: Window) -> None:
    window.ask(Operation.SIGN, choices=())
    assert not window.dialog.foot.agree.isVisible()
    window.strike(Qt.Key.Key_Return)
    assert window.words() == [Declined(CONSENT)]


def test_the_code_is_read_digit_by_digit_and_the_digest_is_one_click_away(window: Window) -> None:
    window.ask(Operation.SIGN)
    code = window.dialog.body.code
    assert code is not None
    assert code._digits.text() == CODE
    assert code._digits.accessibleName() == "核对码 4 7 1 8, 0 9 2 6, 5 5 3 0, 8 8 4 1"
    shown = [code._digest.isVisible()]
    code.more.click()
    shown.append(code._digest.isVisible())
    assert shown == [False, True]
    assert DIGEST in code._digest.accessibleName()


def test_tab_goes_from_document_to_certificate_to_pin_to_refuse_to_agree(window: Window) -> None:
    window.ask(Operation.SIGN, choices=(ENTERPRISE, CITIZEN))
    window.ready()
    window.type_pin()
    window.dialog.focus_first()
    visited = []
    body, foot = window.dialog.body, window.dialog.foot
    for _ in range(6):
        visited.append(window.dialog.focusWidget())
        window.strike(Qt.Key.Key_Tab)
    assert body.code is not None
    assert visited == [
        body.sheet,
        body.code.more,
        body.questions.change,
        body.questions.pin.field,
        foot.refuse,
        foot.agree,
    ]


def test_enter_on_a_link_follows_it_and_refuses_nothing(window: Window) -> None:
    window.ask(Operation.SIGN, choices=(ENTERPRISE, CITIZEN))
    questions = window.dialog.body.questions
    questions.change.setFocus()
    window.strike(Qt.Key.Key_Return)
    assert questions.list.isVisible()
    assert questions.list.radios[0].hasFocus()
    assert window.words() == []


@pytest.mark.parametrize("operation", list(Operation))
def test_a_window_fits_the_smallest_screen(window: Window, operation: Operation) -> None:
    window.ask(operation, choices=(ENTERPRISE, CITIZEN, DEMO) * 4)
    assert window.dialog.height() <= 700
    assert window.dialog.width() <= 940


def test_a_click_on_a_card_chooses_its_certificate(window: Window) -> None:
    window.ask(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN))
    window.answers()
    card = window.dialog.body.questions.list.radios[1].parentWidget()
    assert card is not None
    at = QPointF(card.rect().center())
    click = QMouseEvent(
        QEvent.Type.MouseButtonPress,
        at,
        card.mapToGlobal(at),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.application.sendEvent(card, click)
    assert Chosen(CONSENT, CITIZEN.fingerprint) in window.answers()


def test_who_asks_is_told_in_full(window: Window) -> None:
    origin = "https://jiaoyi.fuwu.pingtai.xn--55qx5d.yunting.gov.cn:18443"
    window.ask(Operation.LOGIN, origin=origin, program="/usr/bin/chromium")
    told = [label.text() for label in window.dialog.who.frame.findChildren(QLabel)]
    assert told == [
        "市国家税务局请您登录",
        origin,
        "已登记网站",
        "含易混字母，按编码显示",
        "来自程序 /usr/bin/chromium",
    ]


def test_a_document_without_a_kind_is_called_one(window: Window) -> None:
    window.ask(Operation.SIGN, kind="", language="en", site="City Tax Service")
    assert window.dialog.who.sentence == "City Tax Service asks you to sign 1 document"


@pytest.mark.parametrize("operation", BOTH)
@pytest.mark.parametrize("tries", [None, 0, 1, 2, 6, 15])
def test_every_state_can_be_drawn(window: Window, operation: Operation, tries: int | None) -> None:
    window.desk = TokenDesk(tries=tries)
    window.ask(operation, choices=(ENTERPRISE, DEMO))
    window.ready()
    window.pass_time(1)
    window.dialog.body.questions.tick.click()
    window.type_pin("000000")
    window.session._agree()
    window.send(window.desk.reject(ENTERPRISE.fingerprint))
    assert not window.dialog.grab().isNull()


def test_bars_are_drawn_for_few_tries_and_left_out_for_many(application: QApplication) -> None:
    bars = TriesBars(Look("zh-Hans", LIGHT))
    widths = []
    for left, most in ((3, 3), (2, 3), (2, 15)):
        bars.show_tries(left, most)
        bars.grab()
        widths.append(bars.width())
    assert widths == [0, 3 * 14 + 2 * 4, 0]


def test_the_sentence_beside_a_tick_ticks(window: Window) -> None:
    window.desk = TokenDesk(tries=1)
    window.ask(Operation.LOGIN)
    window.ready()
    window.pass_time(1)
    sentence = window.dialog.findChild(TickSentence)
    assert isinstance(sentence, TickSentence)
    QTest.mouseClick(sentence, Qt.MouseButton.LeftButton)
    assert window.dialog.body.questions.tick.isChecked()


def test_tick_and_radio_take_the_mouse(window: Window) -> None:
    window.desk = TokenDesk(tries=1)
    window.ask(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN))
    window.ready()
    window.pass_time(1)
    questions = window.dialog.body.questions
    QTest.mouseClick(questions.tick, Qt.MouseButton.LeftButton)
    assert questions.tick.isChecked()
    QTest.mouseClick(questions.list.radios[1], Qt.MouseButton.LeftButton)
    assert window.session.flow.choice == CITIZEN


@pytest.mark.parametrize("screen", [QSize(683, 384), QSize(911, 512), QSize(899, 700)])
def test_on_a_small_screen_everything_stands_in_one_column(
    application: QApplication, screen: QSize
) -> None:
    flow = ConsentFlow(record_of(Operation.SIGN), lambda _: None)
    look = Look("zh-Hans", LIGHT)
    dialog = ConsentDialog(look, flow, screen)
    dress(dialog, look)
    dialog.reflect()
    assert isinstance(dialog.body, NarrowBody)
    assert dialog.width() == 480
    assert dialog.height() <= screen.height()
    dialog.deleteLater()
