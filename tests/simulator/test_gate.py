"""The table of the gate, over raw sockets: fixed answers, and nothing of the sort for a page."""

import asyncio

import pytest

from signet_simulator.people import Crowd
from tests.kit.running_simulator import OTHER_SITE, SITE, Watcher, running_way, scene
from tests.simulator.test_dialogues import StandIn

pytestmark = pytest.mark.quick

HANDSHAKE = {
    "Host": "127.0.0.1:{port}",
    "Origin": SITE,
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

END = "\r\n\r\n"


def _head(first: str = "GET /v1 HTTP/1.1", *more: str, **changes: str | None) -> str:
    """Return a handshake with some fields changed, left out (None) or added."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    fields = {**HANDSHAKE, **named}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([first, *lines, *more])


async def _answer(port: int, octets: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    async with asyncio.timeout(20):
        received = await reader.readuntil(END.encode())
        rest = await reader.read() if not received.startswith(b"HTTP/1.1 101") else b""
    writer.close()
    assert rest == b""
    return received.decode()


REFUSED = [
    (_head("GET /v1 HTTP/1.0"), 400),
    (_head("nonsense"), 400),
    (_head(Host=None), 400),
    (_head(first="GET /v1 HTTP/1.1", Transfer_Encoding="chunked"), 400),
    (_head("GET /v1 HTTP/1.1", "Origin: https://tax.example.gov"), 400),
    (_head("GET /v1 HTTP/1.1", "Host: 127.0.0.1"), 400),
    (_head("GET /v1 HTTP/1.1", "no field"), 400),
    (_head(Sec_WebSocket_Key="c2hvcnQ="), 400),
    (_head(Sec_WebSocket_Key="not base64!"), 400),
    (_head(Sec_WebSocket_Key=None), 400),
    (_head(Content_Length="1"), 400),
    (_head(Origin=None), 403),
    (_head(Origin="null"), 403),
    (_head(Origin="https://tax.example.gov.evil.example"), 403),
    (_head(Origin="HTTPS://tax.example.gov"), 403),
    (_head(Sec_Fetch_Mode="navigate"), 403),
    (_head(Sec_Fetch_Dest="image"), 403),
    (_head("GET /v2 HTTP/1.1"), 404),
    (_head("POST /v1 HTTP/1.1"), 405),
    (_head("OPTIONS /v1 HTTP/1.1"), 405),
    (_head("DELETE /v1 HTTP/1.1"), 405),
    (_head(Host="evil.example:{port}"), 421),
    (_head(Host="127.0.0.1"), 421),
    (_head(Upgrade=None), 426),
    (_head(Upgrade="h2c"), 426),
    (_head(Connection="close"), 426),
    (_head(Sec_WebSocket_Version="8"), 426),
    (_head("GET /v1 HTTP/1.1", *(f"X-{number}: 1" for number in range(64))), 431),
    (_head(X_Long="x" * 9000), 431),
]


@pytest.mark.parametrize(("head", "status"), REFUSED)
async def test_what_the_gate_refuses_gets_a_status_and_nothing_else(
    crowd: Crowd, head: str, status: int
) -> None:
    async with scene(crowd) as shown:
        port = shown.simulator.port
        answer = await _answer(port, (head.format(port=port) + END).encode())

    lines = answer.removesuffix(END).split("\r\n")
    assert lines[0] == f"HTTP/1.1 {status} "
    assert lines[1] == "Content-Length: 0"
    more = {"Sec-WebSocket-Version: 13", "Upgrade: websocket", "Server: signet-simulator"}
    assert set(lines[3:]) == (more if status == 426 else set())
    assert shown.simulator.refusals[-1][0].value == status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("origin", [SITE, OTHER_SITE])
async def test_a_handshake_of_an_allowed_site_passes_without_a_banner(
    crowd: Crowd, host: str, origin: str
) -> None:
    async with scene(crowd) as shown:
        port = shown.simulator.port
        head = _head(Host=f"{host}:{port}", Origin=origin, Sec_Fetch_Mode="websocket")
        answer = await _answer(port, (head + END).encode())

    assert answer.startswith("HTTP/1.1 101 ")
    assert "Server:" not in answer
    assert "Date:" not in answer
    assert "Sec-WebSocket-Extensions" not in answer


async def test_octets_behind_a_handshake_are_refused(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        port = shown.simulator.port
        head = _head().format(port=port) + END
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + b"x")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_an_endless_head_is_refused_before_it_ends(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        answer = await _answer(shown.simulator.port, b"GET /v1 HTTP/1.1\r\nX: " + b"x" * 9000)

    assert answer.startswith("HTTP/1.1 431 ")


async def test_a_head_that_comes_in_pieces_passes(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        port = shown.simulator.port
        head = (_head().format(port=port) + END).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in (head[:20], head[20:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        answer = await reader.readuntil(END.encode())
        writer.close()

    assert answer.startswith(b"HTTP/1.1 101 ")


async def test_a_head_that_never_ends_is_refused_in_time() -> None:
    async with running_way(StandIn(), head_deadline_s=0.01) as simulator:
        answer = await _answer(simulator.port, b"GET /v1")

    assert answer.startswith("HTTP/1.1 408 ")


async def test_a_connection_that_ends_before_its_head_is_forgotten() -> None:
    async with running_way(StandIn()) as simulator:
        _, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        writer.write(b"GET ")
        writer.write_eof()
        writer.close()
        await simulator.connect()

    assert simulator.refusals == []


def test_a_watcher_keeps_what_it_hears() -> None:
    watcher = Watcher()
    watcher.tell("hello", origin=SITE)

    assert watcher.events == [{"event": "hello", "origin": SITE}]
