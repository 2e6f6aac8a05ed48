"""The daemon with the real window on a real screen: it closes, dies and returns in order."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from signet_agent.app import real_parts
from signet_agent.daemon.audit import verify_chain
from signet_agent.daemon.policy import EMPTY_POLICY
from signet_agent.daemon.prompts.desktop import DesktopPrompt
from tests.kit.mock_token import PIN
from tests.kit.robot import Robot
from tests.kit.running_agent import (
    NONCE,
    RunningAgent,
    code_of,
    running_agent,
    settings_in,
    until,
)
from tests.kit.screen import Screen, virtual_screen

pytestmark = pytest.mark.screen

APPLICATION = "Signet"

READING_S = 0.8
"""The window takes nothing in its first half second, and nobody reads faster."""


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with virtual_screen() as running:
        yield running


@pytest.fixture(scope="module")
def robot(screen: Screen) -> Iterator[Robot]:
    with Robot(screen.environment) as running:
        yield running


@pytest.fixture
async def agent(
    tmp_path: Path, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningAgent]:
    for name, value in screen.environment.items():
        monkeypatch.setenv(name, value)
    async with running_agent(
        tmp_path,
        change=lambda parts: replace(parts, prompt=_real_prompt(tmp_path)),
    ) as running:
        yield running
        assert verify_chain(running.storage.records).intact


def _real_prompt(folder: Path) -> DesktopPrompt:
    """Return the shipped agent's own way to the window."""
    parts = real_parts(settings_in(folder / "unused"), EMPTY_POLICY)
    parts.storage.close()
    assert isinstance(parts.prompt, DesktopPrompt)
    return parts.prompt


async def agree(robot: Robot, button: str = "登录") -> None:
    """Type the PIN and agree, as a person does."""

    def act() -> None:
        field = robot.find(APPLICATION, role="password text", enabled=True)
        time.sleep(READING_S)
        field.write(PIN)
        robot.find(APPLICATION, role="push button", name=button, enabled=True).press()

    await asyncio.to_thread(act)


async def shown(robot: Robot) -> None:
    await asyncio.to_thread(lambda: robot.find(APPLICATION, role="push button", name="拒绝"))


async def gone(robot: Robot) -> None:
    await until(lambda: robot.look(APPLICATION, role="push button", name="拒绝") is None)


async def test_a_person_logs_in_twice_with_a_window_each(agent: RunningAgent, robot: Robot) -> None:
    page = await agent.connect()
    for _ in range(2):
        call = asyncio.ensure_future(page.call("login", nonce=NONCE))
        await agree(robot)
        assert code_of(await call) == "ok"
        await gone(robot)
    assert agent.private_ops == 2


async def test_a_closed_tab_closes_the_window(agent: RunningAgent, robot: Robot) -> None:
    page = await agent.connect()
    await page.send("login", nonce=NONCE)
    await shown(robot)
    await page.close()
    await gone(robot)
    await until(lambda: agent.bodies()[-1]["kind"] == "outcome")
    assert agent.bodies()[-1]["outcome"] == "page.cancelled"
    assert agent.private_ops == 0


async def test_a_window_process_that_is_killed_is_told_and_the_next_one_works(
    agent: RunningAgent, robot: Robot
) -> None:
    page = await agent.connect()
    call = asyncio.ensure_future(page.call("login", nonce=NONCE))
    await shown(robot)
    for pid in await asyncio.to_thread(window_processes):
        os.kill(pid, signal.SIGKILL)
    assert code_of(await call) == "agent.window_unavailable"
    again = asyncio.ensure_future(page.call("login", nonce=NONCE))
    await agree(robot)
    assert code_of(await again) == "ok"


def window_processes() -> list[int]:
    """Return our own children that are consent windows."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if words[4:6] == [b"room", b"window"] and int(parent) == os.getpid():
                found.append(int(folder.name))
    return found
