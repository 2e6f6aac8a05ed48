"""The tray over D-Bus, as a panel meets it; and a session that has none."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from signet_agent.channel.desktop_messages import (
    Act,
    Close,
    Opened,
    Raise,
    TrayHosted,
    ViewAnswer,
    WindowAnswer,
)
from tests.kit.desktop_room import DesktopRoom
from tests.kit.screen import Screen, virtual_screen
from tests.kit.status_notifier import Tray, status_notifier
from tests.kit.views import VIEW

pytestmark = pytest.mark.screen


@pytest.fixture
def screen() -> Iterator[Screen]:
    with virtual_screen(window_manager=False) as made:
        yield made


@pytest.fixture
def address(screen: Screen) -> str:
    return screen.environment["DBUS_SESSION_BUS_ADDRESS"]


async def hear(room: DesktopRoom) -> WindowAnswer | ViewAnswer:
    """Wait for the room without stopping the tray that it talks to."""
    return await asyncio.to_thread(room.receive)


async def shown(room: DesktopRoom, tray: Tray) -> None:
    """Have the icon of the sample view shown."""
    room.send(VIEW)
    assert await hear(room) == Opened()
    assert await hear(room) == TrayHosted(hosted=True)
    await tray.item()


async def test_the_icon_registers_and_says_how_the_agent_is(screen: Screen, address: str) -> None:
    async with status_notifier(address) as tray:
        with DesktopRoom("tray", screen) as room:
            await shown(room, tray)
            assert await tray.property("Title") == VIEW.sentence
            assert await tray.property("Status") == "Active"
            icon = Image.open(Path(await tray.property("IconName")))
            assert icon.size == (48, 48)
            room.send(Close())
            assert await asyncio.to_thread(room.ended) == 0
            assert "Traceback" not in room.complaints()


async def test_the_menu_tells_and_offers(screen: Screen, address: str) -> None:
    async with status_notifier(address) as tray:
        with DesktopRoom("tray", screen) as room:
            await shown(room, tray)
            menu = await tray.menu()
            assert (menu[0].text, menu[0].enabled) == (VIEW.sentence, False)
            texts = [line.text for line in menu if line.text]
            assert texts[1:] == ["最近签署", "网站", "打开签章助手", "暂停", "退出"]
            below = {line.text: [each.text for each in line.below] for line in menu}
            assert below["网站"][0] == "市国家税务局  https://guoshui.localhost:8443"


@pytest.mark.parametrize(
    ("text", "action"), [("暂停", "pause"), ("打开签章助手", "status"), ("退出", "quit")]
)
async def test_a_click_is_sent(screen: Screen, address: str, text: str, action: str) -> None:
    async with status_notifier(address) as tray:
        with DesktopRoom("tray", screen) as room:
            await shown(room, tray)
            await tray.click(text)
            answer = await hear(room)
            assert isinstance(answer, Act)
            assert answer.action == action


async def test_a_new_view_changes_icon_sentence_and_menu(screen: Screen, address: str) -> None:
    paused = msgspec.structs.replace(VIEW, state="paused", sentence="已暂停")
    async with status_notifier(address) as tray:
        with DesktopRoom("tray", screen) as room:
            await shown(room, tray)
            before = await tray.property("IconName")
            room.send(Raise())
            room.send(paused)

            async def changed() -> bool:
                return bool(await tray.property("Title") == "已暂停")

            await tray.until(changed, "the new sentence")
            assert await tray.property("IconName") != before
            await tray.click("继续")
            answer = await hear(room)
            assert isinstance(answer, Act)
            assert answer.action == "resume"


async def test_without_a_host_the_room_stays_and_waits_for_one(
    screen: Screen, address: str
) -> None:
    with DesktopRoom("tray", screen) as room:
        room.send(VIEW)
        assert await hear(room) == Opened()
        assert await hear(room) == TrayHosted(hosted=False)
        async with status_notifier(address) as tray:
            assert await hear(room) == TrayHosted(hosted=True)
            await tray.item()
            await tray.host(hosted=False)
            assert await hear(room) == TrayHosted(hosted=False)
            await tray.host(hosted=True)
            assert await hear(room) == TrayHosted(hosted=True)
        assert await hear(room) == TrayHosted(hosted=False)
        assert room.process.poll() is None
        room.hang_up()
        assert await asyncio.to_thread(room.ended) == 0
        assert "Traceback" not in room.complaints()


@pytest.mark.parametrize("end", ["close", "daemon"])
def test_without_a_screen_the_room_says_so_and_waits_for_its_end(end: str) -> None:
    with DesktopRoom("tray", None) as room:
        room.send(VIEW)
        assert room.receive() == Opened()
        assert room.receive() == TrayHosted(hosted=False)
        room.send(msgspec.structs.replace(VIEW, state="paused"))
        assert not room.hears(0.5)
        assert room.process.poll() is None
        if end == "close":
            room.send(Close())
        else:
            room.hang_up()
        assert room.ended() == 0
        assert room.complaints() == ""


def test_without_a_bus_the_room_says_so(screen: Screen) -> None:
    with DesktopRoom("tray", screen, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere") as room:
        room.send(VIEW)
        assert room.receive() == Opened()
        assert room.receive() == TrayHosted(hosted=False)
        room.send(Close())
        assert room.ended() == 0
        assert "Traceback" not in room.complaints()


def test_a_room_that_is_closed_before_it_has_anything_to_show_ends() -> None:
    with DesktopRoom("tray", None) as room:
        room.send(Raise())
        room.send(Close())
        assert room.receive() == Opened()
        assert room.ended() == 0
