"""The real window in its own process, on a real screen, answered as a person would."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from signet_agent.channel.desktop_messages import (
    Agreed,
    Ask,
    Chosen,
    Close,
    Declined,
    Done,
    Opened,
    Painted,
    TokenMissing,
)
from signet_agent.desktop.application import APPLICATION_NAME
from signet_agent.desktop.input_guard import BURST_S, DEAF_S
from signet_agent.model import Operation
from tests.kit.consents import CITIZEN, CONSENT, ENTERPRISE, PIN, TokenDesk, record_of
from tests.kit.desktop_room import DesktopRoom
from tests.kit.memory import traces
from tests.kit.robot import Node, Robot
from tests.kit.screen import Screen, virtual_screen

pytestmark = pytest.mark.screen

HEARING_S = DEAF_S + 0.3
"""After this time the window hears; a loaded machine is given a little more."""


ATTEMPTS = 8


class Person:
    """A window room on a screen, and a robot in front of it."""

    def __init__(self, screen: Screen, robot: Robot) -> None:
        self.screen = screen
        self.robot = robot
        self.desk = TokenDesk()
        self.room = DesktopRoom("window", screen)
        self.room.expect(Opened)

    def ask(self, operation: Operation, *, hear: bool = True, **changes: object) -> None:
        """Have a window shown, and wait until it hears."""
        self.room.send(Ask(record_of(operation, **changes)))
        self.room.expect(Painted)
        self.robot.find(APPLICATION_NAME, role="push button", name="拒绝")
        if hear:
            time.sleep(HEARING_S)

    def renew(self) -> None:
        """Close the window and start a room for another."""
        self.room.send(Close())
        self.room.ended()
        self.room.__exit__(None, None, None)
        self.room = DesktopRoom("window", self.screen)
        self.room.expect(Opened)

    def act_early(self, operation: Operation, act: Callable[[], None]) -> None:
        """Have a window shown and do something within the half second in which it is deaf.

        A loaded machine may be too slow for that; then it is another window's turn.
        """
        for _ in range(ATTEMPTS):
            self.room.send(Ask(record_of(operation)))
            self.room.expect(Painted)
            painted = time.monotonic()
            act()
            in_time = time.monotonic() - painted < DEAF_S
            if operation is not Operation.CHOOSE:
                self.room.expect(Chosen)
            if in_time:
                return
            self.renew()
        pytest.fail("this machine is too slow to act within half a second")

    def ready(self) -> None:
        chosen = self.room.expect(Chosen)
        self.room.send(self.desk.ready(chosen.fingerprint))

    def button(self, name: str, *, enabled: bool = True) -> Node:
        return self.robot.find(APPLICATION_NAME, role="push button", name=name, enabled=enabled)

    def pin(self) -> Node:
        return self.robot.find(APPLICATION_NAME, role="password text", enabled=True)

    def type_pin(self) -> None:
        """Type the PIN key by key; it arrives whole, or where the window was deaf not at all."""
        for _ in range(ATTEMPTS):
            self.robot.type(PIN)
            end = time.monotonic() + BURST_S
            while time.monotonic() < end:
                if len(self.pin().text()) == len(PIN):
                    return
            assert not self.pin().text()
        pytest.fail("this window never hears")

    def label(self, name: str) -> Node:
        return self.robot.find(APPLICATION_NAME, name=name)

    def says_nothing(self) -> bool:
        """Whether the window says nothing for a while."""
        return not self.room.hears(0.5)


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


@pytest.fixture(scope="module")
def robot(screen: Screen) -> Iterator[Robot]:
    with Robot(screen.environment) as made:
        yield made


@pytest.fixture
def person(screen: Screen, robot: Robot) -> Iterator[Person]:
    made = Person(screen, robot)
    yield made
    made.room.__exit__(None, None, None)


def test_a_signature_is_agreed_to_by_the_verb(person: Person) -> None:
    person.ask(Operation.SIGN)
    person.ready()
    person.pin().write(PIN)
    person.button("签名").press()
    agreed = person.room.expect(Agreed)
    assert person.desk.opens(agreed) == PIN
    person.room.send(Done())
    person.label("已签名")
    assert person.room.ended() == 0
    assert "Traceback" not in person.room.complaints()


def test_a_pin_that_is_typed_agrees_with_enter(person: Person) -> None:
    person.ask(Operation.LOGIN)
    person.ready()
    person.pin().click()
    person.type_pin()
    person.robot.strike("Return")
    agreed = person.room.expect(Agreed)
    assert person.desk.opens(agreed) == PIN


@pytest.mark.parametrize("key", ["Return", "Escape"])
@pytest.mark.parametrize("operation", [Operation.SIGN, Operation.LOGIN])
def test_enter_and_escape_refuse(person: Person, operation: Operation, key: str) -> None:
    person.ask(operation)
    person.robot.strike(key)
    assert person.room.expect(Declined) == Declined(CONSENT)
    assert person.room.ended() == 0


def test_keys_right_after_painting_do_not_count(person: Person) -> None:
    def strike() -> None:
        person.robot.strike("Return")
        person.robot.strike("Escape")

    person.act_early(Operation.SIGN, strike)
    assert person.says_nothing()
    time.sleep(HEARING_S)
    person.robot.strike("Escape")
    assert person.room.expect(Declined) == Declined(CONSENT)


def test_clicks_right_after_painting_do_not_count(person: Person) -> None:
    person.ask(Operation.CHOOSE)
    agree = person.button("选择").middle()
    person.renew()
    person.act_early(Operation.CHOOSE, lambda: person.robot.click(*agree))
    assert person.says_nothing()
    time.sleep(HEARING_S)
    person.robot.click(*agree)
    assert person.room.expect(Agreed).fingerprint == ENTERPRISE.fingerprint


def test_the_window_can_be_closed_by_the_desktop(person: Person) -> None:
    person.ask(Operation.SIGN)
    person.robot.chord("Alt", "F4")
    assert person.room.expect(Declined) == Declined(CONSENT)


def test_a_wrong_pin_is_told_and_typed_again(person: Person, tmp_path: Path) -> None:
    person.ask(Operation.SIGN)
    person.ready()
    person.pin().write("000000")
    person.button("签名").press()
    agreed = person.room.expect(Agreed)
    person.room.send(person.desk.reject(agreed.fingerprint))
    person.label("PIN 码不对，还可输入 5 次")
    field = person.robot.find(APPLICATION_NAME, name="PIN 码，还可输入 5 次")
    assert field.text() == ""
    field.write(PIN)
    person.button("签名").press()
    assert person.desk.opens(person.room.expect(Agreed)) == PIN


def test_the_last_try_is_ticked_first(person: Person) -> None:
    person.desk = TokenDesk(tries=1)
    person.ask(Operation.LOGIN)
    person.ready()
    person.label("PIN 码只剩最后 1 次机会")
    assert person.button("先不登录").has("focused")
    assert not person.button("登录", enabled=False).enabled
    time.sleep(HEARING_S)
    person.robot.find(APPLICATION_NAME, role="check box").press()
    person.pin().write(PIN)
    person.button("登录").press()
    assert person.room.expect(Agreed).last_try


def test_refusing_the_last_try_spends_nothing(person: Person) -> None:
    person.desk = TokenDesk(tries=1)
    person.ask(Operation.SIGN)
    person.ready()
    person.label("PIN 码只剩最后 1 次机会")
    time.sleep(HEARING_S)
    person.robot.strike("Return")
    assert person.room.expect(Declined) == Declined(CONSENT)


def test_a_missing_token_is_looked_for_again(person: Person) -> None:
    person.ask(Operation.SIGN)
    person.room.expect(Chosen)
    person.room.send(TokenMissing(ENTERPRISE.fingerprint))
    person.label("请插入 USB Key")
    time.sleep(HEARING_S)
    person.button("再试一次").press()
    person.ready()
    person.pin().write(PIN)
    person.button("签名").press()
    assert person.desk.opens(person.room.expect(Agreed)) == PIN


def test_another_certificate_is_chosen_by_its_whole_name(person: Person) -> None:
    person.ask(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN))
    person.robot.find(APPLICATION_NAME, role="radio button", part="市民卡，尾号 0073").press()
    first, second = person.room.expect(Chosen), person.room.expect(Chosen)
    assert [first.fingerprint, second.fingerprint] == [
        ENTERPRISE.fingerprint,
        CITIZEN.fingerprint,
    ]


def test_everything_that_is_shown_is_read_out(person: Person) -> None:
    person.ask(Operation.SIGN)
    person.ready()
    person.pin()
    rows = person.robot.rows(APPLICATION_NAME)
    shown = [row for row in rows if "showing" in row["states"]]
    names = {row["name"] for row in shown}
    assert {
        "签章助手 · 签名 · 市国家税务局请您签署 1 份申报表",
        "https://guoshui.localhost:8443",
        "要签署的内容：增值税纳税申报表（月报）",
        "本期应补税额，48,627.65",
        "核对码 4 7 1 8, 0 9 2 6, 5 5 3 0, 8 8 4 1",
        "PIN 码，还可输入 6 次",
        "签名不能撤回",
    } <= names
    assert not {"税"} & names
    unnamed = [row["role"] for row in shown if not row["name"]]
    assert set(unnamed) <= {"filler", "panel", "viewport", "scroll bar", "scroll pane"}


def test_the_reading_order_is_who_what_with_what_then(person: Person) -> None:
    person.ask(Operation.LOGIN, choices=(ENTERPRISE, CITIZEN))
    person.ready()
    person.pin()
    rows = person.robot.rows(APPLICATION_NAME)
    names = [row["name"] for row in rows if "showing" in row["states"] and row["name"]]
    wanted = [
        "市国家税务局请您登录",
        "登录后，该网站会知道",
        "您的姓名和单位名称",
        "登录不是签名，不会签署任何文件",
        "用哪一张证书",
        "PIN 码，还可输入 6 次",
        "拒绝",
        "登录",
    ]
    assert [name for name in names if name in wanted] == wanted


def test_what_changes_by_itself_is_announced_at_once(person: Person) -> None:
    person.desk = TokenDesk(tries=3)
    person.ask(Operation.SIGN)
    person.robot.listen()
    person.ready()
    person.pin().write("000000")
    person.button("签名").press()
    agreed = person.room.expect(Agreed)
    person.robot.expect_announced("正在签名")
    person.room.send(person.desk.reject(agreed.fingerprint))
    person.robot.expect_announced("PIN 码不对，还可输入 2 次")
    person.room.send(TokenMissing(ENTERPRISE.fingerprint))
    person.robot.expect_announced("请插入 USB Key。准备好以后，请按“再试一次”。")


@pytest.mark.parametrize("way", ["typed", "set"])
def test_nothing_of_the_pin_stays_in_the_window(person: Person, way: str) -> None:
    person.ask(Operation.SIGN)
    person.ready()
    field = person.pin()
    if way == "typed":
        field.click()
        person.robot.type(PIN)
    else:
        field.write(PIN)
    person.button("签名").press()
    person.room.expect(Agreed)
    time.sleep(2)
    assert traces(person.room.process.pid, PIN) == []


def test_the_search_finds_what_is_there(person: Person) -> None:
    person.ask(Operation.SIGN, site=f"市国家税务局 {PIN}")
    assert traces(person.room.process.pid, PIN) != []


def test_nothing_of_the_pin_can_be_read_from_the_field(person: Person) -> None:
    person.ask(Operation.SIGN)
    person.ready()
    field = person.pin()
    field.write(PIN)
    person.button("签名")
    assert not set(field.text()) & set(PIN)


def test_a_daemon_that_is_gone_takes_the_window_with_it(person: Person) -> None:
    person.ask(Operation.SIGN)
    person.room.hang_up()
    assert person.room.ended() == 0
    assert "Traceback" not in person.room.complaints()


def test_the_window_is_what_was_designed(person: Person, tmp_path: Path) -> None:
    person.ask(Operation.SIGN)
    picture = Image.open(person.screen.screenshot(tmp_path / "screen.png")).convert("RGB")
    colours = picture.getcolors(1 << 24)
    assert colours is not None
    seen = {colour for count, colour in colours if count > 500}
    assert {(0xE7, 0xEF, 0xF7), (0xFF, 0xFD, 0xF6), (0xF3, 0xF5, 0xF7)} <= seen
