"""The commands' way to a running agent: this user only, one word in, one answer out."""

import asyncio
import contextlib
import json
import os
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signet_agent.daemon.endpoints import control
from signet_agent.daemon.endpoints.control import MAX_LINE_BYTES, ask_running_agent, serve_control
from signet_agent.errors import SettingsError

pytestmark = pytest.mark.quick


async def echo(word: str) -> dict[str, object]:
    return {"word": word}


@pytest.fixture
async def path(tmp_path: Path) -> AsyncIterator[Path]:
    """Return the socket of an agent that repeats every word."""
    made = tmp_path / "runtime" / "control.sock"
    server = await serve_control(made, echo)
    yield made
    server.close()


async def ask(path: Path, word: str) -> dict[str, object] | None:
    return await asyncio.to_thread(ask_running_agent, path, word)


async def raw(path: Path, octets: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(octets)
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        answer = await reader.read()
    writer.close()
    return answer


def shut_to_others(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


async def test_a_word_is_answered_and_only_this_user_can_reach_the_socket(path: Path) -> None:
    assert await ask(path, "状态") == {"word": "状态"}
    assert shut_to_others(path)
    assert shut_to_others(path.parent)


async def test_another_users_command_gets_no_answer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert await raw(path, b'"quit"\n') == b""


async def test_another_users_agent_is_not_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_peer_uid", lambda _: os.getuid() + 1)
    assert await ask(path, "status") is None


@pytest.mark.parametrize(
    "noise", [b"\xff\n", b"{\n", b"", b"\n", b"x" * (MAX_LINE_BYTES + 1) + b"\n"]
)
async def test_noise_is_no_command_and_harms_nobody(path: Path, noise: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(noise)
    writer.write_eof()
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    assert await ask(path, "status") == {"word": "status"}


async def test_where_no_agent_runs_there_is_no_answer(tmp_path: Path) -> None:
    assert await ask(tmp_path / "none.sock", "status") is None


async def test_the_socket_a_dead_agent_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert await ask(path, "status") is None
    server = await serve_control(path, echo)
    assert await ask(path, "status") == {"word": "status"}
    server.close()


@pytest.mark.parametrize("answer", [b"[]\n", b"{\n", b"", b"\xff\n"])
async def test_an_answer_that_is_none_counts_as_no_agent(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def reply() -> None:
            connection, _ = listening.accept()
            with connection:
                assert json.loads(connection.recv(MAX_LINE_BYTES)) == "status"
                connection.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        assert await ask(path, "status") is None
        thread.join()


async def test_an_agent_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert await asyncio.to_thread(ask_running_agent, path, "status", 0.1) is None


@pytest.mark.parametrize("place", ["file/control.sock", "x" * 120])
async def test_a_socket_that_cannot_be_made_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="control socket cannot be made"):
        await serve_control(tmp_path / place, echo)
