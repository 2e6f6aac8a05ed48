"""Octets that no browser sends, over a real socket: the answer comes at once and is final."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signet_protocol.messages import MAX_MESSAGE_BYTES
from tests.kit.running_agent import PORTAL, RunningAgent, code_of, running_agent

pytestmark = pytest.mark.quick

AT_ONCE_S = 2.0
"""Far below the head's deadline of ten seconds, and enough for a busy machine."""


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path) as running:
        yield running


async def _answer(port: int, octets: bytes) -> bytes:
    """Return all that comes back until the agent hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    try:
        async with asyncio.timeout(AT_ONCE_S):
            return await reader.read()
    finally:
        writer.close()


def _upgrade(port: int) -> bytes:
    fields = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Origin": PORTAL,
    }
    lines = [f"{name}: {value}\r\n" for name, value in fields.items()]
    return f"GET /v1 HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii")


async def test_noise_that_begins_like_a_method_is_refused_without_waiting(
    agent: RunningAgent,
) -> None:
    answer = await _answer(agent.port, b"GET /" + bytes(range(256)) * 15)

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_head_that_comes_in_parts_is_still_waited_for(agent: RunningAgent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", agent.port)
    head = _upgrade(agent.port)
    for part in (head[:7], head[7:60], head[60:]):
        writer.write(part)
        await asyncio.sleep(0.02)

    assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")
    writer.close()


async def test_a_frame_without_a_mask_ends_the_conversation_with_1002(agent: RunningAgent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", agent.port)
    writer.write(_upgrade(agent.port))
    await reader.readuntil(b"\r\n\r\n")

    writer.write(b"\x81\x02{}" + b"\x81\x02{}")

    assert await reader.read() == b"\x88\x02\x03\xea"
    writer.close()


async def test_a_message_of_the_largest_size_is_read_and_one_octet_more_closes_with_1009(
    agent: RunningAgent,
) -> None:
    page = await agent.connect()
    await page.socket.send_str(" " * MAX_MESSAGE_BYTES)
    assert code_of(await page.reply()) == "page.malformed"

    await page.socket.send_str(" " * (MAX_MESSAGE_BYTES + 1))
    await page.socket.receive()
    assert page.socket.close_code == 1009
