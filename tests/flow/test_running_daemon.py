"""The command as a process: one line when it listens, one agent at a time, a clean end."""

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from signet_agent.daemon.audit import SqliteStorage, verify_chain
from signet_agent.daemon.endpoints.control import ask_running_agent
from tests.kit.running_agent import POLICY, PORTAL, free_base_port


class Daemon:
    """``signet run`` in places of its own, without a screen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_base_port()
        self.process: Process

    def words(self, command: str, *more: str) -> list[str]:
        places = ["--state", str(self.folder), "--policy", str(self.folder / "policy.toml")]
        return [sys.executable, "-m", "signet_agent", command, *places, *more]

    async def start(self) -> dict[str, Any]:
        words = self.words("run", "--port", str(self.port), "--no-tray")
        self.process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE)
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            line = await self.process.stdout.readline()
        return dict(json.loads(line)) if line else {}

    async def run(self, command: str, *more: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(*self.words(command, *more), stdout=PIPE)
        out, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode()

    def mapped_files(self) -> str:
        """Return what the process has mapped into its memory (proc(5))."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    async def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        async with asyncio.timeout(20):
            return await self.process.wait()


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    running = Daemon(tmp_path)
    yield running
    if running.process.returncode is None:
        running.process.kill()
        await running.process.wait()


async def test_it_listens_answers_its_commands_and_ends_cleanly(daemon: Daemon) -> None:
    event = await daemon.start()
    assert (event["event"], event["sites"], event["trouble"]) == ("listening", 1, "")
    status, text = await daemon.run("status", "--json")
    assert (status, json.loads(text)["port"]) == (0, event["port"])
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(
            f"ws://127.0.0.1:{event['port']}/v1", headers={"Origin": PORTAL}
        ) as socket,
    ):
        hello = {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"version": 1}}
        await socket.send_json(hello)
        assert (await socket.receive_json())["result"]["version"] == 1
        assert await daemon.stop() == 0
    storage = SqliteStorage(daemon.folder / "audit.sqlite3", writable=False)
    assert verify_chain(storage.read()).intact
    assert json.loads(next(storage.newest()).body)["kind"] == "stop"
    assert not (daemon.folder / "control.sock").exists()


async def test_while_it_waits_it_holds_neither_cryptography_nor_a_window_nor_a_driver(
    daemon: Daemon,
) -> None:
    await daemon.start()
    mapped = daemon.mapped_files()
    assert "aiohttp" in mapped
    assert [name for name in ("cryptography", "PySide6", "softhsm", "PIL") if name in mapped] == []


async def test_a_second_start_raises_the_first_ones_window_and_ends(daemon: Daemon) -> None:
    await daemon.start()
    status, text = await daemon.run("run", "--no-tray")
    assert (status, json.loads(text)["event"]) == (0, "running")


async def test_it_can_be_ended_by_its_control_socket(daemon: Daemon) -> None:
    await daemon.start()
    assert ask_running_agent(daemon.folder / "control.sock", "quit") is not None
    async with asyncio.timeout(20):
        assert await daemon.process.wait() == 0


async def test_without_a_policy_it_runs_refuses_everybody_and_says_so(daemon: Daemon) -> None:
    (daemon.folder / "policy.toml").write_text("version = 9\n")
    event = await daemon.start()
    assert "line 1: version" in event["trouble"]
    state = ask_running_agent(daemon.folder / "control.sock", "status")
    assert state is not None
    assert state["state"] == "trouble"
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await client.ws_connect(
                f"ws://127.0.0.1:{event['port']}/v1", headers={"Origin": PORTAL}
            )
    assert caught.value.status == 403


async def test_without_a_log_it_does_not_start(daemon: Daemon) -> None:
    (daemon.folder / "audit.sqlite3").write_bytes(b"noise" * 1000)
    assert await daemon.start() == {}
    assert daemon.process.stderr is not None
    assert b"the log cannot be opened" in await daemon.process.stderr.read()
    assert await daemon.process.wait() == 1


async def test_noise_at_the_control_socket_is_no_command(daemon: Daemon) -> None:
    await daemon.start()
    for noise in (b"\xff\n", b"{\n", b"x" * 5000 + b"\n"):
        reader, writer = await asyncio.open_unix_connection(daemon.folder / "control.sock")
        writer.write(noise)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
    assert ask_running_agent(daemon.folder / "control.sock", "status") is not None
