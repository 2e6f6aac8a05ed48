"""The end of a socket, from either side."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from signet_agent.daemon.endpoints import websocket
from signet_protocol.messages import MAX_MESSAGE_BYTES
from tests.kit.frames import BINARY, CLOSE, TEXT, masked_frame, read_frame
from tests.kit.running_agent import NONCE, PORTAL, RunningAgent, running_agent, until

pytestmark = pytest.mark.quick

TOO_LARGE = (1009).to_bytes(2, "big")
UNSUPPORTED = (1003).to_bytes(2, "big")

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path) as running:
        yield running


async def upgraded(port: int) -> Stream:
    """Open a socket by hand, so that the test alone decides when it answers and when it ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        "GET /v1 HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Origin: {PORTAL}",
    )
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_what_comes_after_a_message_too_large_is_not_read(agent: RunningAgent) -> None:
    reader, writer = await upgraded(agent.port)
    writer.write(masked_frame(TEXT, b" " * (MAX_MESSAGE_BYTES + 1)) + masked_frame(TEXT, b"{"))
    frame = await read_frame(reader)
    assert (frame.opcode, frame.payload[:2]) == (CLOSE, TOO_LARGE)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        async with asyncio.timeout(5):
            await read_frame(reader)
    writer.close()


async def test_a_page_that_never_answers_our_closing_frame_is_not_waited_for(
    agent: RunningAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_DEADLINE_S", 0.1)
    reader, writer = await upgraded(agent.port)
    writer.write(masked_frame(BINARY, b"{}"))
    frame = await read_frame(reader)
    assert (frame.opcode, frame.payload[:2]) == (CLOSE, UNSUPPORTED)
    async with asyncio.timeout(1):
        assert await reader.read() == b""
    writer.close()


async def test_an_agent_that_ends_says_goodbye_and_records_what_was_under_way(
    tmp_path: Path,
) -> None:
    async with running_agent(tmp_path) as agent:
        agent.prompt.person.waits = asyncio.Event()
        page = await agent.connect()
        await page.send("login", nonce=NONCE)
        await until(lambda: bool(agent.prompt.records))
        ending = asyncio.ensure_future(agent.agent.ports.close())
        with pytest.raises(aiohttp.WSMessageTypeError):
            await page.reply()
        assert page.socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
        await ending
    assert [body["kind"] for body in agent.bodies()] == ["start", "intent", "outcome", "stop"]
    assert agent.bodies()[2]["outcome"] == "page.cancelled"
