"""``signet run`` inside this process: it becomes the agent, and ends well whatever ends it."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from signet_agent import app, settings
from signet_agent.__main__ import main
from signet_agent.channel.desktop_messages import Act, AgentView, ViewAnswer
from signet_agent.daemon.audit import SqliteStorage
from signet_agent.daemon.endpoints.control import ask_running_agent
from signet_agent.daemon.endpoints.loopback import listen
from signet_agent.processes import Room
from tests.kit.played_room import Views
from tests.kit.running_agent import POLICY, free_base_port

pytestmark = pytest.mark.quick

PATIENCE_S = 20.0


class Place:
    """The folder, port and words of one agent."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.socket = folder / "control.sock"
        self.port = free_base_port()
        self._capture = capture

    def run(self, *words: str) -> int:
        places = ["--policy", str(self.folder / "policy.toml"), "--state", str(self.folder)]
        return main(["run", "--port", str(self.port), *places, *words])

    def events(self) -> list[dict[str, Any]]:
        """Return what the agent told whoever started it."""
        return [json.loads(line) for line in self._capture.readouterr().out.splitlines()]

    def kinds(self) -> list[str]:
        """Return the kinds of the log's records."""
        storage = SqliteStorage(self.folder / "audit.sqlite3", writable=False)
        kinds = [json.loads(record.body)["kind"] for record in storage.read()]
        storage.close()
        return kinds


@pytest.fixture
def place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr(settings, "machine_policy_file", lambda: tmp_path / "etc" / "policy.toml")
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    # A shell starts what runs in its background deaf to SIGINT, these tests perhaps among it.
    usual: dict[signal.Signals, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield Place(tmp_path, capsys)
    after = {number: signal.signal(number, handler) for number, handler in before.items()}
    assert after == usual


def meanwhile(place: Place, act: Callable[[], object]) -> threading.Thread:
    """Act from another thread as soon as the agent listens: the agent needs the main one."""

    def wait_and_act() -> None:
        end = time.monotonic() + PATIENCE_S
        while ask_running_agent(place.socket, "status") is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_where_it_listens_and_a_signal_ends_it(
    place: Place, number: signal.Signals
) -> None:
    thread = meanwhile(place, lambda: os.kill(os.getpid(), number))
    assert place.run("--no-tray") == 0
    thread.join()
    (event,) = place.events()
    assert place.port <= event.pop("port") < place.port + 8
    assert event == {
        "event": "listening",
        "tls_port": 0,
        "pid": os.getpid(),
        "sites": 1,
        "trouble": "",
    }
    assert place.kinds() == ["start", "stop"]
    assert not place.socket.exists()


def test_commands_are_answered_with_the_state_and_quit_ends_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Views()
    monkeypatch.setattr(app, "_start_status", windows.start)
    answers: list[dict[str, object] | None] = []

    def ask() -> None:
        words = ("status", "status-window", "nonsense", "quit")
        answers.extend(ask_running_agent(place.socket, word) for word in words)

    thread = meanwhile(place, ask)
    assert place.run("--no-tray") == 0
    thread.join()
    assert [answer and answer["state"] for answer in answers] == ["idle"] * 4
    assert answers[0] is not None
    assert answers[0]["pid"] == os.getpid()
    (window,) = windows.started
    assert isinstance(window.shown[0], AgentView)
    assert window.ended


def test_the_status_command_tells_the_state_and_where_the_agent_listens(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_start_status", Views(fails=True).start)
    words = ["status", "--state", str(place.folder)]
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(main(words))
        statuses.append(main([*words, "--json"]))
        ask_running_agent(place.socket, "quit")

    thread = meanwhile(place, ask)
    assert place.run("--no-tray") == 0
    thread.join()
    assert statuses == [0, 0]
    listening, line, document = capsys.readouterr().out.splitlines()
    port = json.loads(listening)["port"]
    assert line.startswith("正在运行，没有插入 USB Key")
    assert line.endswith(f"ws://127.0.0.1:{port}")
    assert json.loads(document)["port"] == port


def test_it_shows_its_icon_whose_quit_ends_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    trays = Views()

    async def start() -> Room[ViewAnswer]:
        room = await trays.start()
        trays.started[0].say(Act("quit"))
        return room

    monkeypatch.setattr(app, "_start_tray", start)
    assert place.run() == 0
    (tray,) = trays.started
    assert isinstance(tray.shown[0], AgentView)
    assert tray.ended


def test_a_second_one_raises_the_first_ones_window_and_leaves_everything_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Views()
    monkeypatch.setattr(app, "_start_status", windows.start)
    second: list[int] = []

    def start_second() -> None:
        second.append(place.run())
        ask_running_agent(place.socket, "quit")

    thread = meanwhile(place, start_second)
    assert place.run("--no-tray") == 0
    thread.join()
    assert second == [0]
    assert [event["event"] for event in place.events()] == ["listening", "running"]
    assert len(windows.started) == 1
    assert place.kinds() == ["start", "stop"]


def test_without_a_policy_it_says_why_and_goes_on(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    (place.folder / "policy.toml").write_text("version = 9\n")
    thread = meanwhile(place, lambda: ask_running_agent(place.socket, "quit"))
    assert place.run("--no-tray") == 0
    thread.join()
    (event,) = place.events()
    assert event["sites"] == 0
    assert "policy.toml: line 1: version" in event["trouble"]
    assert "all sites are refused" in caplog.text


def test_ports_that_are_all_taken_are_told_and_the_log_says_that_it_stopped(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = []
    while (listener := listen(place.port)) is not None:
        taken.append(listener)
    assert place.run("--no-tray") == 1
    for listener in taken:
        listener.close()
    assert "are all taken" in capsys.readouterr().err
    assert place.kinds() == ["start", "stop"]


def test_a_control_socket_that_cannot_be_made_ends_it_in_order(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.socket.mkdir()
    assert place.run("--no-tray") == 1
    assert "the control socket cannot be made" in capsys.readouterr().err
    assert place.kinds() == ["start", "stop"]
