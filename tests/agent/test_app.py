"""The wiring: which room is which, what tray and status window are told, and what they may do."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import pytest

from signet_agent import app
from signet_agent.app import Agent
from signet_agent.channel.desktop_messages import Act, AgentView, Raise
from signet_agent.daemon.audit import AuditLog, Entry, verify_chain
from signet_agent.daemon.document_room import DocumentRoom
from signet_agent.daemon.endpoints.loopback import listen
from signet_agent.daemon.operations.base import Documents
from signet_agent.daemon.policy import EMPTY_POLICY
from signet_agent.errors import RoomError, SettingsError
from signet_agent.processes import Room
from tests.kit.file_layer import FileLayer
from tests.kit.played_room import PlayedView, Views
from tests.kit.running_agent import (
    NONCE,
    POLICY,
    PORTAL,
    RunningAgent,
    code_of,
    running_agent,
    settings_in,
    until,
)


@dataclass
class Desk:
    """A running agent whose tray and status window the test plays."""

    running: RunningAgent
    tray: Views
    status: Views

    @property
    def agent(self) -> Agent:
        return self.running.agent

    async def icon(self) -> PlayedView:
        """Return the tray's icon."""
        await self.agent.presence.show_tray()
        return self.tray.started[0]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(app, "REFRESH_DELAY_S", 0.01)
    tray, status = Views(), Views()
    monkeypatch.setattr(app, "_start_tray", tray.start)
    monkeypatch.setattr(app, "_start_status", status.start)
    async with running_agent(tmp_path) as running:
        yield Desk(running, tray, status)


def states(view: PlayedView) -> list[str]:
    """Return the states a view was shown, one after the other."""
    return [order.state for order in view.shown if isinstance(order, AgentView)]


@pytest.mark.parametrize(
    ("start", "name", "quiet"),
    [
        (app._start_token_room, "tokens", True),
        (app._start_document_room, "documents", False),
        (app._start_window, "window", False),
        (app._start_tray, "tray", False),
        (app._start_status, "status", False),
    ],
)
async def test_each_part_starts_its_own_room_and_only_vendors_are_not_heard(
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[[], Awaitable[Room[object]]],
    name: str,
    quiet: bool,
) -> None:
    asked: list[tuple[str, bool]] = []

    async def start_room(name: str, _: object, *, quiet: bool = False) -> None:
        asked.append((name, quiet))

    monkeypatch.setattr(app, "start_room", start_room)
    await start()
    assert asked == [(name, quiet)]


async def test_the_icon_follows_the_state_and_ends_where_it_began(desk: Desk) -> None:
    icon = await desk.icon()
    desk.running.prompt.person.waits = asyncio.Event()
    page = await desk.running.connect()
    await page.send("login", nonce=NONCE)
    await until(lambda: states(icon)[-1] == "waiting")
    desk.running.prompt.person.waits.set()
    assert code_of(await page.reply()) == "ok"
    await until(lambda: states(icon)[-1] == "token")
    assert states(icon)[0] == "idle"
    sentences = [view.sentence for view in icon.shown if isinstance(view, AgentView)]
    assert (sentences[0], sentences[-1]) == ("正在运行", "正在运行，证书可以使用")


async def test_many_changes_make_one_refresh(desk: Desk) -> None:
    icon = await desk.icon()
    for _ in range(20):
        desk.agent._changed()
    await asyncio.sleep(0.1)
    assert len(icon.shown) == 2


async def test_pause_and_resume_are_obeyed_and_shown(desk: Desk) -> None:
    icon = await desk.icon()
    page = await desk.running.connect()
    icon.say(Act("pause"))
    await until(lambda: states(icon)[-1] == "paused")
    assert code_of(await page.call("login", nonce=NONCE)) == "agent.paused"
    icon.say(Act("resume"))
    await until(lambda: states(icon)[-1] == "idle")
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"


async def test_the_status_window_shows_what_is_plugged_in_now(desk: Desk) -> None:
    icon = await desk.icon()
    icon.say(Act("status"))
    await until(lambda: bool(desk.status.started))
    (view,) = desk.status.started[0].shown
    assert isinstance(view, AgentView)
    assert {token.serial for token in view.tokens} == {"YT-UK-4821", "YT-SMK-0073"}
    assert [site.origin for site in view.sites] == [PORTAL]
    assert view.recent == ()
    icon.say(Act("status"))
    await until(lambda: Raise() in desk.status.started[0].shown)


async def test_quit_ends_the_agent(desk: Desk) -> None:
    icon = await desk.icon()
    icon.say(Act("quit"))
    async with asyncio.timeout(5):
        await desk.agent.stopped.wait()


async def test_acts_refusals_and_trouble_are_described(desk: Desk, tmp_path: Path) -> None:
    page = await desk.running.connect()
    await page.call("login", nonce=NONCE)
    (act,) = (await desk.agent.describe()).recent
    assert (act.site, act.operation, act.tail, act.outcome) == (
        "市国家税务局",
        "login",
        "4821",
        "done",
    )
    parts = replace(desk.agent._parts, storage=FileLayer())
    troubled = Agent(settings_in(tmp_path), EMPTY_POLICY, parts, "line 1: version")
    view = await troubled.describe()
    assert (view.state, view.sites) == ("trouble", ())
    assert view.sentence == "没有可用的策略，所有网站都被挡住"


async def test_a_greeting_has_window_and_document_room_ready(desk: Desk) -> None:
    documents = desk.agent._parts.documents
    assert isinstance(documents, DocumentRoom)
    await desk.running.connect()
    assert desk.running.prompt.warmed == 1
    await until(lambda: documents._room is not None)


async def test_a_document_room_that_cannot_start_does_not_end_the_greeting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RoomError("the documents room cannot be started")

    monkeypatch.setattr(desk.agent._parts.documents, "_start", fail)
    page = await desk.running.connect()
    await until(lambda: "the documents room cannot be started" in caplog.text)
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"


async def test_an_agent_that_ends_does_not_wait_for_a_room_that_is_just_starting(
    tmp_path: Path,
) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async with running_agent(tmp_path) as running:
        running.agent._parts.documents._start = never  # type: ignore[attr-defined]  # the real one
        await running.connect()
        assert len(running.agent._tasks) == 1
    assert running.storage.closed
    await until(lambda: not running.agent._tasks)


async def test_a_refresh_that_had_not_begun_is_dropped_at_the_end(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    async with running_agent(tmp_path) as running:
        running.agent._refresh_now()
        running.agent._tasks.pop().cancel()
    gc.collect()
    assert not [w for w in recwarn if "Presence.refresh" in str(w.message)]


async def test_documents_that_need_no_room_are_not_prepared(desk: Desk, tmp_path: Path) -> None:
    class Nothing:
        """Makes no documents and has nothing to start."""

    documents: Documents = Nothing()  # type: ignore[assignment]  # nobody asks it
    parts = replace(desk.agent._parts, documents=documents, storage=FileLayer())
    agent = Agent(settings_in(tmp_path), EMPTY_POLICY, parts)
    agent._greeted()
    assert desk.running.prompt.warmed == 1
    assert agent._tasks == set()


async def test_a_start_without_a_port_leaves_a_log_in_order(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    taken = []
    while (listener := listen(settings.base_port)) is not None:
        taken.append(listener)
    layer = FileLayer()
    async with running_agent(tmp_path) as running:
        parts = replace(running.agent._parts, storage=layer)
        with pytest.raises(SettingsError, match="all taken"):
            await Agent(settings, EMPTY_POLICY, parts).start()
    for listener in taken:
        listener.close()
    assert layer.closed
    assert [json.loads(record.body)["kind"] for record in layer.records] == ["start", "stop"]


@pytest.mark.parametrize(
    ("rules", "kinds"),
    [
        ("", ["start", "start", "start", "stop"]),
        ("[audit]\nkeep_days = 180\n", ["start", "pruned", "start", "stop"]),
    ],
)
async def test_old_records_are_let_go_of_at_the_start_where_policy_says_so(
    tmp_path: Path, rules: str, kinds: list[str]
) -> None:
    storage = FileLayer()
    for year in (2018, 2020):
        then = datetime(year, 1, 1, tzinfo=UTC)
        old = AuditLog(storage, lambda _: None, repeat(then).__next__)
        await old.write(Entry("start", version="old"))
    async with running_agent(
        tmp_path,
        policy=POLICY + rules,
        change=lambda parts: replace(parts, storage=storage),
    ):
        pass
    assert [json.loads(record.body)["kind"] for record in storage.records] == kinds
    assert verify_chain(storage.records).intact
