"""Nonces in a database that several processes share: SQLite, PostgreSQL, or another by DB-API 2.

Nothing here imports a driver; the department hands in how to connect (PEP 249).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from typing import Any, Literal, Protocol

from signet_protocol.verify.nonces import MAX_OPEN_NONCES, NONCE_SECONDS, new_nonce
from signet_protocol.verify.reasons import Reason, VerificationError

CLEANING_INTERVAL = 100
"""Nonces a process issues between two cleanings; a cleaning walks an index, so not each time."""

_CREATE = """
CREATE TABLE IF NOT EXISTS signet_nonce (
    digest CHAR(64) PRIMARY KEY,
    session CHAR(64) NOT NULL,
    expires_at BIGINT NOT NULL
)
"""
_CREATE_INDEX = "CREATE INDEX IF NOT EXISTS signet_nonce_expiry ON signet_nonce (expires_at)"
_INSERT = "INSERT INTO signet_nonce (digest, session, expires_at) VALUES (?, ?, ?)"
_REDEEM = "DELETE FROM signet_nonce WHERE digest = ? RETURNING session, expires_at"
_FORGET_OLD = "DELETE FROM signet_nonce WHERE expires_at < ?"
_FORGET_SURPLUS = """
DELETE FROM signet_nonce WHERE digest IN (
    SELECT digest FROM signet_nonce ORDER BY expires_at DESC LIMIT 1000000 OFFSET ?
)
"""


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    def execute(self, operation: str, parameters: Sequence[object] = ..., /) -> object:
        """Run one statement."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 -- a row has the form its driver gives it
        """Return the next row, or ``None``."""
        ...


class Connection(Protocol):
    """What is used of a DB-API connection."""

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        ...

    def commit(self) -> None:
        """Make what was done last."""
        ...

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        ...


class SqlNonces:
    """The ledger of a server of several processes or several machines.

    The table holds digests of nonces and sessions only: who reads it can redeem none.

    Args:
        connect: opens a connection, or takes one from a pool; it is closed after each use.
        paramstyle: how the driver marks a parameter: ``qmark`` (sqlite3) or ``format`` (psycopg).
        clock: seconds since 1970; the servers that share a table have to agree to a minute.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        paramstyle: Literal["qmark", "format"] = "qmark",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connect = connect
        self._mark = "?" if paramstyle == "qmark" else "%s"
        self._clock = clock
        # The first nonce of a process cleans up after the last one of its predecessor.
        self._issued = count()

    def create_table(self) -> None:
        """Make the table where it is not there yet; once, when a department sets up."""
        with self._cursor() as cursor:
            cursor.execute(_CREATE)
            cursor.execute(_CREATE_INDEX)

    def issue(self, session: str) -> str:
        """Return a new nonce for a session.

        Raises:
            Exception: the driver's own, when the database does not answer.
        """
        nonce, now = new_nonce(), int(self._clock())
        with self._cursor() as cursor:
            if next(self._issued) % CLEANING_INTERVAL == 0:
                self._run(cursor, _FORGET_OLD, now)
                self._run(cursor, _FORGET_SURPLUS, MAX_OPEN_NONCES)
            self._run(cursor, _INSERT, _digest(nonce), _digest(session), now + NONCE_SECONDS)
        return nonce

    def redeem(self, nonce: str, session: str) -> None:
        """Use a nonce up; whatever the outcome, it cannot be shown again.

        Raises:
            VerificationError: unknown, another session's, used or too old.
            Exception: the driver's own, when the database does not answer.
        """
        with self._cursor() as cursor:
            # One statement: of two requests at the same time only one is given the row.
            self._run(cursor, _REDEEM, _digest(nonce))
            row = cursor.fetchone()
        if row is None or row[0] != _digest(session):
            raise VerificationError(Reason.NONCE_UNKNOWN)
        if self._clock() > row[1]:
            raise VerificationError(Reason.NONCE_UNKNOWN, "the nonce is older than five minutes")

    @contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        """Run a transaction: committed as a whole, or not at all."""
        connection = self._connect()
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()

    def _run(self, cursor: Cursor, statement: str, *parameters: object) -> None:
        cursor.execute(statement.replace("?", self._mark), parameters)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()
