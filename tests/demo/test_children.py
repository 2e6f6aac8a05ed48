"""No program outlives the one that started it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from demo.children import start

_STARTER = """
import os, sys
from demo.children import start
child = start(["sleep", "60"], os.environ)
print(child.process.pid, flush=True)
sys.stdin.read()
"""


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 -- a process may vanish
        return ") Z " not in file.read()


def test_leaving_a_program_ends_it() -> None:
    with start(["sleep", "60"], os.environ) as child:
        pid = child.process.pid
        assert child.running

    assert not _is_running(pid)


def test_a_program_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.children.FAREWELL_S", 0.2)
    deaf = "trap '' TERM; echo ready; while :; do sleep 1; done"
    with start(["sh", "-c", deaf], os.environ, output=subprocess.PIPE) as child:
        assert child.output.readline() == "ready\n"

    assert child.process.returncode == -signal.SIGKILL


def test_a_program_ends_with_a_starter_that_was_killed() -> None:
    environment = os.environ | {"PYTHONPATH": "web-demo"}
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    time.sleep(0.3)  # setpriv needs a moment to tie the program to its starter
    assert _is_running(pid)

    starter.kill()
    starter.communicate()

    end = time.monotonic() + 5
    while _is_running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _is_running(pid)
