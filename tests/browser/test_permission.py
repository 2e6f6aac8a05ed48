"""A page in public address space: Chromium opens its socket, then asks its user.

While the question stands, the agent sees a connection that says nothing. Its deadline for the
head must run from the first byte, or the page would be refused for good after the answer.
"""

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from demo.identities import ENTERPRISE

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = pytest.mark.screen

THINKING_S = 11.0
"""Longer than the gate's deadline for a head once it has begun."""

GUARD_S = 1.0
"""Chromium's questions ignore input for half a second, like our window."""


def _in_public_space(page: "Page") -> str:
    port = urlsplit(page.desk.city.origins["guoshui"]).port
    return f"--ip-address-space-overrides=127.0.0.1:{port}=public,[::1]:{port}=public"


def test_a_login_waits_for_the_browsers_question(chromium_page: "Page") -> None:
    page = chromium_page
    with page.open(_in_public_space(page)):
        page.log_in()
        page.wait("push button", "Allow")
        page.wait("static", "浏览器在等您回答")
        time.sleep(THINKING_S)
        page.press("push button", "Allow")

        page.desk.hand.look("登录")
        page.desk.hand.agree("登录", ENTERPRISE)
        page.wait("heading", "您已登录")


def test_a_person_who_blocks_is_told_how_to_allow(chromium_page: "Page") -> None:
    page = chromium_page
    with page.open(_in_public_space(page)):
        page.log_in()
        page.wait("push button", "Block")
        time.sleep(GUARD_S)
        page.press("push button", "Block")

        page.wait("push button", "登录")
        assert page.shows("浏览器没有让这个网站连接签章助手")
