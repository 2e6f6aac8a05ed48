"""The consent window: from the daemon's question to a window that stands on the screen."""

import asyncio
import os
import time
from collections.abc import Iterator
from unittest.mock import patch

from signet_agent.channel.desktop_messages import Ask, Close, Opened, Painted, WindowAnswer
from signet_agent.model import Choice, ConsentRecord, Operation, Paper, Row
from signet_agent.processes import Room, start_room
from tests.bench.line_process import LineProcess, child
from tests.bench.metric import MS, Comparison, Goal, Metric
from tests.bench.page import ORIGIN
from tests.bench.plan import Plan
from tests.kit.screen import virtual_screen

REST_S = 0.5
"""A warm process has waited: what its start left to do is done."""

WARM = Goal("value", "<=", 50.0)

RECORD = ConsentRecord(
    id=bytes(16),
    operation=Operation.SIGN,
    origin=ORIGIN,
    site="市国家税务局",
    mark="税",
    kind="申报表",
    choices=(
        Choice(
            "0" * 64, "张三 样例", "云汀样例科技有限公司", "云汀样例科技", "usb-key", "4821", 2**31
        ),
    ),
    paper=Paper("增值税纳税申报表（月报）", tuple(Row(f"第 {n} 栏", f"{n}.00") for n in range(24))),
    code="4718 0926 5530 8841",
    digest="0" * 64,
    after=("应补税额 48627.65 元，请于 2026-01-20 前缴清",),
)
"""A return of 24 lines, one certificate."""


def measure_window(plan: Plan) -> Iterator[Metric]:
    """Cold (no process yet) and warm (a process waits), against the least window Qt can show."""
    cold, warm = Comparison(), Comparison()
    with virtual_screen() as screen, patch.dict(os.environ, screen.environment, clear=True):
        for _ in range(plan.rounds):
            bare = _bare_cold(), _bare_warm(plan.seconds(REST_S))
            cold.add([asyncio.run(_cold())], [bare[0]])
            warm.add([asyncio.run(_warm(plan.seconds(REST_S)))], [bare[1]])
    yield cold.medians().scaled(MS).metric("window.cold", "ms")
    yield warm.medians().scaled(MS).metric("window.warm", "ms", WARM)


async def _cold() -> float:
    started = time.perf_counter()
    room = await _started()
    await _paint(room)
    seconds = time.perf_counter() - started
    await _end(room)
    return seconds


async def _warm(rest_s: float) -> float:
    room = await _started()
    await asyncio.sleep(rest_s)
    started = time.perf_counter()
    await _paint(room)
    seconds = time.perf_counter() - started
    await _end(room)
    return seconds


async def _started() -> Room[WindowAnswer]:
    room: Room[WindowAnswer] = await start_room("window", WindowAnswer)
    assert isinstance(await room.channel.receive(), Opened)
    return room


async def _paint(room: Room[WindowAnswer]) -> None:
    await room.channel.send(Ask(RECORD))
    while not isinstance(await room.channel.receive(), Painted):
        pass


async def _end(room: Room[WindowAnswer]) -> None:
    await room.channel.send(Close())
    await room.end()


def _bare_cold() -> float:
    started = time.perf_counter()
    with LineProcess(child("label_window")) as window:
        window.read()
        window.ask()
        return time.perf_counter() - started


def _bare_warm(rest_s: float) -> float:
    with LineProcess(child("label_window")) as window:
        window.read()
        time.sleep(rest_s)
        started = time.perf_counter()
        window.ask()
        return time.perf_counter() - started
