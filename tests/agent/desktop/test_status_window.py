"""The status window shows what the daemon says and asks for nothing else."""

import socket
from collections.abc import Iterator
from time import time

import msgspec
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from signet_agent.channel.child import ChildChannel
from signet_agent.channel.desktop_messages import (
    Act,
    AgentView,
    Close,
    Opened,
    Raise,
    RecentAct,
    ViewAnswer,
)
from signet_agent.channel.frames import HEADER, BodyReader, body_length, encode_frame
from signet_agent.desktop.status_window import StatusRoom
from signet_agent.desktop.widgets.status_frame import StatusFrame
from signet_agent.desktop.widgets.status_pages import SECTIONS, outcome_chip
from signet_agent.desktop.widgets.token_card import soonest_expiry
from signet_agent.model import KeyUse, PinState
from tests.kit.views import VIEW, certificate_of, token_of


class Status:
    """A status room in this process."""

    def __init__(self, application: QApplication) -> None:
        self.application = application
        self.ours, theirs = socket.socketpair()
        self.room = StatusRoom(application, ChildChannel(theirs, AgentView | Raise | Close))
        self.ended = False
        self.room._end = self._end  # type: ignore[method-assign] # the loop is the test's own
        self.room.open()

    @property
    def frame(self) -> StatusFrame:
        assert self.room.frame is not None
        return self.room.frame

    def send(self, order: object) -> None:
        self.ours.sendall(encode_frame(order))
        for _ in range(5):
            self.application.processEvents()

    def answer(self) -> ViewAnswer:
        self.ours.settimeout(5)
        body = self.ours.recv(body_length(self.ours.recv(HEADER.size)))
        return BodyReader[ViewAnswer](ViewAnswer).read(body)

    def _end(self) -> None:
        self.ended = True
        self.room._notifier.setEnabled(False)


@pytest.fixture
def status(application: QApplication) -> Iterator[Status]:
    opened = Status(application)
    assert opened.answer() == Opened()
    yield opened
    opened._end()
    if opened.room.frame is not None:
        opened.frame.hide()


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.text()]


def page(status: Status, name: str) -> QWidget:
    shown = status.frame._areas[name].widget()
    assert shown is not None
    return shown


def test_the_window_appears_with_the_first_view(status: Status) -> None:
    shown = [status.room.frame is not None]
    status.send(VIEW)
    assert shown == [False]
    assert status.frame.isVisible()
    assert VIEW.sentence in texts(page(status, "overview"))


def test_raising_before_a_view_is_nothing(status: Status) -> None:
    status.send(Raise())
    assert status.room.frame is None


def test_raising_brings_a_minimised_window_back(status: Status) -> None:
    status.send(VIEW)
    status.frame.showMinimized()
    status.send(Raise())
    assert not status.frame.isMinimized()


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_opens_its_page(status: Status, name: str) -> None:
    status.send(VIEW)
    status.frame._sections[name].click()
    assert status.frame._pages.currentWidget() is status.frame._areas[name]
    assert len(texts(page(status, name))) > 3


def test_a_link_leads_from_the_overview_to_all_sites(status: Status) -> None:
    status.send(VIEW)
    status.frame.open_section("sites")
    assert status.frame._sections["sites"].opened


def test_pausing_is_sent_and_resuming_is_offered_then(status: Status) -> None:
    status.send(VIEW)
    assert status.frame._switcher is not None
    status.frame._switcher.setFocus()
    status.frame._switcher.click()
    assert status.answer() == Act("pause")
    status.send(msgspec.structs.replace(VIEW, state="paused"))
    assert status.frame._switcher.text() == "继续"
    status.frame._switcher.click()
    assert status.answer() == Act("resume")


def test_in_trouble_there_is_nothing_to_pause(status: Status) -> None:
    status.send(AgentView("trouble", "没有可用的策略", "0.1.0"))
    assert status.frame._switcher is None
    assert "本机的策略里还没有登记网站" in texts(page(status, "overview"))
    assert "没有挡住过网站" in texts(page(status, "sites"))


def test_the_same_view_again_changes_nothing(status: Status) -> None:
    status.send(VIEW)
    before = page(status, "overview")
    status.send(VIEW)
    assert page(status, "overview") is before


def test_a_new_view_leaves_the_open_section_open(status: Status) -> None:
    status.send(VIEW)
    status.frame.open_section("records")
    status.send(msgspec.structs.replace(VIEW, state="waiting"))
    assert status.frame._sections["records"].opened


@pytest.mark.parametrize("end", ["close", "order", "daemon"])
def test_the_room_ends_with_window_order_or_daemon(status: Status, end: str) -> None:
    status.send(VIEW)
    if end == "close":
        status.frame.close()
    elif end == "order":
        status.send(Close())
    else:
        status.ours.shutdown(socket.SHUT_RDWR)
        status.application.processEvents()
    assert status.ended


def test_a_word_to_a_daemon_that_is_gone_ends_the_room(status: Status) -> None:
    status.send(VIEW)
    status.room._notifier.setEnabled(False)
    status.ours.close()
    status.frame.paused.emit()
    assert status.ended


def test_refused_sites_are_listed_with_how_often(status: Status) -> None:
    status.send(VIEW)
    shown = texts(page(status, "sites"))
    assert "https://guoshui-yunting.example" in shown
    assert "3" in shown


def test_a_page_text_is_plain_text(status: Status) -> None:
    status.send(VIEW)
    for label in status.frame.findChildren(QLabel):
        assert label.textFormat().name == "PlainText"


@pytest.mark.parametrize(
    ("days", "said"),
    [(300, None), (20, "20 天后到期"), (1, "1 天后到期"), (-2, "已过期")],
)
def test_a_certificate_says_until_when_it_is_valid(
    status: Status, days: int, said: str | None
) -> None:
    token = token_of(certificate_of(days=days))
    status.send(msgspec.structs.replace(VIEW, tokens=(token,)))
    shown = texts(page(status, "certificates"))
    assert (said in shown) if said else any(text.startswith("20") for text in shown)


def test_a_certificate_that_begins_later_says_so(status: Status) -> None:
    early = msgspec.structs.replace(certificate_of(days=300), not_before=int(time()) + 9999)
    status.send(msgspec.structs.replace(VIEW, tokens=(token_of(early),)))
    assert "尚未生效" in texts(page(status, "certificates"))


def test_the_next_expiry_is_told_of_within_a_month() -> None:
    soon, late, gone = (token_of(certificate_of(days=days)) for days in (12, 200, -1))
    assert soonest_expiry((late, soon, gone)) == 12
    assert soonest_expiry((late, gone)) is None


@pytest.mark.parametrize(
    ("uses", "organisation", "name"),
    [
        ((KeyUse.LOGIN, KeyUse.SIGN), "云汀", "签名证书"),
        ((KeyUse.LOGIN, KeyUse.SIGN), "", "个人证书"),
        ((KeyUse.OPEN,), "云汀", "加密证书"),
        ((KeyUse.LOGIN,), "云汀", "登录证书"),
    ],
)
def test_a_certificate_is_named_by_its_uses(
    status: Status, uses: tuple[KeyUse, ...], organisation: str, name: str
) -> None:
    certificate = certificate_of(days=300, uses=uses, organisation=organisation)
    status.send(msgspec.structs.replace(VIEW, tokens=(token_of(certificate),)))
    assert name in texts(page(status, "certificates"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"demo": True}, "演示证书"),
        ({"pin": PinState(locked=True)}, "PIN 码已锁住"),
        ({}, "已插入"),
    ],
)
def test_a_token_says_how_it_stands(status: Status, changes: dict[str, object], said: str) -> None:
    token = msgspec.structs.replace(token_of(certificate_of(days=300)), **changes)
    status.send(msgspec.structs.replace(VIEW, tokens=(token,)))
    assert said in texts(page(status, "certificates"))


def test_a_token_without_certificates_goes_by_its_label(status: Status) -> None:
    status.send(msgspec.structs.replace(VIEW, tokens=(token_of(),)))
    assert "SIGNET-E1" in texts(page(status, "certificates"))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("done", ("outcome.sign", "ok")),
        ("user.refused", ("outcome.refused", "calm")),
        ("user.timeout", ("outcome.timeout", "calm")),
        ("page.cancelled", ("outcome.cancelled", "calm")),
        ("unknown", ("outcome.unknown", "look")),
        ("token.fault", ("outcome.stopped", "calm")),
    ],
)
def test_every_outcome_has_a_word(outcome: str, said: tuple[str, str]) -> None:
    assert outcome_chip(RecentAct(0, "s", "sign", "t", "4821", outcome)) == said


def test_the_window_fits_a_small_screen(application: QApplication, status: Status) -> None:
    status.send(VIEW)
    screen = application.primaryScreen().availableGeometry().size()
    assert status.frame.size().boundedTo(screen) == status.frame.size()
    assert QSize(400, 300).boundedTo(screen) == QSize(400, 300)
