"""Documents that come in pieces: hashed as they come, kept in files that have no name.

An upload belongs to its site; its octets can be sent by one connection at a time. The file is
unlinked from its first moment on: no other program can open it by a name, and nothing stays behind
however the agent ends.
"""

import asyncio
import errno
import hashlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from signet_agent.errors import AgentError, PageError
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import (
    ACKNOWLEDGE_EVERY_BYTES,
    UPLOAD_ID_BYTES,
    Piece,
    UploadResult,
)

MAX_UPLOADS_PER_SITE = 4
"""A page signs one file at a time; two tabs, and one that was left behind in each."""

DETACHED_LIFE_S = 120.0
"""Without a connection: a page that lost its own is back within seconds."""

UNUSED_LIFE_S = 3600.0
"""Without a piece or a call, whoever is connected: nobody reads one window for an hour."""

SWEEP_S = 30.0
"""Between two looks for uploads whose time is over."""

DISK_RESERVE_BYTES = 512 * 1024 * 1024
"""What an upload leaves free on the disk, for the log and for everybody else."""

_READ_BYTES = 1024 * 1024
"""One step of hashing a file again."""


class PieceRefusedError(Exception):
    """A frame that is not the next piece of an upload of its connection; it ends with 1003."""


class Upload:
    """One document on its way in.

    Attributes:
        size: how many octets were announced.
        received: how many of them are in the file and in the digest.
    """

    def __init__(self, origin: str, size: int, file: BinaryIO, now: float) -> None:
        """Begin with an empty file."""
        self.origin = origin
        self.size = size
        self.received = 0
        self.connection: object | None = None
        self.touched_at = now
        self._file = file
        self._pending = bytearray()
        self._sha256 = hashlib.sha256()
        self._writing = asyncio.Lock()

    @property
    def sha256(self) -> bytes:
        """Return SHA-256 of what was received."""
        return self._sha256.digest()

    async def attach(self, connection: object) -> None:
        """Have this connection send from ``received`` on; what was not written yet comes again."""
        async with self._writing:
            self.connection = connection
            self._pending.clear()

    async def take(self, piece: Piece) -> int | None:
        """Take the next piece in; return how far the file is, when the page is to be told.

        Raises:
            PieceRefusedError: it leaves a gap, comes twice, or goes beyond the announced size.
        """
        end = piece.offset + len(piece.octets)
        if piece.offset != self.received + len(self._pending) or end > self.size:
            raise PieceRefusedError
        self._pending += piece.octets
        if len(self._pending) < ACKNOWLEDGE_EVERY_BYTES and end < self.size:
            return None
        async with self._writing:
            octets, self._pending = bytes(self._pending), bytearray()
            await asyncio.to_thread(self._append, octets)
            self.received += len(octets)
        return self.received

    async def digest(self, hash_name: str) -> bytes:
        """Return the whole document's digest by another hash, read again and compared with SHA-256.

        Raises:
            PageError: the file does not hold what came in (``page.upload_unknown``).
        """
        if hash_name == "sha256":
            return self.sha256
        return await asyncio.to_thread(self._hash_again, hash_name)

    def close(self) -> None:
        """Let go of the file; the system frees its octets."""
        self._file.close()

    def _append(self, octets: bytes) -> None:
        if self._file.write(octets) != len(octets):
            raise OSError(errno.ENOSPC, "the disk took a part only")
        self._sha256.update(octets)

    def _hash_again(self, hash_name: str) -> bytes:
        wanted, check = hashlib.new(hash_name), hashlib.sha256()
        self._file.seek(0)
        while octets := self._file.read(_READ_BYTES):
            wanted.update(octets)
            check.update(octets)
        if check.digest() != self.sha256:
            raise PageError("the file changed on the disk", ErrorCode.PAGE_UPLOAD_UNKNOWN)
        return wanted.digest()


def _new_name() -> str:
    return secrets.token_hex(UPLOAD_ID_BYTES)


class Uploads:
    """Every upload there is."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        new_name: Callable[[], str] = _new_name,
    ) -> None:
        """Take the folder whose disk holds them, a monotonic clock, and the source of ids."""
        self._new_name = new_name
        self._folder = folder
        self._clock = clock
        self._uploads: dict[str, Upload] = {}
        self._left_at: dict[str, float] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    async def begin(
        self, origin: str, connection: object, size: int, resume: str | None
    ) -> UploadResult:
        """Return where an upload stands: a new one, or one that goes on over this connection.

        Raises:
            PageError: the site has no such upload of this size (``page.upload_unknown``), or has
                as many as it may (``page.too_many_calls``).
            AgentError: the disk would run low (``agent.storage_full``).
        """
        self.sweep()
        name = resume
        if name is None:
            name = self._new_name()
            self._uploads[name] = self._open(origin, size)
        upload = self._uploads.get(name)
        if upload is None or upload.origin != origin or upload.size != size:
            raise PageError("no such upload", ErrorCode.PAGE_UPLOAD_UNKNOWN)
        await upload.attach(connection)
        upload.touched_at = self._clock()
        self._left_at.pop(name, None)
        self._sweep_later()
        return UploadResult(name, upload.received)

    async def take(self, connection: object, piece: Piece) -> int | None:
        """Take a piece in; return how many octets the file has, when the page is to be told.

        Raises:
            PieceRefusedError: it is not the next piece of an upload of this connection.
        """
        upload = self._uploads.get(piece.upload)
        if upload is None or upload.connection is not connection:
            raise PieceRefusedError
        upload.touched_at = self._clock()
        try:
            return await upload.take(piece)
        except OSError as error:
            # The disk filled up meanwhile, or the file was closed under the writing.
            self.forget(piece.upload)
            raise PieceRefusedError from error

    def whole(self, origin: str, name: str) -> Upload:
        """Return a site's upload that has all its octets.

        Raises:
            PageError: there is none (``page.upload_unknown``, ``page.upload_incomplete``).
        """
        upload = self._uploads.get(name)
        if upload is None or upload.origin != origin:
            raise PageError("no such upload", ErrorCode.PAGE_UPLOAD_UNKNOWN)
        if upload.received < upload.size:
            raise PageError("octets are missing", ErrorCode.PAGE_UPLOAD_INCOMPLETE)
        upload.touched_at = self._clock()
        return upload

    def leave(self, connection: object) -> None:
        """A connection is gone; its uploads may be taken up by another for a while."""
        for name, upload in self._uploads.items():
            if upload.connection is connection:
                upload.connection = None
                self._left_at[name] = self._clock()

    def forget(self, name: str) -> None:
        """Drop an upload: it is used up, or its time is over."""
        upload = self._uploads.pop(name, None)
        self._left_at.pop(name, None)
        if upload is not None:
            upload.close()

    def sweep(self) -> None:
        """Drop those whose time is over."""
        now = self._clock()
        for name, upload in list(self._uploads.items()):
            left_at = self._left_at.get(name, now)
            if now - left_at > DETACHED_LIFE_S or now - upload.touched_at > UNUSED_LIFE_S:
                self.forget(name)

    def end(self) -> None:
        """Drop them all."""
        for name in list(self._uploads):
            self.forget(name)
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None

    def _open(self, origin: str, size: int) -> Upload:
        if sum(each.origin == origin for each in self._uploads.values()) >= MAX_UPLOADS_PER_SITE:
            raise PageError("too many uploads", ErrorCode.PAGE_TOO_MANY_CALLS)
        promised = sum(each.size - each.received for each in self._uploads.values())
        if size + promised + DISK_RESERVE_BYTES > shutil.disk_usage(self._folder).free:
            raise AgentError("the disk would run low", ErrorCode.AGENT_STORAGE_FULL)
        try:
            file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 -- it lives as long as its upload
        except OSError as error:
            raise AgentError("no file for an upload", ErrorCode.AGENT_STORAGE_FULL) from error
        return Upload(origin, size, file, self._clock())

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep_now)

    def _sweep_now(self) -> None:
        self._sweeping = None
        self.sweep()
        if self._uploads:
            self._sweep_later()
