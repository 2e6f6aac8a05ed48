"""The status window in its own process, on a real screen."""

from collections.abc import Iterator

import msgspec
import pytest

from signet_agent.channel.desktop_messages import Act, Close, Opened, Raise
from signet_agent.desktop.application import APPLICATION_NAME
from tests.kit.desktop_room import DesktopRoom
from tests.kit.robot import Robot
from tests.kit.screen import Screen, virtual_screen
from tests.kit.views import VIEW

pytestmark = pytest.mark.screen


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


@pytest.fixture(scope="module")
def robot(screen: Screen) -> Iterator[Robot]:
    with Robot(screen.environment) as made:
        yield made


@pytest.fixture
def room(screen: Screen) -> Iterator[DesktopRoom]:
    with DesktopRoom("status", screen) as made:
        made.expect(Opened)
        made.send(VIEW)
        yield made


def test_pause_and_resume_are_pressed(room: DesktopRoom, robot: Robot) -> None:
    robot.find(APPLICATION_NAME, role="push button", name="暂停").press()
    assert room.expect(Act) == Act("pause")
    room.send(msgspec.structs.replace(VIEW, state="paused", sentence="已暂停"))
    robot.find(APPLICATION_NAME, role="push button", name="继续").press()
    assert room.expect(Act) == Act("resume")


def test_every_section_is_reached_and_read(room: DesktopRoom, robot: Robot) -> None:
    for section, told in (
        ("证书", "证书编号 59542025E001482101"),
        ("网站", "https://guoshui-yunting.example"),
        ("签署记录", "增值税纳税申报表（月报）"),
    ):
        robot.find(APPLICATION_NAME, role="push button", name=section).press()
        robot.find(APPLICATION_NAME, role="label", name=told)


def test_closing_the_window_ends_the_room(room: DesktopRoom, robot: Robot) -> None:
    robot.find(APPLICATION_NAME, role="push button", name="暂停")
    robot.chord("Alt", "F4")
    assert room.ended() == 0
    assert "Traceback" not in room.complaints()


def test_raising_keeps_the_window_and_close_ends_it(room: DesktopRoom, robot: Robot) -> None:
    robot.find(APPLICATION_NAME, role="push button", name="暂停")
    room.send(Raise())
    robot.find(APPLICATION_NAME, role="push button", name="暂停")
    room.send(Close())
    assert room.ended() == 0
