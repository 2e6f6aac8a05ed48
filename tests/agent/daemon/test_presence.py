"""Tray and status window show one record and send back a word; neither can hold up the agent."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from signet_agent.channel.desktop_messages import (
    Act,
    AgentState,
    AgentView,
    Opened,
    Raise,
    RecentAct,
    SiteLine,
    TrayHosted,
)
from signet_agent.daemon.audit import Act as LoggedAct
from signet_agent.daemon.audit import AuditLog, Entry
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.daemon.presence import Presence, recent_acts, sentence, site_lines
from signet_agent.errors import AuditUnavailableError
from tests.kit.file_layer import FileLayer
from tests.kit.played_room import Views
from tests.kit.running_agent import POLICY, PORTAL, until

pytestmark = pytest.mark.quick

SITE = SiteLine(PORTAL, "市国家税务局", "税", ("login", "choose", "sign"))


@dataclass
class Desk:
    """A presence, the views it starts, and the agent behind it."""

    tray: Views = field(default_factory=Views)
    status: Views = field(default_factory=Views)
    obeyed: list[str] = field(default_factory=list)
    version: int = 0
    log_fails: bool = False

    def __post_init__(self) -> None:
        self.presence = Presence(self.tray.start, self.status.start, self.describe, self.obey)

    async def describe(self) -> AgentView:
        """Return another view each time."""
        if self.log_fails:
            raise AuditUnavailableError("the log cannot be read")
        self.version += 1
        return AgentView("idle", "", str(self.version))

    async def obey(self, action: str) -> None:
        self.obeyed.append(action)
        if self.log_fails:
            raise AuditUnavailableError("the log cannot be read")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.presence.end()


async def test_a_view_that_opens_is_told_the_state_at_once(desk: Desk) -> None:
    await desk.presence.show_tray()
    assert desk.tray.started[0].shown == [AgentView("idle", "", "1")]


async def test_both_views_are_refreshed_with_the_same_record(desk: Desk) -> None:
    await desk.presence.refresh()
    assert desk.version == 0
    await desk.presence.show_tray()
    await desk.presence.show_status()
    await desk.presence.refresh()
    for views in (desk.tray, desk.status):
        assert views.started[0].shown[-1] == AgentView("idle", "", "3")


async def test_an_open_status_window_is_raised_with_the_present_state(desk: Desk) -> None:
    await desk.presence.show_status()
    await desk.presence.show_status()
    (window,) = desk.status.started
    assert window.shown[1:] == [AgentView("idle", "", "2"), Raise()]


async def test_two_wishes_at_once_open_one_window(desk: Desk) -> None:
    await asyncio.gather(desk.presence.show_status(), desk.presence.show_status())
    assert len(desk.status.started) == 1


async def test_what_the_person_chooses_is_obeyed_and_nothing_else_is(desk: Desk) -> None:
    await desk.presence.show_tray()
    (tray,) = desk.tray.started
    for word in (Opened(), TrayHosted(hosted=True), Act("pause"), Act("quit")):
        tray.say(word)
    await until(lambda: desk.obeyed == ["pause", "quit"])


async def test_an_action_that_fails_does_not_take_the_icon_away(desk: Desk) -> None:
    await desk.presence.show_tray()
    (tray,) = desk.tray.started
    desk.log_fails = True
    tray.say(Act("status"))
    await until(lambda: desk.obeyed == ["status"])
    desk.log_fails = False
    tray.say(Act("pause"))
    await until(lambda: desk.obeyed == ["status", "pause"])
    assert not tray.killed


async def test_a_closed_window_is_forgotten_and_a_new_wish_opens_a_new_one(desk: Desk) -> None:
    await desk.presence.show_status()
    first = desk.status.started[0]
    first.close()
    await until(lambda: first.killed)
    await desk.presence.refresh()
    await desk.presence.show_status()
    assert len(desk.status.started) == 2
    assert first.shown == [AgentView("idle", "", "1")]


async def test_a_window_that_died_unheard_is_replaced_and_its_late_end_harms_nobody(
    desk: Desk,
) -> None:
    await desk.presence.show_status()
    first = desk.status.started[0]
    first.gone = True
    await desk.presence.refresh()
    await desk.presence.show_status()
    first.close()
    await until(lambda: first.killed)
    await desk.presence.refresh()
    second = desk.status.started[1]
    assert len(second.shown) == 2


async def test_without_a_screen_the_agent_lives_on() -> None:
    desk = Desk(tray=Views(fails=True), status=Views(fails=True))
    await desk.presence.show_tray()
    await desk.presence.show_status()
    await desk.presence.refresh()
    await desk.presence.end()
    assert desk.tray.started + desk.status.started == []


async def test_a_log_that_cannot_be_read_opens_no_empty_window(desk: Desk) -> None:
    desk.log_fails = True
    await desk.presence.show_status()
    assert desk.status.started == []


async def test_the_end_ends_both_and_hears_nobody_any_more(desk: Desk) -> None:
    await desk.presence.show_tray()
    await desk.presence.show_status()
    await asyncio.sleep(0)
    await desk.presence.end()
    views = desk.tray.started + desk.status.started
    assert all(view.ended for view in views)
    await until(lambda: all(view.killed for view in views))
    views[0].say(Act("quit"))
    await asyncio.sleep(0.01)
    assert desk.obeyed == []


# --- what is shown ----------------------------------------------------------------------------


def test_sites_are_shown_as_policy_names_them() -> None:
    assert site_lines(parse_policy(POLICY), "zh-Hans") == (SITE,)
    assert site_lines(parse_policy(POLICY), "en")[0].name == "City Tax Service"


@pytest.mark.parametrize("state", ["idle", "token", "waiting", "paused", "trouble"])
def test_every_state_has_a_sentence_in_both_languages(state: AgentState) -> None:
    assert sentence(state, "zh-Hans") != sentence(state, "en")


def test_nothing_is_said_of_tokens_before_anybody_looked_for_them() -> None:
    assert sentence("idle", "zh-Hans", has_looked=False) == "正在运行"
    assert sentence("idle", "en", has_looked=False) == "Running"
    assert sentence("paused", "en", has_looked=False) == sentence("paused", "en")


async def test_recent_acts_are_the_finished_ones_the_newest_first() -> None:
    layer = FileLayer()
    log = AuditLog(layer, lambda _: None)
    await log.open("1.0")
    await log.write(Entry("outcome", consent="99", outcome="unknown"))
    for number, origin in enumerate((PORTAL, "https://gone.example")):
        intent = Entry(
            "intent", consent=f"0{number}", origin=origin, operation="sign", title=f"表{number}"
        )
        async with LoggedAct(log, intent) as act:
            await act.approve("ff", "4821")
    await log.write(Entry("intent", consent="02", origin=PORTAL, operation="login"))
    acts = recent_acts(layer, [SITE])
    assert [(act.site, act.title, act.tail, act.outcome) for act in acts] == [
        ("https://gone.example", "表1", "4821", "done"),
        ("市国家税务局", "表0", "4821", "done"),
    ]
    assert all(act.at > 1_700_000_000 for act in acts)
    assert recent_acts(layer, [SITE], limit=1) == acts[:1]


async def test_an_act_without_title_or_certificate_is_shown_all_the_same() -> None:
    layer = FileLayer()
    log = AuditLog(layer, lambda _: None)
    await log.write(
        Entry("intent", consent="01", origin=PORTAL, operation="login"),
        Entry("outcome", consent="01", outcome="user.refused"),
    )
    (act,) = recent_acts(layer, [SITE])
    assert act == RecentAct(act.at, "市国家税务局", "login", "", "", "user.refused")
