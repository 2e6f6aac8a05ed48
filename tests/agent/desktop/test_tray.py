"""What the tray offers and how its icons look, without any desktop."""

from typing import get_args

import msgspec
import pytest
from PIL import ImageStat

from signet_agent.channel.desktop_messages import AgentState
from signet_agent.desktop.tray_icons import Panel, draw_tray_icon
from signet_agent.desktop.tray_menu import Line, menu_lines
from tests.kit.views import VIEW

pytestmark = pytest.mark.quick

STATES: tuple[AgentState, ...] = get_args(AgentState)
PANELS: tuple[Panel, ...] = get_args(Panel)


def line(text: str, state: AgentState = "token") -> Line:
    lines = menu_lines(msgspec.structs.replace(VIEW, state=state))
    return next(each for each in lines if each.text == text)


def test_the_menu_begins_with_the_state_which_cannot_be_clicked() -> None:
    assert menu_lines(VIEW)[0] == Line("正在运行，证书可以使用")


def test_recent_signatures_stand_in_a_submenu() -> None:
    texts = [each.text for each in line("最近签署").below]
    assert texts[0].endswith("增值税纳税申报表（月报） · 市国家税务局 · 已签名")
    assert texts[1].endswith("登录 · 市国家税务局 · 没有完成")


def test_sites_stand_in_a_submenu_with_their_origins() -> None:
    assert line("网站").below[0].text == "市国家税务局  https://guoshui.localhost:8443"


def test_an_empty_submenu_says_so() -> None:
    lines = menu_lines(msgspec.structs.replace(VIEW, recent=(), sites=(), language="en"))
    assert [each.below for each in lines if each.below] == [(Line("None"),), (Line("None"),)]


def test_a_long_history_is_left_to_the_status_window() -> None:
    lines = menu_lines(msgspec.structs.replace(VIEW, recent=VIEW.recent * 20))
    assert len(lines[2].below) == 8


@pytest.mark.parametrize(
    ("text", "action"),
    [("打开签章助手", "status"), ("暂停", "pause"), ("退出", "quit")],
)
def test_every_line_does_what_it_says(text: str, action: str) -> None:
    assert line(text).action == action


def test_a_paused_agent_can_be_resumed() -> None:
    assert line("继续", "paused").action == "resume"


def test_in_trouble_there_is_nothing_to_pause() -> None:
    lines = menu_lines(msgspec.structs.replace(VIEW, state="trouble"))
    assert not {"pause", "resume"} & {each.action for each in lines}


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("size", [16, 24, 32, 48])
def test_all_states_differ_without_colour(panel: Panel, size: int) -> None:
    shapes = {draw_tray_icon(state, panel, size).getchannel("A").tobytes() for state in STATES}
    assert len(shapes) == len(STATES)


@pytest.mark.parametrize("state", STATES)
def test_an_icon_is_dark_on_light_panels_and_light_on_dark_ones(state: AgentState) -> None:
    brightness = []
    for panel in PANELS:
        icon = draw_tray_icon(state, panel)
        brightness.append(ImageStat.Stat(icon.convert("L"), icon.getchannel("A")).mean[0])
    assert brightness[0] < brightness[1]
