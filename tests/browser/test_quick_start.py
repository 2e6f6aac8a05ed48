"""The quick start of docs/page-developer.md, copied as it stands, works in both browsers.

The page's script and the server's lines are taken out of the documentation; the agent listens where
an agent listens, among whatever else is there.
"""

import asyncio
import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.browsers import find_browser
from demo.robot_control import Robot, Thing
from demo.screen import Screen
from signet_agent.settings import BASE_PORT
from tests.kit.running_agent import POLICY, PORTAL, running_agent
from tests.kit.source import TOP
from tests.kit.web_site import WebSite

pytestmark = pytest.mark.screen

PAGE = (TOP / "docs" / "page-developer.md").read_text("utf-8")
SCRIPTS = TOP / "protocol" / "js"
HOST = "dept.localhost"
DECLARATION = '{"form":"gs1/1","tax_due":"48627.65"}'
PATIENCE_S = 20.0
PRESSES = 4
"""A page's button can be seen a moment before its script listens; a person presses again."""


def _block(language: str) -> str:
    """Return the first block of this language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def _serve(site: WebSite) -> None:
    """Do what the quick start tells a department to do."""
    site.pages["/"] = f'<!doctype html><meta charset="utf-8">{_block("html")}'
    site.pages["/declaration"] = DECLARATION
    site.pages["/signature"] = ""
    for script in SCRIPTS.glob("*.js"):
        site.pages[f"/static/signet/{script.name}"] = script.read_text("utf-8")


async def _aside(act: Callable[..., object], *arguments: object) -> None:
    await asyncio.get_running_loop().run_in_executor(None, act, *arguments)


async def _press_for_signature(site: WebSite, robot: Robot, browser: str) -> str:
    """Press the page's button until a signature is posted."""
    posted = asyncio.ensure_future(site.posted("/signature"))
    for _ in range(PRESSES):
        await _aside(robot.press, Thing(browser, "push button", "签名"))
        done, _ = await asyncio.wait({posted}, timeout=PATIENCE_S)
        if done:
            break
    return await asyncio.wait_for(posted, PATIENCE_S)


@pytest.mark.parametrize("program", ["chromium", "firefox-esr"])
async def test_a_page_copied_from_the_documentation_gets_its_signature(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "web-root.pem"
    browser = find_browser(tmp_path, root, program)
    assert browser is not None, f"{program} is not installed"
    async with WebSite.running(tmp_path, (HOST,)) as site:
        root.write_bytes(site.root)
        _serve(site)
        policy = POLICY.replace(PORTAL, site.origin(HOST))
        async with running_agent(tmp_path, policy=policy, base_port=BASE_PORT) as running:
            with Screen() as screen, Robot(screen.environment) as robot:
                address = f"{site.origin(HOST)}/"
                with browser.open(address, screen.environment, *browser.readable):
                    body = await _press_for_signature(site, robot, browser.name)
        monkeypatch.chdir(tmp_path)
        (tmp_path / "roots.pem").write_bytes(running.authority.pem)
        known: dict[str, Any] = {"body": body, "declaration": DECLARATION.encode()}
        exec(compile(_block("python"), "page-developer.md", "exec"), known)  # noqa: S102 -- ours
    assert known["signed"].holder
    assert base64.b64decode(body)
