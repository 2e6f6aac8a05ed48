"""Nothing but the one judged request reaches the HTTP library, and nothing of it comes back."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiohttp import web

from signet_agent.daemon.endpoints.acceptor import SilentPool
from signet_agent.daemon.endpoints.guarded import GuardedConnection, GuardedServer, Handler
from signet_agent.daemon.gate import Gate, Passage, Refusal
from tests.kit.running_agent import PORTAL, until

pytestmark = pytest.mark.quick

BODY = b'{"jsonrpc":"2.0"}'

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def repeat(request: web.BaseRequest, _: Passage) -> web.StreamResponse:
    answer = web.Response(body=await request.read())
    answer.force_close()
    return answer


@asynccontextmanager
async def guarded(handler: Handler = repeat) -> AsyncIterator[tuple[GuardedServer, int]]:
    """Serve posts on a plain port; the real agent takes them over TLS only."""
    hosts = frozenset({"localhost"})
    gate = Gate(hosts, PORTAL.__eq__, 1000, takes_posts=True)
    guard = GuardedServer(handler, gate, SilentPool(), lambda _: None)
    server = await asyncio.get_running_loop().create_server(guard, "127.0.0.1", 0)
    async with server:
        yield guard, server.sockets[0].getsockname()[1]
    await guard.shutdown(0.1)


def head(length: int = len(BODY)) -> bytes:
    lines = (
        "POST /v1 HTTP/1.1",
        "Host: localhost",
        f"Origin: {PORTAL}",
        "Content-Type: application/json",
        "X-Signet: 1",
        f"Content-Length: {length}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def answer_to(port: int, *pieces: bytes) -> bytes:
    """Send the pieces apart from each other, and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.02)
    answer = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("cut", [0, 5, len(BODY)])
async def test_a_body_may_come_with_its_head_after_it_or_in_parts(cut: int) -> None:
    async with guarded() as (_, port):
        answer = await answer_to(port, head() + BODY[:cut], BODY[cut:])
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(BODY)


async def test_what_follows_a_body_in_its_piece_is_turned_away_before_anyone_reads_it() -> None:
    async with guarded() as (_, port):
        answer = await answer_to(port, head() + BODY + b"G")
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_what_follows_a_body_later_ends_the_connection() -> None:
    async def never(request: web.BaseRequest, _: Passage) -> web.StreamResponse:
        await request.read()
        raise AssertionError

    async with guarded(never) as (_, port):
        assert await answer_to(port, head(), BODY[:5], BODY[5:] + b"GET /v1 HTTP/1.1\r\n") == b""


async def test_a_handler_that_fails_answers_a_bare_status_and_logs_nothing_of_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(request: web.BaseRequest, _: Passage) -> web.StreamResponse:
        await request.read()
        raise RuntimeError("inside")

    async with guarded(fail) as (_, port):
        answer = await answer_to(port, head(), BODY)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.endswith(b"\r\n\r\n")
    for word in (b"Server:", b"Date:", b"inside", b"Traceback"):
        assert word not in answer
    (record,) = [each for each in caplog.records if each.name.startswith("signet_agent")]
    assert record.getMessage() == "a request ended in an error"
    assert record.exc_info is not None


def _half_close(stream: Stream) -> None:
    stream[1].write_eof()


def _reset(stream: Stream) -> None:
    raw = stream[1].get_extra_info("socket")
    raw.setsockopt(1, 13, struct.pack("ii", 1, 0))
    stream[1].close()


Goodbye = Callable[[Stream], None]


@pytest.mark.parametrize("goodbye", [_half_close, _reset])
@pytest.mark.parametrize("sent", [b"", b"POST /v1 HTT"])
async def test_who_leaves_before_its_head_is_whole_is_forgotten(
    goodbye: Goodbye, sent: bytes
) -> None:
    async with guarded() as (guard, port):
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(sent)
        await until(lambda: guard.live == 1)
        goodbye(stream)
        await until(lambda: guard.live == 0)
        with contextlib.suppress(ConnectionError):
            assert await stream[0].read() == b""
        stream[1].close()


async def test_who_leaves_while_its_answer_is_made_stops_the_making() -> None:
    began, stopped = asyncio.Event(), asyncio.Event()

    async def wait(request: web.BaseRequest, _: Passage) -> web.StreamResponse:
        await request.read()
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    async with guarded(wait) as (_, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head() + BODY)
        await began.wait()
        writer.close()
        async with asyncio.timeout(5):
            await stopped.wait()


# --- by hand: what a real connection cannot be made to do -------------------------------------


class Wire(asyncio.Transport):
    """A transport that keeps what was written."""

    def __init__(self) -> None:
        """Start open."""
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True


@pytest.fixture
async def connection() -> AsyncIterator[GuardedConnection]:
    gate = Gate(frozenset(), PORTAL.__eq__, 1000, takes_posts=True)
    made = GuardedServer(repeat, gate, SilentPool(), lambda _: None)()
    yield made
    if made.transport is not None:
        made.connection_lost(None)


async def test_what_comes_after_a_refusal_is_not_looked_at(connection: GuardedConnection) -> None:
    wire = Wire()
    connection.connection_made(wire)
    connection.data_received(b"\x16\x03\x01")
    connection.data_received(head() + BODY)
    assert wire.written == Refusal.MALFORMED.answer
    assert wire.closed


async def test_who_is_gone_can_be_evicted_and_refused_without_harm(
    connection: GuardedConnection,
) -> None:
    wire = Wire()
    connection.connection_made(wire)
    connection.connection_lost(None)
    connection.evict()
    connection._refuse(Refusal.TIMEOUT)
    assert (wire.written, wire.closed) == (b"", False)


@pytest.mark.parametrize(("status", "told"), [(400, 0), (500, 1), (504, 1)])
async def test_only_our_own_errors_are_logged(
    connection: GuardedConnection, caplog: pytest.LogCaptureFixture, status: int, told: int
) -> None:
    request = cast("web.BaseRequest", None)
    answer = connection.handle_error(request, status, message="<h1>details</h1>")
    assert isinstance(answer, web.Response)
    assert (answer.status, answer.body) == (status, None)
    assert len(caplog.records) == told
