"""The simulator on a port of its own in this process: real sockets, keys and certificates."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from signet_simulator.connections import HEAD_DEADLINE_S, PageServer
from signet_simulator.conversation import Conversation, Way
from signet_simulator.gate import Refusal
from signet_simulator.people import Crowd
from signet_simulator.scripts import Director, Order, Script
from signet_simulator.surroundings import listen
from signet_simulator.way import ScriptedWay
from tests.kit.running_agent import Page, free_base_port

SITE = "https://tax.example.gov"
OTHER_SITE = "http://localhost:3000"


@dataclass
class Watcher:
    """Keeps what the simulator tells."""

    events: list[dict[str, str]] = field(default_factory=list)

    def tell(self, event: str, **facts: str) -> None:
        self.events.append({"event": event, **facts})


@dataclass
class RunningSimulator:
    """A simulator, and everything a test looks at."""

    port: int
    server: PageServer
    client: aiohttp.ClientSession
    refusals: list[tuple[Refusal, str]]

    async def connect(self, origin: str = SITE, *, hello: bool = True) -> Page:
        """Open a page's socket and, unless told otherwise, greet."""
        socket = await self.client.ws_connect(
            f"ws://127.0.0.1:{self.port}/v1", headers={"Origin": origin}, max_msg_size=0
        )
        page = Page(socket)
        if hello:
            await page.call("hello", version=1)
        return page


@asynccontextmanager
async def running_way(
    way: Way, head_deadline_s: float = HEAD_DEADLINE_S
) -> AsyncIterator[RunningSimulator]:
    """Run a way behind real sockets."""
    port, sockets = listen(free_base_port())
    refusals: list[tuple[Refusal, str]] = []
    server = PageServer(
        port,
        frozenset({SITE, OTHER_SITE}),
        lambda origin, send, hang_up: Conversation(way, origin, send, hang_up),
        lambda refusal, origin: refusals.append((refusal, origin)),
        head_deadline_s,
    )
    loop = asyncio.get_running_loop()
    listening = [await loop.create_server(server, sock=each) for each in sockets]
    async with aiohttp.ClientSession() as client:
        try:
            yield RunningSimulator(port, server, client, refusals)
        finally:
            for each in listening:
                each.close()
            await server.say_goodbye()


@dataclass
class Scene:
    """A page before a scripted simulator."""

    simulator: RunningSimulator
    page: Page
    director: Director
    watcher: Watcher


@asynccontextmanager
async def scene(
    crowd: Crowd,
    *orders: str | Order,
    default: str = "allow",
    sleep: Callable[..., object] | None = None,
) -> AsyncIterator[Scene]:
    """Run a simulator with these orders, and greet it."""
    listed = tuple(Order(each) if isinstance(each, str) else each for each in orders)
    director, watcher = Director(Script(default, call=listed)), Watcher()
    way = ScriptedWay(crowd, director, watcher, sleep)  # type: ignore[arg-type]  # a test's own
    async with running_way(way) as simulator:
        yield Scene(simulator, await simulator.connect(), director, watcher)
