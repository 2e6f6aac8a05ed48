"""One signature from a page's call to its answer, against the bare loop on the same token."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

import aiohttp

from tests.bench.accounts import family, processor_seconds
from tests.bench.bench_token import BenchToken
from tests.bench.line_process import LineProcess
from tests.bench.metric import MS, Comparison, Figures, Goal, Metric
from tests.bench.page import Page
from tests.bench.plan import Plan
from tests.bench.stopwatch import WAY

SIGNATURES = 100
"""In a round; with nine rounds the 99th percentile has nine samples above it."""

WARM_UP = 20
"""Before the first round: rooms start, modules load, code is compiled."""

STAGES = ("policy", "prepare", "audit", "window", "worker", "verify")

RSA_P50 = Goal("ratio", "<=", 1.6)
RSA_P99 = Goal("value", "<=", 3.0)
P256_P50 = Goal("value - limit", "<=", 0.25)


@dataclass
class Run:
    """Everything measured over the rounds, in seconds."""

    times: Comparison = field(default_factory=Comparison)
    processor: Comparison = field(default_factory=Comparison)
    rows: list[dict[str, float]] = field(default_factory=list)
    transport: list[float] = field(default_factory=list)


def measure_rsa(plan: Plan) -> Iterator[Metric]:
    """RSA-2048: median, tail, processor time, and where the time goes."""
    run = _run(plan, BenchToken.create(plan.subfolder("rsa2048"), "rsa2048"))
    name = "signature.rsa2048"
    yield run.times.medians().scaled(MS).metric(f"{name}.p50", "ms", RSA_P50)
    yield run.times.tails(0.99).scaled(MS).metric(f"{name}.p99", "ms", RSA_P99)
    yield run.processor.medians().scaled(MS).metric(f"{name}.cpu", "ms")
    for stage, seconds in _split(run):
        yield Figures(seconds).scaled(MS).metric(f"{name}.split.{stage}", "ms")


def measure_p256(plan: Plan) -> Iterator[Metric]:
    """P-256: the median."""
    run = _run(plan, BenchToken.create(plan.subfolder("p256"), "p256"))
    yield run.times.medians().scaled(MS).metric("signature.p256.p50", "ms", P256_P50)


def _run(plan: Plan, token: BenchToken) -> Run:
    """Let loop and agent sign in turn."""
    run = Run()
    with token.agent() as agent, token.loop() as loop, asyncio.Runner() as runner:
        port = agent.read()["port"]
        warm_up, count = plan.count(WARM_UP), plan.count(SIGNATURES)
        loop.ask(["login", warm_up])
        runner.run(_sign(port, warm_up, token))
        agent.ask()
        for _ in range(plan.rounds):
            bare = loop.ask(["login", count])
            members = family(agent.pid)
            used = processor_seconds(*members)
            ours = runner.run(_sign(port, count, token))
            used = processor_seconds(*members) - used
            run.times.add(ours, bare["seconds"])
            run.processor.add([used / count], [bare["processor"]])
            _keep_rows(run, agent, ours)
    return run


async def _sign(port: int, count: int, token: BenchToken) -> list[float]:
    """Sign over a fresh connection; the last signature is verified, outside of the time."""
    async with aiohttp.ClientSession() as client, Page(client, port) as page:
        seconds = await page.sign(count)
        token.check(page.signature())
    return seconds


def _keep_rows(run: Run, agent: LineProcess, ours: Sequence[float]) -> None:
    rows = agent.ask()
    run.rows += rows
    run.transport += [seen - row[WAY] for seen, row in zip(ours, rows, strict=True)]


def _split(run: Run) -> Iterator[tuple[str, float]]:
    """Yield the median of each stage; medians do not add up exactly."""
    yield "gate", median(row["gate"] for row in run.rows if "gate" in row)
    for stage in STAGES:
        yield stage, median(row[stage] for row in run.rows)
    yield "dispatcher", median(row[WAY] - sum(row[stage] for stage in STAGES) for row in run.rows)
    yield "transport", median(run.transport)
