"""The program's own entry: commands for people, rooms for the daemon."""

import runpy
import sys

import pytest

from signet_agent import rooms
from signet_agent.__main__ import main

pytestmark = pytest.mark.quick


def test_the_package_runs_as_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["signet", "--version"])
    monkeypatch.delitem(sys.modules, "signet_agent.__main__")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("signet_agent", run_name="__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("signet ")


def test_a_room_is_told_its_descriptor_and_its_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []

    def run_room(name: str, descriptor: int, parent: int) -> int:
        told.append((name, descriptor, parent))
        return 7

    monkeypatch.setattr(rooms, "run_room", run_room)
    assert main(["room", "tokens", "5", "4711"]) == 7
    assert told == [("tokens", 5, 4711)]
