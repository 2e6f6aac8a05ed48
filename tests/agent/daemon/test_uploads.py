"""Octets that come in pieces: in order, bounded, a site's own, and gone without a trace."""

import asyncio
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from signet_agent.daemon.uploads import (
    DETACHED_LIFE_S,
    DISK_RESERVE_BYTES,
    MAX_UPLOADS_PER_SITE,
    SWEEP_S,
    UNUSED_LIFE_S,
    PieceRefusedError,
    Uploads,
)
from signet_agent.errors import AgentError, PageError
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import ACKNOWLEDGE_EVERY_BYTES, MAX_PIECE_BYTES, Piece
from tests.kit.running_agent import PORTAL

pytestmark = pytest.mark.quick

CONTENT = os.urandom(3 * ACKNOWLEDGE_EVERY_BYTES + 1000)
OTHER = "https://other.example.com"


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Connection:
    """Stands for a conversation: only who it is counts."""


class HalfFile(io.BytesIO):
    """A file on a disk that is nearly full."""

    def write(self, octets: object) -> int:
        return super().write(memoryview(octets)[:2])  # type: ignore[arg-type]  # always octets


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def uploads(tmp_path: Path, clock: Clock) -> Uploads:
    return Uploads(tmp_path, clock)


@pytest.fixture
def page() -> Connection:
    return Connection()


def pieces(name: str, content: bytes, start: int = 0) -> Iterator[Piece]:
    for offset in range(start, len(content), MAX_PIECE_BYTES):
        yield Piece(name, offset, content[offset : offset + MAX_PIECE_BYTES])


async def send(uploads: Uploads, page: Connection, name: str, content: bytes = CONTENT) -> None:
    for piece in pieces(name, content):
        await uploads.take(page, piece)


async def refused(uploads: Uploads, page: Connection, piece: Piece) -> bool:
    try:
        await uploads.take(page, piece)
    except PieceRefusedError:
        return True
    return False


def code(error: pytest.ExceptionInfo[AgentError]) -> ErrorCode:
    return error.value.code


async def test_a_whole_upload_has_its_digests(uploads: Uploads, page: Connection) -> None:
    begun = await uploads.begin(PORTAL, page, len(CONTENT), None)
    assert (begun.received, len(begun.upload)) == (0, 32)
    told = [await uploads.take(page, piece) for piece in pieces(begun.upload, CONTENT)]
    steps = [ACKNOWLEDGE_EVERY_BYTES * n for n in (1, 2, 3)]
    assert [each for each in told if each is not None] == [*steps, len(CONTENT)]
    whole = uploads.whole(PORTAL, begun.upload)
    assert whole.size == len(CONTENT)
    for name in ("sha256", "sha384", "sha512"):
        assert await whole.digest(name) == hashlib.new(name, CONTENT).digest()


async def test_the_file_has_no_name(uploads: Uploads, page: Connection, tmp_path: Path) -> None:
    begun = await uploads.begin(PORTAL, page, len(CONTENT), None)
    await send(uploads, page, begun.upload)
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


@pytest.mark.parametrize(
    ("offset", "octets"),
    [(0, b"again"), (6, b"gap"), (5, b"x" * 996), (2**63, b"far")],
    ids=["twice", "a gap", "beyond the size", "far away"],
)
async def test_a_piece_that_is_not_the_next_is_refused(
    uploads: Uploads, page: Connection, offset: int, octets: bytes
) -> None:
    begun = await uploads.begin(PORTAL, page, 1000, None)
    await uploads.take(page, Piece(begun.upload, 0, b"hello"))
    assert await refused(uploads, page, Piece(begun.upload, offset, octets))
    assert not await refused(uploads, page, Piece(begun.upload, 5, b"x" * 995))


async def test_a_piece_of_another_connection_is_refused(uploads: Uploads, page: Connection) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    assert await refused(uploads, Connection(), Piece(begun.upload, 0, b"hello"))
    assert await refused(uploads, page, Piece("0" * 32, 0, b"hello"))


async def test_an_upload_goes_on_over_another_connection(
    uploads: Uploads, page: Connection
) -> None:
    begun = await uploads.begin(PORTAL, page, len(CONTENT), None)
    for piece in list(pieces(begun.upload, CONTENT))[:6]:
        await uploads.take(page, piece)
    uploads.leave(page)
    second = Connection()
    again = await uploads.begin(PORTAL, second, len(CONTENT), begun.upload)
    assert (again.upload, again.received) == (begun.upload, ACKNOWLEDGE_EVERY_BYTES)
    assert await refused(uploads, page, Piece(begun.upload, again.received, b"late"))
    for piece in pieces(begun.upload, CONTENT, again.received):
        await uploads.take(second, piece)
    assert uploads.whole(PORTAL, begun.upload).sha256 == hashlib.sha256(CONTENT).digest()


async def test_a_connection_that_takes_over_waits_for_the_octets_that_are_being_written(
    uploads: Uploads, page: Connection
) -> None:
    begun = await uploads.begin(PORTAL, page, len(CONTENT), None)
    early, last = list(pieces(begun.upload, CONTENT))[:3], list(pieces(begun.upload, CONTENT))[3]
    for piece in early:
        await uploads.take(page, piece)
    writing = asyncio.ensure_future(uploads.take(page, last))
    await asyncio.sleep(0)
    again = await uploads.begin(PORTAL, Connection(), len(CONTENT), begun.upload)
    assert again.received == ACKNOWLEDGE_EVERY_BYTES == await writing


async def test_an_upload_is_its_sites_own(uploads: Uploads, page: Connection) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    await uploads.take(page, Piece(begun.upload, 0, b"hello"))
    with pytest.raises(PageError) as resumed:
        await uploads.begin(OTHER, page, 5, begun.upload)
    with pytest.raises(PageError) as signed:
        uploads.whole(OTHER, begun.upload)
    with pytest.raises(PageError) as other_size:
        await uploads.begin(PORTAL, page, 6, begun.upload)
    with pytest.raises(PageError) as unknown:
        uploads.whole(PORTAL, "0" * 32)
    for error in (resumed, signed, other_size, unknown):
        assert code(error) is ErrorCode.PAGE_UPLOAD_UNKNOWN
    assert uploads.whole(PORTAL, begun.upload).received == 5


async def test_what_is_not_whole_is_not_signed(uploads: Uploads, page: Connection) -> None:
    begun = await uploads.begin(PORTAL, page, 6, None)
    await uploads.take(page, Piece(begun.upload, 0, b"hello"))
    with pytest.raises(PageError) as error:
        uploads.whole(PORTAL, begun.upload)
    assert code(error) is ErrorCode.PAGE_UPLOAD_INCOMPLETE


async def test_a_site_has_a_few_uploads_at_most(uploads: Uploads, page: Connection) -> None:
    names = [
        (await uploads.begin(PORTAL, page, 5, None)).upload for _ in range(MAX_UPLOADS_PER_SITE)
    ]
    with pytest.raises(PageError) as error:
        await uploads.begin(PORTAL, page, 5, None)
    assert code(error) is ErrorCode.PAGE_TOO_MANY_CALLS
    await uploads.begin(OTHER, page, 5, None)
    uploads.forget(names[0])
    uploads.forget(names[0])
    await uploads.begin(PORTAL, page, 5, None)


async def test_the_disk_is_not_filled(
    uploads: Uploads, page: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = DISK_RESERVE_BYTES + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    await uploads.begin(PORTAL, page, 600, None)
    with pytest.raises(AgentError) as error:
        await uploads.begin(PORTAL, page, 401, None)
    assert code(error) is ErrorCode.AGENT_STORAGE_FULL
    await uploads.begin(PORTAL, page, 400, None)


async def test_a_folder_that_takes_no_file_is_a_full_disk(
    page: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**40))
    with pytest.raises(AgentError) as error:
        await Uploads(tmp_path / "missing").begin(PORTAL, page, 5, None)
    assert code(error) is ErrorCode.AGENT_STORAGE_FULL


async def test_a_disk_that_fills_up_meanwhile_loses_the_upload_and_nothing_else(
    uploads: Uploads, page: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)

    def fill_up(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads._uploads[begun.upload], "_append", fill_up)
    assert await refused(uploads, page, Piece(begun.upload, 0, b"hello"))
    with pytest.raises(PageError) as error:
        await uploads.begin(PORTAL, page, 5, begun.upload)
    assert code(error) is ErrorCode.PAGE_UPLOAD_UNKNOWN


async def test_a_disk_that_takes_a_part_only_loses_the_upload(
    uploads: Uploads, page: Connection
) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    upload = uploads._uploads[begun.upload]
    upload.close()
    upload._file = HalfFile()
    assert await refused(uploads, page, Piece(begun.upload, 0, b"hello"))
    assert upload.received == 0
    with pytest.raises(PageError):
        uploads.whole(PORTAL, begun.upload)


async def test_a_file_that_changed_on_the_disk_is_not_signed(
    uploads: Uploads, page: Connection
) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    await uploads.take(page, Piece(begun.upload, 0, b"hello"))
    whole = uploads.whole(PORTAL, begun.upload)
    whole._file.seek(0)
    whole._file.write(b"jello")
    with pytest.raises(PageError) as error:
        await whole.digest("sha384")
    assert code(error) is ErrorCode.PAGE_UPLOAD_UNKNOWN
    assert await whole.digest("sha256") == hashlib.sha256(b"hello").digest()


async def test_without_a_connection_it_waits_two_minutes(
    uploads: Uploads, page: Connection, clock: Clock
) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    uploads.leave(Connection())
    clock.now += DETACHED_LIFE_S + 1
    await uploads.begin(PORTAL, page, 5, begun.upload)
    uploads.leave(page)
    clock.now += DETACHED_LIFE_S
    await uploads.begin(PORTAL, page, 5, begun.upload)
    uploads.leave(page)
    clock.now += DETACHED_LIFE_S + 1
    with pytest.raises(PageError):
        await uploads.begin(PORTAL, page, 5, begun.upload)


async def test_unused_it_waits_an_hour(uploads: Uploads, page: Connection, clock: Clock) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    clock.now += UNUSED_LIFE_S
    await uploads.take(page, Piece(begun.upload, 0, b"hello"))
    clock.now += UNUSED_LIFE_S
    uploads.sweep()
    uploads.whole(PORTAL, begun.upload)
    clock.now += UNUSED_LIFE_S + 1
    uploads.sweep()
    with pytest.raises(PageError):
        uploads.whole(PORTAL, begun.upload)


async def test_the_sweep_comes_by_itself_while_there_is_something_to_sweep(
    uploads: Uploads, page: Connection, clock: Clock
) -> None:
    await uploads.begin(PORTAL, page, 5, None)
    timer = uploads._sweeping
    assert timer is not None
    assert timer.when() - asyncio.get_running_loop().time() <= SWEEP_S
    uploads._sweep_now()
    assert uploads._sweeping is not None
    clock.now += UNUSED_LIFE_S + 1
    uploads._sweep_now()
    assert uploads._sweeping is None
    assert not uploads._uploads
    uploads.end()


async def test_the_end_drops_them_all(uploads: Uploads, page: Connection) -> None:
    begun = await uploads.begin(PORTAL, page, 5, None)
    file = uploads._uploads[begun.upload]._file
    uploads.end()
    assert file.closed
    assert uploads._sweeping is None
