"""Where records lie. The schema is meant to last: number, body, head, and nothing beside them.

A column that repeats part of the body could be changed without breaking the chain, so there is
none; views read the body's JSON.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from signet_agent.daemon.audit.chain import Record
from signet_agent.errors import AuditUnavailableError

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x5349474E
"""“SIGN”: lets ``file`` and backup tools know the database (SQLite, PRAGMA application_id)."""

_BUSY_TIMEOUT_S = 2.0
"""A virus scanner or a backup may hold the file for a moment; a person should not wait longer."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    seq  INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    head BLOB NOT NULL CHECK (length(head) = 32)
) STRICT;
"""


class RecordStorage(Protocol):
    """A place that keeps records in order; ``append`` returns only when they are durable."""

    def newest(self) -> Iterator[Record]:
        """Yield all records, newest first."""
        ...

    def append(self, records: Sequence[Record], forget: int = 0) -> None:
        """Keep these records and let go of those numbered up to ``forget``: all of it or nothing.

        Raises:
            AuditUnavailableError: they could not be made durable.
        """
        ...

    def read(self, after: int = 0) -> Iterator[Record]:
        """Yield the records numbered above ``after``, in order."""
        ...

    def close(self) -> None:
        """Let go of the place."""
        ...


class SqliteStorage:
    """One SQLite file in WAL mode; every append is synced to the disk (synchronous=FULL)."""

    def __init__(self, path: Path, *, writable: bool = True) -> None:
        """Open or make the file; a new one is readable by its owner only.

        Raises:
            AuditUnavailableError: it cannot be opened, is of a newer kind, or lies behind a link.
        """
        self._path = path
        try:
            if writable:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _require_own_place(path)
                path.touch(mode=0o600)
            mode = "rw" if writable else "ro"
            self._database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=_BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            if writable:
                self._prepare()
            self._opened = _identity(path)
        except (OSError, sqlite3.Error) as error:
            raise AuditUnavailableError(f"the log cannot be opened: {error}") from error

    def _prepare(self) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise AuditUnavailableError(f"the log has schema {version}, newer than this agent")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._database.execute(_SCHEMA)

    def newest(self) -> Iterator[Record]:
        """Yield all records, newest first."""
        yield from self._select("ORDER BY seq DESC")

    def append(self, records: Sequence[Record], forget: int = 0) -> None:
        """Keep these records, and let go of old ones, in one transaction.

        Raises:
            AuditUnavailableError: full disk, locked file, or one that was deleted or replaced under
                the running agent: nothing was kept.
        """
        rows = [(record.seq, record.body, record.head) for record in records]
        try:
            # SQLite would write on into a file that has no name any more.
            if _identity(self._path) != self._opened:
                raise AuditUnavailableError("the log was replaced while the agent ran")
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
            self._database.execute("DELETE FROM record WHERE seq <= ?", (forget,))
            self._database.execute("COMMIT")
        except OSError as error:
            raise AuditUnavailableError("the log was deleted while the agent ran") from error
        except sqlite3.Error as error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise AuditUnavailableError(f"the log cannot be written: {error}") from error

    def read(self, after: int = 0) -> Iterator[Record]:
        """Yield the records numbered above ``after``, in order."""
        yield from self._select("WHERE seq > ? ORDER BY seq", after)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _select(self, condition: str, *values: int) -> Iterator[Record]:
        # The condition is one of the constants above; no value is ever put into the text.
        statement = f"SELECT seq, body, head FROM record {condition}"  # noqa: S608 -- see above
        try:
            for seq, body, head in self._database.execute(statement, values):
                yield Record(seq, body, head)
        except sqlite3.Error as error:
            raise AuditUnavailableError(f"the log cannot be read: {error}") from error


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells one file from another that took its name."""
    status = path.lstat()
    return status.st_dev, status.st_ino


def _require_own_place(path: Path) -> None:
    """Refuse a file or a folder that is a link: the log would lie where another decides.

    Raises:
        AuditUnavailableError: one of them is.
    """
    for place in (path.parent, path):
        if place.is_symlink():
            raise AuditUnavailableError(f"{place.name} is a link; the log has a place of its own")
