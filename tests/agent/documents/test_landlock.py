"""Landlock, tried in threads: it binds the thread that asks for it."""

import sys
from pathlib import Path

import pytest

from signet_agent.documents import landlock
from signet_agent.documents.landlock import LandlockError, interface_version, restrict_files
from tests.kit.threads import in_own_thread

pytestmark = pytest.mark.quick


def _tries(readable: list[Path], wanted: Path) -> str:
    """Read inside the rule; return the text, or the name of what stopped it."""
    restrict_files(readable)
    try:
        return wanted.read_text()
    except OSError as error:
        return type(error).__name__


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("secret")
    return folder / "file"


@pytest.mark.parametrize("up", [0, 1, 2])
def test_a_named_file_and_what_lies_below_a_named_folder_is_read(secret: Path, up: int) -> None:
    readable = [secret, *secret.parents][up]

    assert in_own_thread(lambda: _tries([readable], secret)) == "secret"


def test_nothing_else_is_read(secret: Path, tmp_path: Path) -> None:
    neighbour = tmp_path / "neighbour"
    neighbour.mkdir()

    assert in_own_thread(lambda: _tries([neighbour], secret)) == "PermissionError"
    assert secret.read_text() == "secret"


def test_a_path_that_is_missing_is_left_out(secret: Path, tmp_path: Path) -> None:
    assert in_own_thread(lambda: _tries([tmp_path / "none", secret], secret)) == "secret"


@pytest.mark.parametrize("version", range(1, 8))
def test_an_older_interface_is_asked_for_what_it_knows(
    version: int, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = interface_version()
    monkeypatch.setattr(landlock, "interface_version", lambda: min(version, here))

    assert in_own_thread(lambda: restrict_files([tmp_path])) == min(version, here)
    assert in_own_thread(lambda: _tries([], secret)) == "PermissionError"


def test_a_kernel_without_landlock_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_CREATE_RULESET", 100_000)

    with pytest.raises(LandlockError, match="not implemented"):
        restrict_files([])


def test_another_system_has_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(LandlockError, match="Linux"):
        interface_version()
