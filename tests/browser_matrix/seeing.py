"""What real browsers do with the page's client, seen in one run: the rows of the table."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from demo.browsers import find_browser
from demo.robot_control import Robot, Thing
from demo.screen import Screen
from tests.browser_matrix.pages import DEPARTMENT, DOCUMENTED, FORBIDDING, FRAMED, STRANGER, Pages
from tests.kit.browsers import CHROMIUM, FIREFOX, Setup, visit
from tests.kit.running_agent import POLICY, PORTAL, running_agent
from tests.kit.web_site import WebSite

REPORT_S = 90.0
"""A browser starts and reports, perhaps on a busy machine."""

GUARD_S = 1.0
"""Chromium's questions ignore input for half a second."""

UNASKED_S = 20.0
"""A browser that has not asked and has not connected by then is asking."""

QUESTION, NO_QUESTION = "asks the person", "does not ask"

NAMES = {
    "top": "public page, IT's policy allows it",
    "top-closed": "… while no agent runs",
    "same": "… in a frame of the same origin",
    "cross": "… in a frame of another origin, without `allow`",
    "allowed": "… in a frame of another origin, with `allow`",
    "sandboxed": '… in a frame with `sandbox="allow-scripts"`',
    "worker": "… in a service worker",
    "denied": "public page, the browser refuses",
    "asked": "public page, first connection, before the person answers",
    "prompt": "… after the person has allowed it",
    "local": "page on this computer or of the intranet",
    "unclicked": "… that was not clicked yet",
    "forbidding": "… whose Content-Security-Policy forbids it",
    "documented": "… whose Content-Security-Policy has our line",
    "closed": "… while no agent runs",
    "stranger": "… that is not registered with the agent",
}
"""Every row, in the order of the table."""

Seen = dict[str, str]


@dataclass(frozen=True)
class Surroundings:
    """What all visits share: one site, one agent, and a port where nobody listens."""

    site: WebSite
    agent_port: int
    closed_port: int
    folder: Path

    def pages(self, visited: str) -> Pages:
        """Return the pages of one visit."""
        pages = Pages(visited, self.site, self.agent_port, self.closed_port)
        pages.put_scripts()
        return pages


@asynccontextmanager
async def _surroundings(folder: Path) -> AsyncIterator[Surroundings]:
    async with WebSite.running(folder, (DEPARTMENT, FRAMED, STRANGER)) as site:
        allowed = POLICY.replace(PORTAL, site.origin(DEPARTMENT))
        framed = POLICY.replace(PORTAL, site.origin(FRAMED)).replace("version = 1", "")
        with socket.socket() as unused:
            # Bound but not listening: it stays closed for as long as it is held.
            unused.bind(("127.0.0.1", 0))
            async with running_agent(folder, policy=allowed + framed) as running:
                yield Surroundings(site, running.port, unused.getsockname()[1], folder)


async def see_all() -> dict[str, Seen]:
    """Run everything; return the outcome of each row, by browser."""
    with tempfile.TemporaryDirectory(prefix="signet-browsers-") as folder:
        async with _surroundings(Path(folder)) as around:
            return {program: await _see(around, program) for program in (CHROMIUM, FIREFOX)}


async def _see(around: Surroundings, program: str) -> Seen:
    seen = await _see_local(around, program)
    seen |= await _see_denied(around, program)
    seen |= await _see_managed(around, program)
    seen |= await _see_question(around, program)
    return {name: seen[name] for name in NAMES}


async def _see_local(around: Surroundings, program: str) -> Seen:
    """One page after the other, each in its own circumstances."""
    pages = around.pages(f"{program}-local")
    pages.put("stranger")
    pages.put("closed", port=around.closed_port, then=pages.address("stranger", STRANGER))
    pages.put("documented", policy=DOCUMENTED, then=pages.address("closed"))
    pages.put("forbidding", policy=FORBIDDING, then=pages.address("documented"))
    pages.put("unclicked", clicked=False, then=pages.address("forbidding"))
    pages.put("local", then=pages.address("unclicked"))
    names = ("local", "unclicked", "forbidding", "documented", "closed", "stranger")
    return await _visited(around, pages, names, _setup(around, program, public=False))


async def _see_denied(around: Surroundings, program: str) -> Seen:
    """Without a screen Chromium refuses what it would have asked."""
    pages = around.pages(f"{program}-denied")
    pages.put("denied")
    return await _visited(around, pages, ("denied",), _setup(around, program))


async def _see_managed(around: Surroundings, program: str) -> Seen:
    """The top page's origin is allowed by policy; frames and a worker lie in it."""
    pages = around.pages(f"{program}-managed")
    for name in ("same", "cross", "allowed"):
        pages.put(name)
    pages.put_alone("sandboxed")
    pages.put_worker("worker")
    elsewhere = {name: pages.address(name, FRAMED) for name in ("cross", "allowed")}
    frames = {
        "same": f'src="{pages.address("same")}"',
        "cross": f'src="{elsewhere["cross"]}"',
        "allowed": f'allow="loopback-network; local-network-access" src="{elsewhere["allowed"]}"',
        "sandboxed": f'sandbox="allow-scripts" src="{pages.address("sandboxed")}"',
        "worker": f'src="{pages.address("worker")}"',
    }
    pages.put_frames("frames", frames)
    pages.put("top-closed", port=around.closed_port, then=pages.address("frames"))
    pages.put("top", then=pages.address("top-closed"))
    managed = {"LoopbackNetworkAllowedForUrls": [around.site.origin(DEPARTMENT)]}
    setup = _setup(around, program, policy=managed)
    return await _visited(around, pages, ("top", "top-closed", *frames), setup)


async def _see_question(around: Surroundings, program: str) -> Seen:
    """On a screen, with somebody who answers."""
    pages = around.pages(f"{program}-question")
    pages.put("prompt")
    folder, root = around.folder / "headed", around.folder / "web-root.pem"
    root.write_bytes(around.site.root)
    browser = find_browser(folder, root, program)
    assert browser is not None, f"{program} is not installed"
    setup = _setup(around, program)
    loop = asyncio.get_running_loop()
    with Screen("en_GB.UTF-8") as screen, Robot(screen.environment) as robot:
        words = (*browser.readable, *setup.words) if program == CHROMIUM else browser.readable
        if program == FIREFOX:
            # The demonstration writes user.js itself; this one is read before it.
            (folder / program / "profile").mkdir(parents=True)
            (folder / program / "profile" / "prefs.js").write_text(setup.preferences)
        with browser.open(pages.address("prompt"), screen.environment, *words):
            with suppress(TimeoutError):
                async with asyncio.timeout(UNASKED_S):
                    return {"asked": NO_QUESTION, "prompt": await pages.outcome("prompt")}
            allow = Thing(browser.name, "push button", "Allow")
            await loop.run_in_executor(None, robot.find, allow)
            await asyncio.sleep(GUARD_S)
            await loop.run_in_executor(None, robot.press, allow)
            async with asyncio.timeout(REPORT_S):
                return {"asked": QUESTION, "prompt": await pages.outcome("prompt")}


async def _visited(around: Surroundings, pages: Pages, names: Sequence[str], setup: Setup) -> Seen:
    """Open the first page, which leads to all others; return what they reported."""
    program, _, _ = pages.visit.rpartition("-")
    home = around.folder / pages.visit
    async with visit(program, home, around.site.root, pages.address(names[0]), setup):
        async with asyncio.timeout(REPORT_S):
            return {name: await pages.outcome(name) for name in names}


def _setup(
    around: Surroundings,
    program: str,
    *,
    public: bool = True,
    policy: Mapping[str, object] | None = None,
) -> Setup:
    """Return a browser that knows the site's names and takes it for a page of the public net."""
    place = f"127.0.0.1:{around.site.port}"
    space = (f"--ip-address-space-overrides={place}=public",) if public else ()
    hosts = ("--host-resolver-rules=MAP *.example.test 127.0.0.1",)
    names = f"{DEPARTMENT},{FRAMED},{STRANGER}"
    lines = [f'user_pref("network.dns.localDomains", "{names}");']
    if public:
        lines.append(f'user_pref("network.lna.address_space.public.override", "{place}");')
    return Setup((*hosts, *space), "\n".join(lines), policy if program == CHROMIUM else None)
