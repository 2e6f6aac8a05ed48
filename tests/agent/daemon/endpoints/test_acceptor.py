"""The accept loop outlives whatever goes wrong with one connection."""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from signet_agent.daemon.endpoints.acceptor import MAX_SILENT, Acceptor, SilentPool
from signet_agent.daemon.endpoints.certificate import tls_context
from signet_agent.daemon.peers import PeerCheck
from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import CertificateFolder
from tests.kit.running_agent import until

pytestmark = pytest.mark.quick


@dataclass(eq=False)
class Member:
    """A silent connection that only remembers that it had to go."""

    evicted: bool = False

    def evict(self) -> None:
        self.evicted = True


class Greeter(asyncio.Protocol):
    """Says one word and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        made = cast("asyncio.Transport", transport)
        made.write(b"welcome")
        made.close()


class Greeters:
    """Makes greeters; none counts as open."""

    live = 0

    def __call__(self) -> Greeter:
        return Greeter()


@asynccontextmanager
async def accepting(
    is_own_user: PeerCheck = lambda _: True, folder: Path | None = None
) -> AsyncIterator[tuple[str, int]]:
    """Run an accept loop and return where it listens."""
    context = tls_context(folder) if folder else None
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        listening.setblocking(False)
        acceptor = Acceptor(Greeters(), SilentPool(), is_own_user, context)
        task = asyncio.ensure_future(acceptor.run(listening))
        yield listening.getsockname()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def answer_at(address: tuple[str, int]) -> bytes:
    """Return all that comes; a reset is an answer without a word."""
    try:
        reader, writer = await asyncio.open_connection(*address)
        async with asyncio.timeout(5):
            answer = await reader.read()
    except ConnectionResetError:
        return b""
    writer.close()
    return answer


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open no further file."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_file = os.dup(0)
    os.close(next_file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_oldest_of_the_silent_makes_room_and_who_left_is_forgotten() -> None:
    pool = SilentPool(2)
    first, second, third, fourth = (Member() for _ in range(4))
    pool.add(first)
    pool.add(second)
    pool.discard(first)
    pool.discard(first)
    pool.add(third)
    assert not second.evicted
    pool.add(fourth)
    assert [m.evicted for m in (first, second, third, fourth)] == [False, True, False, False]


async def test_too_many_open_files_are_waited_out(caplog: pytest.LogCaptureFixture) -> None:
    async with accepting() as address:
        page = socket.socket()
        page.setblocking(False)
        with no_more_files():
            await asyncio.get_running_loop().sock_connect(page, address)
            await until(lambda: "accept: Too many open files" in caplog.text)
        reader, writer = await asyncio.open_connection(sock=page)
        assert await reader.read() == b"welcome"
        writer.close()


async def test_a_connection_that_cannot_be_asked_about_is_turned_away_alone() -> None:
    troubles = [OSError("not connected")]

    def is_own_user(_: socket.socket) -> bool:
        if troubles:
            raise troubles.pop()
        return True

    async with accepting(is_own_user) as address:
        assert await answer_at(address) == b""
        assert await answer_at(address) == b"welcome"


async def test_handshakes_that_never_come_make_room_for_younger_ones(tmp_path: Path) -> None:
    CertificateFolder(tmp_path / "tls").replace(make_authority())
    async with accepting(folder=tmp_path / "tls") as address:
        streams = [await asyncio.open_connection(*address) for _ in range(MAX_SILENT + 2)]
        for reader, _ in streams[:2]:
            async with asyncio.timeout(5):
                assert await reader.read() == b""
        await asyncio.sleep(0.05)
        assert not any(reader.at_eof() for reader, _ in streams[2:])
        for _, writer in streams:
            writer.close()
