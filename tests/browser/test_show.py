"""``./demo`` for a person: it starts, says what she needs, and leaves nothing running."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.city import is_free
from demo.robot_control import Robot, Thing
from demo.screen import Screen
from tests.kit.source import TOP

pytestmark = pytest.mark.screen

END_S = 20.0

HOME_PAGE = Thing("Chromium", "frame", "云汀市一网通办", part=True)


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as made:
        yield made


@contextmanager
def _demonstration(screen: Screen, data: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run the demonstration with its data in a folder of the test."""
    environment = screen.environment | {
        "PYTHONPATH": str(TOP / "web-demo"),
        "XDG_DATA_HOME": str(data),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=END_S)


def _read_until(process: "subprocess.Popen[str]", mark: str) -> str:
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if mark in line:
            return read
    pytest.fail(f"the demonstration ended early: {read}")


def _children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listed.stdout.split()]


def _wait_for_end(pids: list[int]) -> list[int]:
    end = time.monotonic() + END_S
    while pids and time.monotonic() < end:
        pids = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        time.sleep(0.1)
    return pids


def test_it_opens_the_city_and_ctrl_c_ends_everything(screen: Screen, tmp_path: Path) -> None:
    with _demonstration(screen, tmp_path) as process, Robot(screen.environment) as robot:
        said = _read_until(process, "Ctrl-C")
        robot.find(HOME_PAGE, seconds=60)
        children = _children(process.pid)
        port = re.search(r"https://portal\.localhost:(\d+)/", said)
        pin = re.search(r"PIN\D+(\d{6})\n", said)
        assert port
        assert pin
        assert pin[1] == (tmp_path / "signet-demo" / "pin.txt").read_text().strip()
        assert len(children) == 3  # portal, agent, browser

        process.send_signal(signal.SIGINT)
        assert process.wait(END_S) == 0

        assert _wait_for_end(children) == []
        assert is_free(int(port[1]))


def test_closing_the_browser_ends_everything_too(screen: Screen, tmp_path: Path) -> None:
    with _demonstration(screen, tmp_path) as process, Robot(screen.environment) as robot:
        _read_until(process, "Ctrl-C")
        robot.find(HOME_PAGE, seconds=60)
        (browser,) = [
            pid
            for pid in _children(process.pid)
            if b"--user-data-dir" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(browser, signal.SIGTERM)  # what a session sends; the window closes in order

        assert process.wait(END_S) == 0


def test_a_second_start_is_quick_and_keeps_the_pin(screen: Screen, tmp_path: Path) -> None:
    with _demonstration(screen, tmp_path) as process:
        first = _read_until(process, "Ctrl-C")
    begun = time.monotonic()
    with _demonstration(screen, tmp_path) as process:
        second = _read_until(process, "Ctrl-C")

    assert time.monotonic() - begun < END_S
    assert re.findall(r"PIN\D+(\d{6})\n", first) == re.findall(r"PIN\D+(\d{6})\n", second)
    assert "just made" in first
    assert "kept from last time" in second


def test_a_second_demonstration_beside_the_first_is_refused(screen: Screen, tmp_path: Path) -> None:
    with _demonstration(screen, tmp_path) as first:
        _read_until(first, "Ctrl-C")
        with _demonstration(screen, tmp_path) as second:
            said, _ = second.communicate(timeout=END_S)

            assert second.returncode == 1
            assert "runs already" in said
        assert first.poll() is None


def test_nothing_is_trusted_outside_the_demonstrations_folder(
    screen: Screen, tmp_path: Path
) -> None:
    with _demonstration(screen, tmp_path) as process, Robot(screen.environment) as robot:
        _read_until(process, "Ctrl-C")
        robot.find(HOME_PAGE, seconds=60)

    person = Path(screen.environment["HOME"])
    assert not list(person.rglob("cert9.db"))
    assert not (person / ".config" / "chromium").exists()
    assert os.listdir(tmp_path / "signet-demo" / "browsers") == ["chromium"]  # noqa: PTH208 -- names only
