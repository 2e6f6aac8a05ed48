"""What each child process is made of; here in threads, so that the wiring itself is watched."""

import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, Literal

import pytest

from signet_agent import rooms
from signet_agent.channel.child import ChildChannel, ParentGoneError
from signet_agent.channel.document_messages import (
    Bind,
    DocumentAnswer,
    DocumentFault,
    Show,
    Shown,
)
from signet_agent.channel.token_messages import (
    OpenModule,
    SkfForm,
    TokenAnswer,
    TokenFailure,
    TokenFault,
    Tokens,
    TokensChanged,
)
from signet_agent.model import Algorithm
from signet_agent.rooms import ROOM_NAMES, run_room
from tests.kit.card.service import own_folder
from tests.kit.threads import in_own_thread
from tests.skf.build import SoftSkf

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def tied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep the test's process from being bound to its parent; remember who asked."""
    parents: list[int] = []
    monkeypatch.setattr(rooms, "tie_to_parent", parents.append)
    return parents


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[int, int]]:
    """Keep the limits that would bind the whole process of the test; remember them."""
    asked: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", asked.__setitem__)
    return asked


class Daemon:
    """The daemon's end of a room's socket, and the room in a thread of its own."""

    def __init__(self, name: str, answers: object) -> None:
        """Start the room."""
        ours, theirs = socket.socketpair()
        self.channel: ChildChannel[Any] = ChildChannel(ours, answers)
        self.status: int | None = None
        self._ours = ours
        descriptor = theirs.detach()
        self._thread = Thread(target=self._run, args=(name, descriptor))
        self._thread.start()

    def ask(self, question: object) -> Any:  # noqa: ANN401 -- a union has no static type
        self.channel.send(question)
        return self.channel.receive()

    def hang_up(self) -> int | None:
        self._ours.close()
        self._thread.join(10)
        return self.status

    def _run(self, name: str, descriptor: int) -> None:
        # Landlock and seccomp bind the thread that asks for them, and this one is gone then.
        self.status = in_own_thread(lambda: run_room(name, descriptor, os.getppid()))


Open = Callable[[str, object], Daemon]


@pytest.fixture
def opened() -> Iterator[Open]:
    daemons: list[Daemon] = []

    def open_room(name: str, answers: object) -> Daemon:
        daemons.append(Daemon(name, answers))
        return daemons[-1]

    yield open_room
    for daemon in daemons:
        daemon.hang_up()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("pkcs11", TokenFailure(TokenFault.MODULE, "PKCS11Error")),
        ("software", Tokens(())),
    ],
)
def test_the_token_room_knows_both_kinds_of_key_store(
    opened: Open, tied: list[int], kind: Literal["pkcs11", "software"], answer: TokenAnswer
) -> None:
    daemon = opened("tokens", TokenAnswer)
    assert daemon.ask(OpenModule("none", kind, "/nonexistent")) == answer
    assert daemon.hang_up() == 0
    assert tied == [os.getppid()]


def test_the_document_room_shows_both_media_types_from_inside_its_sandbox(
    opened: Open, limits: dict[int, tuple[int, int]]
) -> None:
    daemon = opened("documents", DocumentAnswer)
    assert isinstance(daemon.ask(Show("text/plain", "您好".encode())), Shown)
    assert isinstance(daemon.ask(Show("application/json", b'{"form":"x"}')), Shown)
    assert daemon.ask(Show("text/html", b"<p>")).fault is DocumentFault.UNSUPPORTED
    assert limits[resource.RLIMIT_FSIZE] == (0, 0)
    assert daemon.hang_up() == 0


@pytest.mark.parametrize(("name", "word"), [("cades-b", "certificate"), ("cades-t", "format")])
def test_the_document_room_makes_the_one_format(opened: Open, name: str, word: str) -> None:
    daemon = opened("documents", DocumentAnswer)
    answer = daemon.ask(Bind(name, bytes(32), b"no certificate", Algorithm.RS256, 0))
    assert answer.fault is DocumentFault.UNSUPPORTED
    assert word in answer.detail


def test_the_sandbox_room_tells_what_holds_and_ends(opened: Open) -> None:
    daemon = opened("sandbox", dict[str, Any])
    layers = {layer["name"]: layer["holds"] for layer in daemon.channel.receive()["layers"]}
    # The limits are a double here, and the attempt finds out.
    assert layers == {"limits": False, "files": True, "calls": True}
    assert daemon.hang_up() == 0


@pytest.mark.parametrize(
    ("name", "module", "entry"),
    [
        ("window", "consent_window", "run_window"),
        ("tray", "tray", "run_tray"),
        ("status", "status_window", "run_status"),
    ],
)
def test_each_desktop_room_hands_its_channel_to_its_own_part(
    opened: Open, monkeypatch: pytest.MonkeyPatch, name: str, module: str, entry: str
) -> None:
    double = ModuleType(module)

    def greet(channel: ChildChannel[Any]) -> None:
        channel.send(f"{entry} began")

    setattr(double, entry, greet)
    monkeypatch.setitem(sys.modules, f"signet_agent.desktop.{module}", double)
    daemon = opened(name, str)
    assert daemon.channel.receive() == f"{entry} began"
    assert daemon.hang_up() == 0


def test_a_room_whose_daemon_is_gone_ends_without_opening_its_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(_: int) -> None:
        raise ParentGoneError

    monkeypatch.setattr(rooms, "tie_to_parent", gone)
    assert run_room("tokens", -1, 1) == 0


def test_every_room_has_a_name_of_its_own() -> None:
    desktop = {"window", "tray", "status"}
    assert set(ROOM_NAMES) == desktop | {"tokens", "cards", "skf", "documents", "sandbox"}


def test_the_skf_room_opens_libraries_and_tells_of_events(opened: Open, tmp_path: Path) -> None:
    library = SoftSkf.compile(tmp_path / "skf")
    daemon = opened("skf", TokenAnswer)
    module = OpenModule("gm", "skf", str(library.path), skf=SkfForm(events=True))
    assert daemon.ask(module) == Tokens(())
    (library.devices / "one").mkdir()
    assert daemon.channel.receive() == TokensChanged()
    assert daemon.hang_up() == 0


@pytest.mark.parametrize("profile", ["piv", "citizen"])
def test_the_card_room_knows_every_profile_of_the_policy(opened: Open, profile: str) -> None:
    own_folder()
    daemon = opened("cards", TokenAnswer)
    answer = daemon.ask(OpenModule("one", "card", profile=profile))
    while answer == TokensChanged():
        answer = daemon.channel.receive()
    assert answer == Tokens(())
    assert daemon.hang_up() == 0
