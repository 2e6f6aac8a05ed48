"""The program as a developer starts it: exit codes, orders, a command beside it, its output."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.kit.running_agent import Page, code_of, free_base_port, running_agent
from tests.kit.running_simulator import SITE
from tests.simulator.results import NONCE

PROGRAM = [sys.executable, "-m", "signet_simulator"]
ENGLISH = {**os.environ, "LC_ALL": "en_GB.UTF-8"}


def _run(*words: str, language: str = "en_GB.UTF-8") -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *words],
        env={**os.environ, "LC_ALL": language},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


class Running:
    """The program, with its events as JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take a started one."""
        self.process = process

    async def event(self, name: str) -> dict[str, Any]:
        """Wait for an event."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            while True:
                line = await self.process.stdout.readline()
                event: dict[str, Any] = json.loads(line)
                if event["event"] == name:
                    return event

    def order(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")


@asynccontextmanager
async def running(*words: str) -> AsyncIterator[Running]:
    """Start the program; it has to end by itself, by the time the block ends."""
    port = str(free_base_port())
    process = await asyncio.create_subprocess_exec(
        *[*PROGRAM, "--origin", SITE, "--port", port, "--json", *words],
        env=ENGLISH,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(process)
        async with asyncio.timeout(30):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


@asynccontextmanager
async def page_at(address: str) -> AsyncIterator[Page]:
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(address, headers={"Origin": SITE}) as socket,
    ):
        page = Page(socket)
        await page.call("hello", version=1)
        yield page


async def test_orders_are_typed_while_it_runs() -> None:
    async with running("--answer", "refuse", "--person", "citizen") as program:
        ready = await program.event("ready")
        assert "nothing it signs has any value" in ready["notice"]
        async with page_at(ready["address"]) as page:
            refused = await page.call("login", nonce=NONCE)
            program.order("removed delay=0.01")
            assert (await program.event("ordered"))["order"] == "removed delay=0.01"
            removed = await page.call("login", nonce=NONCE)
            program.order("default allow")
            await program.event("ordered")
            allowed = await page.call("login", nonce=NONCE)
            called = await program.event("call")
            program.order("nonsense")
            misunderstood = await program.event("misunderstood")
            program.order("")
            program.order("quit")

    codes = [code_of(each) for each in (refused, removed, allowed)]
    assert codes == ["user.refused", "token.removed", "ok"]
    assert (called["method"], called["simulated"]) == ("login", True)
    assert "“nonsense” is not understood" in misunderstood["reason"]
    assert program.process.returncode == 0


async def test_a_termination_says_goodbye_to_the_pages() -> None:
    async with running() as program:
        ready = await program.event("ready")
        async with page_at(ready["address"]) as page:
            program.process.terminate()
            await page.socket.receive(timeout=20)
            assert page.socket.close_code == aiohttp.WSCloseCode.GOING_AWAY

    assert program.process.returncode == 0


async def test_a_termination_ends_the_command_as_well() -> None:
    async with running("--", "sleep", "60") as program:
        await program.event("ready")
        program.process.terminate()

    assert program.process.returncode is not None
    assert program.process.returncode != 0


def test_it_ends_with_the_exit_code_of_the_command(tmp_path: Path) -> None:
    port = str(free_base_port())
    words = ("--origin", SITE, "--port", port, "--write", str(tmp_path / "new"))

    done = _run(*words, "--", "sh", "-c", f"ls '{tmp_path}/new'; exit 7")

    assert done.returncode == 7
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Signet simulator 0.1.0")
    assert "nothing it signs has any value" in lines[1]
    assert {"demo-ca.pem", "demo-people.crl", "enterprise-encryption.pem"} <= set(lines)
    assert not list((tmp_path / "new").glob("*key*"))
    assert b"PRIVATE" not in b"".join(file.read_bytes() for file in (tmp_path / "new").iterdir())
    assert lines[-1] == "The simulator has stopped."


def test_it_speaks_chinese_unless_the_session_speaks_english() -> None:
    words = ("--origin", SITE, "--port", str(free_base_port()), "--", "true")

    assert "签章助手模拟器" in _run(*words, language="zh_CN.UTF-8").stdout
    assert "签章助手模拟器" in _run("--lang", "zh-Hans", *words).stdout


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--origin", "https://*.example.gov"), 2, "without wildcards"),
        (("--origin", SITE, "--answer", "perhaps"), 2, "no answer 'perhaps'"),
        (("--origin", SITE, "--script", "/nowhere.toml"), 2, "/nowhere.toml cannot be used"),
        (("--origin", SITE, "--", "/no/such/program"), 4, "/no/such/program did not start"),
        (("--origin", SITE, "--write", "/dev/null/x"), 4, "/dev/null/x cannot be written"),
        ((), 2, "required: --origin"),
        (("--origin", SITE, "--port", "65535"), 2, "invalid _port"),
    ],
)
def test_what_it_cannot_do_is_said_in_a_sentence(
    words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = _run("--port", str(free_base_port()), *words)

    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr


async def test_it_does_not_run_beside_an_agent(tmp_path: Path) -> None:
    async with running_agent(tmp_path) as agent:
        port = str(agent.port)
        done = await asyncio.to_thread(_run, "--origin", SITE, "--port", port)

    assert done.returncode == 3
    assert done.stderr.startswith("signet-simulator: Signet itself is running on port")
