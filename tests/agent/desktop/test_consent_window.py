"""The consent window's rules, with real widgets and a channel, without a screen."""

import socket
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from signet_agent.channel.child import ChildChannel
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
    TokenMissing,
    WindowAnswer,
    WindowOrder,
)
from signet_agent.channel.frames import HEADER, body_length, decode_body, encode_frame
from signet_agent.desktop import idle_clock, input_guard
from signet_agent.desktop.application import dress
from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.consent_window import ConsentSession, WindowRoom
from signet_agent.desktop.look import Look
from signet_agent.desktop.palette import LIGHT
from signet_agent.desktop.widgets.consent_body import NarrowBody
from signet_agent.desktop.widgets.consent_dialog import ConsentDialog
from signet_agent.desktop.widgets.tick import TickSentence
from signet_agent.desktop.widgets.tries import TriesBars
from signet_agent.model import Operation
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
Tune = Callable[[float], None]


class Window:
    """A window room in this process; the test is daemon, person and clock."""

    def __init__(
        self,
        application: QApplication,
        sockets: tuple[socket.socket, ChildChannel[WindowOrder]],
        pass_time: Tune,
    ) -> None:
        self.application = application
        self.ours, channel = sockets
        self.pass_time = pass_time
        self.room = WindowRoom(application, channel)
        self.ended = False
        self.room.end = self._end  # type: ignore[method-assign] # the loop is the test's own
        self.desk = TokenDesk()
        self.room.open()

    @property
    def session(self) -> ConsentSession:
        assert self.room._session is not None
        return self.room._session

    @property
    def dialog(self) -> ConsentDialog:
        return self.session.dialog

    def send(self, order: object) -> None:
        self.ours.sendall(encode_frame(order))
        self.pump()

    def pump(self) -> None:
        for _ in range(5):
            self.application.processEvents()

    def ask(self, operation: Operation, **changes: object) -> None:
        """Show a window and let the first half second pass."""
        self.send(Ask(record_of(operation, **changes)))
        self.pass_time(1)

    def ready(self, fingerprint: str = ENTERPRISE.fingerprint) -> None:
        self.send(self.desk.ready(fingerprint))

    def answers(self) -> list[WindowAnswer]:
        """Return what the window has said since the last time."""
        self.ours.setblocking(False)
        said: list[WindowAnswer] = []
        try:
            while header := self.ours.recv(HEADER.size):
                body = self.ours.recv(body_length(header))
                answer: WindowAnswer = decode_body(body, WindowAnswer)
                said.append(answer)
        except BlockingIOError:
            pass
        return said

    def words(self) -> list[WindowAnswer]:
        """Return what the window has said, without the signs of life."""
        signs = Activity | Opened | Painted | Chosen
        return [answer for answer in self.answers() if not isinstance(answer, signs)]

    def strike(self, key: Qt.Key, text: str = "") -> None:
        if text:
            for character in text:
                QTest.keyClick(self.dialog.windowHandle(), Qt.Key(ord(character)))
        else:
            QTest.keyClick(self.dialog.windowHandle(), key)
        self.pump()

    def type_pin(self, pin: str = PIN) -> None:
        self.dialog.body.questions.pin.field.setFocus()
        self.strike(Qt.Key.Key_unknown, pin)

    def press(self, button: QPushButton) -> None:
        centre = button.mapTo(self.dialog, button.rect().center())
        QTest.mouseClick(self.dialog.windowHandle(), Qt.MouseButton.LeftButton, pos=centre)
        self.pump()

    def _end(self) -> None:
        self.ended = True


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Tune:
    now = [100.0]

    def forward(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(input_guard, "monotonic", lambda: now[0])
    monkeypatch.setattr(idle_clock, "monotonic", lambda: now[0])
    return forward


@pytest.fixture
def window(
    application: QApplication,
    sockets: tuple[socket.socket, ChildChannel[WindowOrder]],
    pass_time: Tune,
) -> Iterator[Window]:
    opened = Window(application, sockets, pass_time)
    yield opened
    opened.room._notifier.setEnabled(False)
    if opened.room._session is not None:
        opened.session.clock.stop()
        opened.dialog.hide()
        opened.dialog.deleteLater()


def test_a_waiting_room_says_so_and_shows_nothing(window: Window) -> None:
    assert window.answers() == [Opened()]
    assert not window.application.topLevelWidgets() or window.room._session is None


@pytest.mark.parametrize("operation", BOTH)
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


@pytest.mark.parametrize("operation", BOTH)
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


@pytest.mark.parametrize("operation", BOTH)
def test_enter_in_a_pin_field_of_valid_length_agrees(window: Window, operation: Operation) -> None:
    window.ask(operation)
    window.ready()
    window.type_pin()
    window.strike(Qt.Key.Key_Return)
    assert [type(answer) for answer in window.words()] == [Agreed]


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


def test_a_pin_typed_while_the_window_is_deaf_is_dropped_as_a_whole(window: Window) -> None:
    window.ask(Operation.LOGIN)
    window.ready()
    field = window.dialog.body.questions.pin.field
    field.setFocus()
    window.dialog.activated.emit()
    for character in PIN:
        window.strike(Qt.Key.Key_unknown, character)
        window.pass_time(0.2)
    assert field.length() == 0
    window.pass_time(0.6)
    window.type_pin()
    assert field.length() == len(PIN)


def test_a_key_held_down_answers_nothing(window: Window) -> None:
    window.ask(Operation.SIGN)
    held = QKeyEvent(
        *(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    )
    window.application.sendEvent(window.dialog.windowHandle(), held)
    assert window.words() == []


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


def test_on_a_narrow_screen_everything_stands_in_one_column(application: QApplication) -> None:
    flow = ConsentFlow(record_of(Operation.SIGN), lambda _: None)
    look = Look("zh-Hans", LIGHT)
    dialog = ConsentDialog(look, flow, QSize(683, 384))
    dress(dialog, look)
    dialog.reflect()
    assert isinstance(dialog.body, NarrowBody)
    assert dialog.width() == 480
    assert dialog.height() <= 384
    dialog.deleteLater()
