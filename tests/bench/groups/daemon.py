"""The daemon on its own: how soon it listens, what it holds, and what it does when nobody asks."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.accounts import processor_seconds, proportional_mb, resident_mb, sleeps
from tests.bench.bench_token import write_policy
from tests.bench.line_process import LineProcess, child
from tests.bench.metric import MS, Comparison, Figures, Goal, Metric
from tests.bench.plan import Plan
from tests.kit.running_agent import free_base_port

SETTLING_S = 2.0
"""After it listens: what is still going on then is no longer the start."""

IDLE_S = 20.0
"""How long an idle daemon is watched: a timer of a minute would be missed, one of ten seconds is
seen twice."""

START = Goal("ratio", "<=", 1.25)
RSS = Goal("value", "<=", 50.0)
WAKEUPS = Goal("value", "<=", 1.0)


def measure_start(plan: Plan) -> Iterator[Metric]:
    """From the start of the process to the line that says it listens."""
    folder = _prepared(plan.subfolder("start"))
    times = Comparison()
    for _ in range(plan.rounds):
        bare = _seconds_to_listen(child("echo_server"))
        times.add([_seconds_to_listen(_command(folder))], [bare])
    yield times.medians().scaled(MS).metric("daemon.start", "ms", START)


def measure_idle(plan: Plan) -> Iterator[Metric]:
    """Memory and activity of a daemon that nobody has asked anything yet."""
    folder = _prepared(plan.subfolder("idle"))
    with LineProcess(_command(folder), by_signal=True) as daemon:
        daemon.read()
        time.sleep(plan.seconds(SETTLING_S))
        yield Figures(resident_mb(daemon.pid)).metric("daemon.idle.rss", "MB", RSS)
        yield Figures(proportional_mb(daemon.pid)).metric("daemon.idle.pss", "MB")
        slept, used = sleeps(daemon.pid), processor_seconds(daemon.pid)
        started = time.perf_counter()
        time.sleep(plan.seconds(IDLE_S))
        slept, used = sleeps(daemon.pid) - slept, processor_seconds(daemon.pid) - used
        seconds = time.perf_counter() - started
    yield Figures(slept / seconds).metric("daemon.idle.wakeups", "1/s", WAKEUPS)
    yield Figures(used * MS / seconds).metric("daemon.idle.cpu", "ms/s")


def _prepared(folder: Path) -> Path:
    write_policy(folder / "policy.toml")
    return folder


def _command(folder: Path) -> list[str]:
    """Return the real command, with a policy and a state folder of its own."""
    signet = Path(sys.executable).with_name("signet")
    places = ["--policy", str(folder / "policy.toml"), "--state", str(folder / "state")]
    return [str(signet), "run", "--no-tray", "--port", str(free_base_port()), *places]


def _seconds_to_listen(command: list[str]) -> float:
    started = time.perf_counter()
    with LineProcess(command, by_signal=True) as server:
        server.read()
        return time.perf_counter() - started
