"""Sockets that say nothing, slowly or too much: bounded, and never in an honest page's way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from signet_agent.daemon.endpoints import acceptor, guarded
from signet_agent.daemon.endpoints.acceptor import MAX_SILENT
from tests.kit.running_agent import NONCE, PORTAL, RunningAgent, code_of, running_agent

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningAgent]:
    monkeypatch.setattr(guarded, "HEAD_DEADLINE_S", 0.2)
    monkeypatch.setattr(guarded.GuardedServer.__init__, "__defaults__", (0.2,))
    async with running_agent(tmp_path) as running:
        yield running


async def silent(agent: RunningAgent, host: str = "127.0.0.1") -> Stream:
    return await asyncio.open_connection(host, agent.port)


async def answer_to(agent: RunningAgent, *pieces: bytes, host: str = "127.0.0.1") -> bytes:
    reader, writer = await silent(agent, host)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        answer = b""
        with contextlib.suppress(ConnectionError):
            answer = await reader.read()
    writer.close()
    return answer


async def test_the_oldest_silent_sockets_make_room_and_a_page_still_gets_in(
    agent: RunningAgent,
) -> None:
    streams = [await silent(agent) for _ in range(MAX_SILENT + 8)]
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"
    for reader, _ in streams[:8]:
        async with asyncio.timeout(2):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
    assert not streams[-1][0].at_eof()
    for _, writer in streams:
        writer.close()


async def test_silence_before_the_first_octet_is_no_fault(agent: RunningAgent) -> None:
    reader, writer = await silent(agent)
    await asyncio.sleep(0.5)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 421")
    writer.close()


async def test_half_a_head_has_its_deadline_from_the_first_octet(agent: RunningAgent) -> None:
    assert (await answer_to(agent, b"GET /v1 HTTP/1.1\r\n")).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_both_families_pass_the_same_gate(agent: RunningAgent, host: str) -> None:
    head = f"GET /v1 HTTP/1.1\r\nHost: evil.example:{agent.port}\r\nOrigin: {PORTAL}\r\n\r\n"
    assert (await answer_to(agent, head.encode(), host=host)).startswith(b"HTTP/1.1 421")


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01", b"\x00", b"ssh"])
async def test_noise_is_refused_at_its_first_octet(agent: RunningAgent, noise: bytes) -> None:
    assert (await answer_to(agent, noise)).startswith(b"HTTP/1.1 400")


async def test_a_head_that_never_ends_is_cut(agent: RunningAgent) -> None:
    assert (await answer_to(agent, b"GET /" + b"a" * 9000)).startswith(b"HTTP/1.1 431")
    fields = b"X: y\r\n" * 2000
    assert (await answer_to(agent, b"GET /v1 HTTP/1.1\r\n" + fields)).startswith(b"HTTP/1.1 431")


async def test_what_follows_a_handshake_in_one_piece_is_turned_away(agent: RunningAgent) -> None:
    lines = (
        "GET /v1 HTTP/1.1",
        f"Host: 127.0.0.1:{agent.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Origin: {PORTAL}",
    )
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    assert (await answer_to(agent, head + head)).startswith(b"HTTP/1.1 400")


async def test_another_users_program_is_reset_before_a_byte_is_read(tmp_path: Path) -> None:
    async with running_agent(
        tmp_path, change=lambda parts: replace(parts, is_own_user=lambda _: False)
    ) as agent:
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = await answer_to(agent, b"GET / HTTP/1.1\r\n\r\n")
        assert answer == b""


async def test_more_connections_than_the_cap_are_reset_and_a_freed_place_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptor, "MAX_CONNECTIONS", 3)
    async with running_agent(tmp_path) as agent:
        pages = [await agent.connect() for _ in range(3)]
        with pytest.raises(aiohttp.ClientError):
            await agent.connect()
        await pages.pop().close()
        page = await agent.connect()
        assert code_of(await page.call("login", nonce=NONCE)) == "ok"
