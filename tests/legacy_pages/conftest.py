"""Old pages in real browsers: a site that serves them, a real agent, a hand that clicks."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from demo.browsers import Browser, find_browser
from signet_agent.daemon.endpoints.certificate import tls_context
from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import CertificateFolder
from tests.kit.robot import Robot
from tests.kit.running_agent import POLICY, PORTAL, RunningAgent, running_agent
from tests.kit.screen import Screen, virtual_screen
from tests.kit.source import TOP
from tests.kit.web_site import WebSite

HOST = "old.localhost"
PAGES = Path(__file__).with_name("pages")
SCRIPTS = TOP / "protocol" / "js"

REPORT_S = 30.0
"""A browser starts on a loaded machine."""

STEADY_S = 0.5
"""What has not moved for so long will be hit."""


@dataclass
class OldSite:
    """Everything a test of an old page uses."""

    site: WebSite
    agent: RunningAgent
    browser: Browser
    screen: Screen
    robot: Robot

    @contextmanager
    def open(self, page: str) -> Iterator[None]:
        """Have the browser on a page for the length of the block."""
        address = f"{self.site.origin(HOST)}/{page}"
        with self.browser.open(address, self.screen.environment, *self.browser.readable):
            yield

    async def click(self, button: str) -> None:
        """Click a button of the page with the mouse, which browsers count as a person's."""

        def act() -> None:
            name = self.browser.name
            found = self.robot.find(name, role="push button", name=button, patience=REPORT_S)
            before, place = None, found.middle()
            end = time.monotonic() + REPORT_S
            # Firefox tells places late, and a window is moved once more after it has appeared.
            while place != before or min(place) < 0:
                assert time.monotonic() < end, f"{button} does not stand still"
                time.sleep(STEADY_S)
                before, place = place, found.middle()
            self.robot.click(*place)

        await asyncio.to_thread(act)

    async def report(self, name: str) -> Any:  # noqa: ANN401 -- what the page's script says
        """Wait for what the page says under a name."""
        async with asyncio.timeout(REPORT_S):
            return json.loads(await self.site.report(name))


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with virtual_screen() as running:
        yield running


@pytest.fixture(scope="module")
def robot(screen: Screen) -> Iterator[Robot]:
    with Robot(screen.environment) as running:
        yield running


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[WebSite]:
    async with WebSite.running(tmp_path, [HOST]) as running:
        yield running


@pytest.fixture
async def agent(tmp_path: Path, site: WebSite) -> AsyncIterator[RunningAgent]:
    CertificateFolder(tmp_path / "tls").replace(make_authority())
    context = tls_context(tmp_path / "tls")
    allowed = POLICY.replace(PORTAL, site.origin(HOST)).replace(
        "operations =", "plain_until = 2099-12-31\noperations ="
    )
    async with running_agent(
        tmp_path, policy=allowed, change=lambda parts: replace(parts, context=context)
    ) as running:
        yield running


@pytest.fixture(params=["chromium", "firefox-esr"])
def browser(request: pytest.FixtureRequest, tmp_path: Path, site: WebSite) -> Browser:
    root = tmp_path / "site-root.pem"
    root.write_bytes(site.root)
    found = find_browser(tmp_path, root, request.param)
    assert found is not None, f"{request.param} is not installed"
    return found


@pytest.fixture
def old_site(
    site: WebSite, agent: RunningAgent, browser: Browser, screen: Screen, robot: Robot
) -> OldSite:
    for script in (*SCRIPTS.glob("*.js"), SCRIPTS / "sof" / "sof.js"):
        path = script.relative_to(SCRIPTS).as_posix()
        site.pages[f"/js/{path}"] = script.read_text("utf-8")
    for page in PAGES.glob("*.html"):
        text = page.read_text("utf-8").replace("@PORT@", str(agent.port))
        text = text.replace("@TLS_PORT@", str(agent.agent.ports.tls_port))
        charset = "gbk" if "gb2312" in text else "utf-8"
        site.pages[f"/{page.name}"] = text.encode(charset)
    return OldSite(site, agent, browser, screen, robot)


@pytest.fixture
def trusted_agent(old_site: OldSite, tmp_path: Path) -> OldSite:
    """The same, in a browser that trusts the agent's own certificate."""
    home = tmp_path / Path(old_site.browser.downloads).parent.name
    for store in (home / "profile", home / ".pki" / "nssdb"):
        store.mkdir(parents=True, exist_ok=True)
        for words in (
            ("-N", "--empty-password"),
            ("-A", "-n", "agent", "-t", "C,,", "-i", str(tmp_path / "tls" / "root.pem")),
        ):
            command = ["certutil", *words, "-d", f"sql:{store}"]
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return old_site
