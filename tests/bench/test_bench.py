"""That every figure can be taken; how large one is, is never a test."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import GROUPS, measure, row
from tests.bench.metric import Comparison, Figures, Goal, Metric, percentile
from tests.bench.plan import Plan
from tests.bench.stopwatch import WAY, Stopwatch
from tests.kit.source import TOP

MEMBERS = ["name", "unit", "value", "limit", "ratio", "goal", "met"]

SPLIT = ["gate", "policy", "prepare", "audit", "window", "worker", "verify"]

NAMES = {
    "signature.rsa2048": [
        *("p50", "p99", "cpu"),
        *(f"split.{stage}" for stage in [*SPLIT, "dispatcher", "transport"]),
    ],
    "signature.p256": ["p50"],
    "connection": ["hello"],
    "cms": ["rate"],
    "audit.record": [""],
    "audit.chain": [""],
    "daemon.start": [""],
    "daemon.idle": ["rss", "pss", "wakeups", "cpu"],
    "tokens.worker": ["p50", "rss"],
    "tokens.rate": ["10", "100"],
    "tokens.card": ["sign", "command", "insertion"],
    "tokens.recovery": ["p50", "p99"],
    "verification.logins": [""],
    "verification.signatures": [""],
    "client": ["program", "whole", "gzipped"],
    "service": ["logins", "signatures"],
    "gm": ["sm2.sign", "sm2.verify", "sm3", "sm4", "message"],
    "window": ["cold", "warm"],
    "skf": ["p50"],
}


def tiny(folder: Path) -> Plan:
    return Plan(folder, rounds=1, portion=0.02)


@pytest.mark.parametrize(
    "group", [pytest.param(g, marks=pytest.mark.screen if g == "window" else []) for g in GROUPS]
)
def test_every_metric_of_a_group_can_be_measured(group: str, tmp_path: Path) -> None:
    metrics = list(measure(tiny(tmp_path), group))

    assert [metric.name for metric in metrics] == [
        f"{group}.{name}".rstrip(".") for name in NAMES[group]
    ]
    for metric in metrics:
        assert math.isfinite(metric.value)
        assert metric.value > 0 or metric.name.startswith("daemon.idle")
        assert (metric.limit is None) == (metric.ratio is None)
        assert (metric.goal is None) == (metric.met is None)


def test_a_prefix_narrows_to_one_metric(tmp_path: Path) -> None:
    metrics = list(measure(tiny(tmp_path), "signature.p256.p50"))

    assert [metric.name for metric in metrics] == ["signature.p256.p50"]


def bench(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.bench", *words]
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)


def test_each_line_of_the_command_is_an_object_of_seven_members() -> None:
    done = bench("--json", "--only", "audit.record", "--rounds", "1")

    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert list(json.loads(line)) == MEMBERS


@pytest.mark.parametrize("words", [("--only", "speed"), ("--rounds", "0")])
def test_a_word_that_measures_nothing_is_an_error(words: tuple[str, ...]) -> None:
    done = bench(*words)

    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.quick
def test_the_table_says_whether_a_goal_is_met() -> None:
    metric = Figures(2.0, 1.0, 2.0).metric("a", "ms", Goal("ratio", "<=", 1.6))

    assert " ".join(row(metric).split()) == "a 2 ms limit 1 x 2 ratio <= 1.6 NOT MET"
    assert row(Figures(2.0).metric("a", "ms")).split() == ["a", "2", "ms"]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("value", "<=", 2.0), True),
        (Goal("value", ">=", 2.1), False),
        (Goal("ratio", "<=", 1.3), False),
        (Goal("ratio", ">=", 1.3), True),
        (Goal("value - limit", "<=", 0.5), True),
        (Goal("value - limit", "<=", 0.4), False),
    ],
)
def test_a_goal_bounds_the_figure_it_names(goal: Goal, met: bool) -> None:
    assert Figures(2.0, 1.5, 4 / 3).metric("a", "ms", goal).met is met


@pytest.mark.quick
def test_a_goal_without_a_limit_to_hold_against_is_not_met() -> None:
    metric = Figures(2.0).metric("a", "ms", Goal("ratio", "<=", 1.3))

    assert metric == Metric("a", "ms", 2.0, None, None, "ratio <= 1.3", met=False)


@pytest.mark.quick
def test_a_ratio_is_taken_inside_each_round() -> None:
    comparison = Comparison()
    comparison.add([3.0, 2.0, 9.0], [1.0])
    comparison.add([40.0], [10.0])
    comparison.add([4.0], [2.0, 2.0])

    assert comparison.medians() == Figures(4.0, 2.0, 3.0)
    assert comparison.tails(0.99) == Figures(40.0, 10.0, 4.0)


@pytest.mark.quick
def test_a_percentile_is_a_sample_that_was_seen() -> None:
    samples = [float(n) for n in range(1, 201)]

    assert (percentile(samples, 0.99), percentile(samples, 0.5)) == (198.0, 100.0)
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.quick
async def test_a_stopwatch_keeps_a_row_of_stages_for_each_call_of_the_way() -> None:
    class Parts:
        def step(self, number: int) -> int:
            return number + 1

        async def way(self) -> int:
            return self.step(1) + self.step(2)

    parts, stopwatch = Parts(), Stopwatch()
    stopwatch.watch(Parts, "step", "steps")
    stopwatch.watch(parts, "way", WAY)

    assert [await parts.way(), await parts.way()] == [5, 5]
    rows = stopwatch.take()
    assert [sorted(each) for each in rows] == [["steps", WAY]] * 2
    assert all(0 < each["steps"] < each[WAY] for each in rows)
    assert stopwatch.take() == []
