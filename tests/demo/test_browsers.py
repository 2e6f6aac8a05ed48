"""A browser's own profile: the root is trusted there, and the person's profile is not touched."""

import os
import subprocess
from pathlib import Path

import pytest

from demo.browsers import ROOT_NICKNAME, Chromium, Firefox, find_browser
from demo.home import DemoHome

_RECORDER = '#!/bin/sh\nenv > "$HOME/environment"\nprintf "%s\\n" "$@" > "$HOME/words"\n'


@pytest.fixture
def recorder(tmp_path: Path) -> str:
    """A program that writes down how it was called."""
    program = tmp_path / "recorder"
    program.write_text(_RECORDER)
    program.chmod(0o755)
    return str(program)


def _trusted(database: Path) -> str:
    command = ["certutil", "-L", "-d", f"sql:{database}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("kind", "database"), [(Chromium, ".pki/nssdb"), (Firefox, "profile")], ids=["cr", "ff"]
)
def test_the_root_is_trusted_for_servers_in_the_profile_alone(
    home: DemoHome, tmp_path: Path, recorder: str, kind: type[Chromium], database: str
) -> None:
    browser = kind(recorder, tmp_path / "home", home.site_root)
    environment = dict(os.environ) | {"XDG_DATA_HOME": str(tmp_path / "elsewhere")}

    for _ in range(2):
        with browser.open("https://portal.localhost/", environment) as child:
            assert child.process.wait(10) == 0

    listed = _trusted(tmp_path / "home" / database)
    assert [line.split() for line in listed.splitlines() if ROOT_NICKNAME in line] == [
        [ROOT_NICKNAME, "C,,"]
    ]
    seen = (tmp_path / "home" / "environment").read_text().splitlines()
    assert f"HOME={tmp_path / 'home'}" in seen
    assert not any(line.startswith("XDG_DATA_HOME=") for line in seen)
    assert (tmp_path / "home" / "words").read_text().splitlines()[-1] == "https://portal.localhost/"


@pytest.mark.parametrize(("user", "expected"), [(0, True), (1000, False)])
def test_chromium_keeps_its_sandbox_unless_root_starts_it(
    home: DemoHome,
    tmp_path: Path,
    recorder: str,
    monkeypatch: pytest.MonkeyPatch,
    user: int,
    expected: bool,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with Chromium(recorder, tmp_path / "home", home.site_root).open("about:blank", os.environ) as c:
        c.process.wait(10)

    assert ("--no-sandbox" in (tmp_path / "home" / "words").read_text()) is expected


def test_no_browser_is_found_where_none_is(home: DemoHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    assert find_browser(home.browsers, home.site_root) is None
