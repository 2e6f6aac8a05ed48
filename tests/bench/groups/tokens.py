"""Tokens by themselves: the worker against a bare loop, many connections, cards, and failing."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import aiohttp

from signet_agent.channel.token_messages import OpenModule, Signatures
from signet_agent.model import Certificate
from tests.bench.accounts import resident_mb
from tests.bench.bench_token import BenchToken
from tests.bench.line_process import LineProcess, child
from tests.bench.metric import MS, Comparison, Figures, Goal, Metric, percentile
from tests.bench.page import Page
from tests.bench.plan import Plan
from tests.kit.card.content import piv_content
from tests.kit.card.service import VirtualCard, VirtualService
from tests.kit.pki import Authority
from tests.kit.shim.build import FaultyModule
from tests.kit.softhsm import PIN, module_path
from tests.kit.token_room import (
    RoomEndedError,
    TokenRoomProcess,
    signing_certificate,
)

SIGNATURES = 100
CONNECTED = (10, 100)
INSERTIONS = 7
CARD_SIGNATURES = 10
FAULTS = 20
"""In a round; a thousand by ``--rounds 50``."""

MESSAGE = b"document"
PIV = OpenModule("piv", "card", profile="piv")
_PAUSE_S = 0.5
"""The card service looks at its virtual readers every 0.4 s."""

_OPENSC = "opensc-pkcs11.so"

WORKER_P50 = Goal("ratio", "<=", 1.5)
RECOVERY_P99 = Goal("value", "<=", 2_000.0)
INSERTION_P50 = Goal("value", "<=", 500.0)


def measure_worker(plan: Plan) -> Iterator[Metric]:
    """One signature in the token room, PIN key and sealed PIN included, and its memory."""
    token = BenchToken.create(plan.subfolder("worker"), "rsa2048")
    times, count = Comparison(), plan.count(SIGNATURES)
    module = OpenModule("softhsm", "pkcs11", str(module_path()))
    with TokenRoomProcess(token.hsm.environment) as room, token.loop() as loop:
        certificate = signing_certificate(room.open(module))
        for _ in range(plan.rounds):
            bare = loop.ask(["login", count])["seconds"]
            times.add([_timed(lambda: _sign(room, certificate)) for _ in range(count)], bare)
        yield times.medians().scaled(MS).metric("tokens.worker.p50", "ms", WORKER_P50)
        yield Figures(resident_mb(room.pid)).metric("tokens.worker.rss", "MB")


def measure_rate(plan: Plan) -> Iterator[Metric]:
    """Signatures a second where so many connections take turns, each answered without an error."""
    token = BenchToken.create(plan.subfolder("rate"), "rsa2048")
    with token.agent() as agent, token.loop() as loop, asyncio.Runner() as runner:
        port = agent.read()["port"]
        for connections in CONNECTED:
            turns = plan.count(SIGNATURES // connections)
            rates = Comparison()
            for _ in range(plan.rounds):
                bare = loop.ask(["login", plan.count(SIGNATURES)])["seconds"]
                spent = runner.run(_take_turns(port, connections, turns))
                rates.add([connections * turns / spent], [len(bare) / sum(bare)])
            yield rates.medians().metric(f"tokens.rate.{connections}", "1/s")


def measure_cards(plan: Plan) -> Iterator[Metric]:
    """A PIV card over the card service, held against OpenSC on the same card."""
    times, tool, heard = Comparison(), Comparison(), list[float]()
    with _card(plan) as (service, card):
        loop = LineProcess(_opensc_loop(plan), service.environment)
        with loop, TokenRoomProcess(service.environment, name="cards") as room:
            certificate = _listed(room)
            count = plan.count(CARD_SIGNATURES)
            for _ in range(plan.rounds):
                bare = loop.ask(["login", count])["seconds"]
                times.add([_timed(lambda: _sign(room, certificate)) for _ in range(count)], bare)
                tool.add(
                    [_timed(lambda: _whole_command(service))],
                    [_timed(lambda: _pkcs11_tool(plan, service))],
                )
        yield times.medians().scaled(MS).metric("tokens.card.sign", "ms")
        yield tool.medians().scaled(MS).metric("tokens.card.command", "ms")
        with TokenRoomProcess(service.environment, name="cards") as room:
            _listed(room)
            heard += [_insertion(room, card) for _ in range(plan.count(INSERTIONS))]
        figures = Figures(percentile(heard, 0.5))
        yield figures.scaled(MS).metric("tokens.card.insertion", "ms", INSERTION_P50)


def measure_recovery(plan: Plan) -> Iterator[Metric]:
    """From a crash inside the driver to the next signature of a fresh room."""
    token = BenchToken.create(plan.subfolder("recovery"), "rsa2048")
    shim = FaultyModule.compile(plan.folder / "recovery" / "shim")
    module = OpenModule("faulty", "pkcs11", str(shim.path))
    seconds: list[float] = []
    room = TokenRoomProcess(token.hsm.environment)
    certificate = signing_certificate(room.open(module))
    for _ in range(plan.rounds * plan.count(FAULTS)):
        order = room.order(certificate, MESSAGE, PIN)
        shim.set("C_Sign crash")
        try:
            room.ask(order)
        except RoomEndedError:
            shim.set()
        started = time.perf_counter()
        room.kill()
        room = TokenRoomProcess(token.hsm.environment)
        certificate = signing_certificate(room.open(module))
        _sign(room, certificate)
        seconds.append(time.perf_counter() - started)
    room.kill()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        goal = RECOVERY_P99 if name == "p99" else None
        figures = Figures(percentile(seconds, share)).scaled(MS)
        yield figures.metric(f"tokens.recovery.{name}", "ms", goal)


async def _take_turns(port: int, connections: int, turns: int) -> float:
    """Sign over all connections in turn, as people do: there is one window at a time."""
    async with aiohttp.ClientSession() as client, AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(Page(client, port)) for _ in range(connections)]
        started = time.perf_counter()
        for _ in range(turns):
            for page in pages:
                await page.sign(1)
        return time.perf_counter() - started


@contextmanager
def _card(plan: Plan) -> Iterator[tuple[VirtualService, VirtualCard]]:
    service = VirtualService(plan.subfolder("card") / "pcscd")
    card = service.card(piv_content(Authority.create("云汀市证书服务中心（示例）")))
    card.do("insert")
    time.sleep(2 * _PAUSE_S)
    try:
        yield service, card
    finally:
        service.close()


def _sign(room: TokenRoomProcess, certificate: Certificate) -> None:
    answer = room.sign(certificate, MESSAGE, PIN)
    assert isinstance(answer, Signatures), answer


def _listed(room: TokenRoomProcess) -> Certificate:
    """Return the card's RSA key for logins, once the card is there."""
    tokens = room.open(PIV)
    while not tokens:
        tokens = room.list()
    return tokens[0].certificates[0]


def _insertion(room: TokenRoomProcess, card: VirtualCard) -> float:
    """Pull the card, and time the way from putting it in to the room's word."""
    card.do("pull")
    time.sleep(2 * _PAUSE_S)
    # Its answer comes behind every word that was said before.
    assert room.list() == ()
    started = time.perf_counter()
    card.do("insert")
    room.hear_change()
    return time.perf_counter() - started


def _whole_command(service: VirtualService) -> None:
    """Start a room, sign once and end it: what a command of ours would take."""
    with TokenRoomProcess(service.environment, name="cards") as room:
        _sign(room, _listed(room))


def _pkcs11_tool(plan: Plan, service: VirtualService) -> None:
    """Sign once with OpenSC's own command; 01 is the key 9A."""
    data, out = plan.folder / "digest", plan.folder / "signature"
    data.write_bytes(bytes(32))
    words = ("--login", "--pin", PIN, "--sign", "--mechanism", "RSA-PKCS", "--id", "01")
    files = ("--input-file", str(data), "--output-file", str(out))
    command = ["pkcs11-tool", "--module", str(_opensc_path()), *words, *files]
    subprocess.run(command, check=True, capture_output=True, env=service.environment)


def _opensc_loop(plan: Plan) -> list[str]:
    """Return the bare loop over OpenSC's module; it names the token after the holder."""
    certificate = plan.folder / "none.der"
    certificate.write_bytes(b"")
    words = (str(_opensc_path()), "张三 样例", PIN, "01", "RSA_PKCS", str(certificate))
    return child("token_loop", *words)


def _opensc_path() -> Path:
    for path in Path("/usr/lib").glob(f"**/{_OPENSC}"):
        return path
    message = f"{_OPENSC}: install the package opensc-pkcs11"
    raise FileNotFoundError(message)


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
