"""Opening a conversation: connection, gate, handshake and greeting."""

import asyncio
from collections.abc import Iterator
from time import perf_counter

import aiohttp

from tests.bench.bench_token import BenchToken
from tests.bench.line_process import LineProcess, child
from tests.bench.metric import MS, Comparison, Metric
from tests.bench.page import ORIGIN, Page
from tests.bench.plan import Plan

CONNECTIONS = 50
"""In a round, one after the other."""


def measure_connection(plan: Plan) -> Iterator[Metric]:
    """From connecting to the answer to ``hello``, against a bare server and one echo."""
    token = BenchToken.create(plan.subfolder("connection"), "p256")
    count, times = plan.count(CONNECTIONS), Comparison()
    with (
        token.agent() as agent,
        LineProcess(child("echo_server"), by_signal=True) as server,
        asyncio.Runner() as runner,
    ):
        ports = agent.read()["port"], server.read()["port"]
        runner.run(_both(*ports, count))
        for _ in range(plan.rounds):
            times.add(*runner.run(_both(*ports, count)))
    yield times.medians().scaled(MS).metric("connection.hello", "ms")


async def _both(port: int, bare_port: int, count: int) -> tuple[list[float], list[float]]:
    async with aiohttp.ClientSession() as client:
        bare = [await _echo(client, bare_port) for _ in range(count)]
        return [await _hello(client, port) for _ in range(count)], bare


async def _hello(client: aiohttp.ClientSession, port: int) -> float:
    started = perf_counter()
    async with Page(client, port):
        return perf_counter() - started


async def _echo(client: aiohttp.ClientSession, port: int) -> float:
    started = perf_counter()
    url = f"ws://127.0.0.1:{port}/"
    async with client.ws_connect(url, headers={"Origin": ORIGIN}) as socket:
        await socket.send_str("hello")
        await socket.receive_str()
        return perf_counter() - started
