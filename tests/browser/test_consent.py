"""What a page learns of the window, and the window of the page, in real browsers.

A site that asks three times without a yes has to rest, so a test that agrees stands between those
that do not.
"""

from typing import TYPE_CHECKING

import pytest

from demo.consent_hand import WINDOW
from demo.identities import CITIZEN, ENTERPRISE
from demo.robot_control import Thing

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = pytest.mark.screen

LOG_IN = Thing(WINDOW, "push button", "登录")
REFUSE = Thing(WINDOW, "push button", "拒绝")
PIN_FIELD = Thing(WINDOW, "password text", "PIN 码", part=True)


def _wrong(pin: str) -> str:
    return pin[:-1] + ("0" if pin[-1] != "0" else "1")


def test_refusing_tells_the_page_and_uses_no_certificate(page: "Page") -> None:
    with page.open():
        page.log_in()
        page.desk.hand.look("登录")
        page.desk.robot.press(REFUSE)

        page.wait("push button", "登录")
        assert page.shows("已取消")
        assert page.shows("您没有同意，证书没有被使用")


def test_a_citizen_logs_in_with_her_ecdsa_key(page: "Page") -> None:
    with page.open():
        page.log_in()
        page.desk.hand.look("登录")
        page.desk.hand.agree("登录", CITIZEN)

        page.wait("heading", "您已登录")
        assert page.shows("张三 样例")


def test_cancelling_on_the_page_closes_the_window(page: "Page") -> None:
    with page.open():
        page.log_in()
        page.desk.hand.look("登录")
        page.press("push button", "取消")

        page.desk.robot.wait_gone(LOG_IN)
        page.wait("push button", "登录")


def test_a_wrong_pin_is_counted_in_the_window_and_only_named_to_the_page(page: "Page") -> None:
    robot, pin = page.desk.robot, page.desk.home.pin()
    with page.open():
        page.log_in()
        page.desk.hand.look("登录")
        robot.type(PIN_FIELD, _wrong(pin))
        robot.press(LOG_IN)
        robot.find(Thing(WINDOW, "password text", "还可输入 5 次", part=True))
        assert not page.shows("还可输入")
        robot.press(REFUSE)

        page.wait("push button", "登录")
        assert page.shows("PIN 码不对，证书没有被使用")
        assert not page.shows("5 次")
        page.log_in()
        page.desk.hand.look("登录")
        page.desk.hand.agree("登录", ENTERPRISE)
        page.wait("heading", "您已登录")


def test_a_closed_browser_closes_the_window(page: "Page") -> None:
    with page.open():
        page.log_in()
        page.desk.hand.look("登录")

    page.desk.robot.wait_gone(LOG_IN, seconds=10)
