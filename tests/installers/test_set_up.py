"""What the two commands say and do before Python starts, with tools of the system replaced."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kit.source import TOP

pytestmark = pytest.mark.quick

GROUPS = {"demo", "browser", "check", "test"}


class Machine:
    """A machine of which only the parts that the set-up asks for exist."""

    def __init__(self, folder: Path) -> None:
        """Start with an ordinary user, without sudo, and nothing installed."""
        self._tools = folder / "tools"
        self._tools.mkdir()
        self.installed(())
        self.tool("id", "echo 1000")

    def tool(self, name: str, body: str) -> None:
        """Replace a program by a few lines of shell."""
        program = self._tools / name
        program.write_text(f"#!/bin/bash\n{body}\n")
        program.chmod(0o755)

    def installed(self, packages: tuple[str, ...]) -> None:
        """Say which packages are installed."""
        names = " ".join(packages)
        self.tool("dpkg-query", f'case " {names} " in *" ${{@: -1}} "*) printf installed;; esac')

    def run(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Run lines of shell after the set-up was sourced, without a terminal."""
        sourced = f"set -euo pipefail; source installers/linux/set-up.sh\n{script}"
        return subprocess.run(
            ["/bin/bash", "-c", sourced],
            cwd=TOP,
            env={"PATH": f"{self._tools}:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def _packages() -> list[list[str]]:
    text = (TOP / "installers/linux/packages.txt").read_text("utf-8")
    return [line.split(maxsplit=3) for line in text.splitlines() if not line.startswith("#")]


def test_every_package_has_group_size_and_purpose() -> None:
    for group, name, size, purpose in _packages():
        assert group in GROUPS
        assert size.isdigit()
        assert purpose, name


def test_without_root_the_exact_line_is_printed_and_nothing_is_done(machine: Machine) -> None:
    result = machine.run("ensure_packages demo; echo went on")

    assert result.returncode == 3
    assert "went on" not in result.stdout
    assert "MB to download" in result.stdout
    assert "minutes" in result.stdout
    (line,) = [each for each in result.stdout.splitlines() if "install-packages" in each]
    assert line.startswith(f'  su -c "{TOP}/installers/linux/install-packages ca-certificates ')


def test_with_sudo_but_no_terminal_the_line_begins_with_sudo(machine: Machine) -> None:
    machine.tool("sudo", "echo must not run; exit 9")

    result = machine.run("ensure_packages check")

    assert result.returncode == 3
    assert f"  sudo {TOP}/installers/linux/install-packages " in result.stdout
    assert "must not run" not in result.stdout


def test_packages_size_and_minutes_come_before_the_line(machine: Machine) -> None:
    lines = machine.run("ensure_packages demo").stdout.splitlines()

    listed = [index for index, line in enumerate(lines) if " MB   " in line]
    sums = next(index for index, line in enumerate(lines) if line.startswith("At most "))
    run = next(index for index, line in enumerate(lines) if "install-packages" in line)
    assert len(listed) == sum(group == "demo" for group, *_ in _packages())
    assert max(listed) < sums < run


def test_nothing_is_said_where_nothing_is_missing(machine: Machine) -> None:
    machine.installed(tuple(name for _, name, *_ in _packages()))

    result = machine.run("ensure_packages demo browser check test; echo went on")

    assert (result.returncode, result.stdout) == (0, "went on\n")


def test_any_browser_of_the_machine_is_enough_for_the_demonstration(machine: Machine) -> None:
    machine.tool("google-chrome", "true")

    assert "chromium" not in machine.run("needed_packages browser").stdout


def test_the_check_wants_debians_two_browsers_in_any_case(machine: Machine) -> None:
    machine.tool("google-chrome", "true")

    named = {line.split()[0] for line in machine.run("needed_packages check").stdout.splitlines()}
    assert {"chromium", "firefox-esr"} <= named


def test_a_system_without_dpkg_is_told_what_is_needed() -> None:
    script = "source installers/linux/set-up.sh; PATH=/nonexistent; ensure_packages demo"
    result = subprocess.run(
        ["/bin/bash", "-c", script], cwd=TOP, capture_output=True, text=True, check=False
    )

    assert result.returncode == 3
    assert "packages.txt" in result.stdout


def _command(
    words: list[str], environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words,
        cwd=TOP,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demonstration_without_a_screen_says_so_and_offers_the_check() -> None:
    without = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY"}
    }

    result = _command(["./demo"], without)

    assert result.returncode == 4
    assert "DISPLAY" in result.stderr
    assert "./demo --check --out DIR" in result.stderr


def test_an_unknown_word_for_the_tests_is_refused() -> None:
    result = _command(["./test", "everything"], os.environ)

    assert result.returncode == 2
    assert "usage" in result.stdout


def test_installing_needs_root(tmp_path: Path) -> None:
    Machine(tmp_path)
    environment = os.environ | {"PATH": f"{tmp_path / 'tools'}:/usr/bin:/bin"}

    result = _command(["installers/linux/install-packages", "hello"], environment)

    assert result.returncode == 3
    assert "needs root" in result.stderr
