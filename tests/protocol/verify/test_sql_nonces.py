"""The ledger that several processes share, on the databases it is meant for."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Thread

import psycopg
import pytest

from signet_protocol.messages import is_nonce
from signet_protocol.verify import NonceLedger, Reason, VerificationError
from signet_protocol.verify import sql_nonces as module
from signet_protocol.verify.nonces import NONCE_SECONDS
from signet_protocol.verify.sql_nonces import CLEANING_INTERVAL, SqlNonces
from tests.kit.postgresql import PostgreSQL
from tests.protocol.verify.city import refused


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


class Database:
    """One of the two databases, with an empty table, and any number of ledgers over it."""

    def __init__(self, connect: Callable[[], module.Connection], *, is_postgresql: bool) -> None:
        self.connect = connect
        self.is_postgresql = is_postgresql
        self.clock = Clock()

    def ledger(self) -> SqlNonces:
        """Return the ledger of another process."""
        style: partial[SqlNonces] = partial(SqlNonces, self.connect, clock=self.clock)
        return style(paramstyle="format") if self.is_postgresql else style()

    def rows(self) -> list[tuple[str, str]]:
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT digest, session FROM signet_nonce ORDER BY expires_at")
            return list(iter(cursor.fetchone, None))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    with PostgreSQL.running() as server:
        yield server


@pytest.fixture(params=["sqlite3", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite3":
        made = Database(partial(sqlite3.connect, tmp_path / "nonces.db"), is_postgresql=False)
    else:
        dsn = request.getfixturevalue("postgresql").dsn
        with psycopg.connect(dsn) as connection:
            connection.execute("DROP TABLE IF EXISTS signet_nonce")
        made = Database(partial(psycopg.connect, dsn), is_postgresql=True)
    made.ledger().create_table()
    return made


def test_a_nonce_issued_by_one_process_is_redeemed_once_by_another(database: Database) -> None:
    first: NonceLedger = database.ledger()
    second: NonceLedger = database.ledger()
    nonce = first.issue("session")
    assert is_nonce(nonce)
    second.redeem(nonce, "session")
    for ledger in (first, second):
        with refused(Reason.NONCE_UNKNOWN):
            ledger.redeem(nonce, "session")


def test_a_nonce_that_was_never_issued_is_refused(database: Database) -> None:
    with refused(Reason.NONCE_UNKNOWN):
        database.ledger().redeem("A" * 44, "session")


@pytest.mark.parametrize("nonce", ["", "'; DROP TABLE signet_nonce; --", "\x00", "%s", "好"])
def test_whatever_a_page_sends_is_only_a_nonce_that_is_unknown(
    database: Database, nonce: str
) -> None:
    with refused(Reason.NONCE_UNKNOWN):
        database.ledger().redeem(nonce, nonce)


def test_a_nonce_of_another_session_is_refused_and_used_up(database: Database) -> None:
    ledger = database.ledger()
    nonce = ledger.issue("hers")
    with refused(Reason.NONCE_UNKNOWN):
        ledger.redeem(nonce, "his")
    with refused(Reason.NONCE_UNKNOWN):
        ledger.redeem(nonce, "hers")


def test_a_nonce_lives_five_minutes_and_no_longer(database: Database) -> None:
    ledger = database.ledger()
    in_time, late = ledger.issue("session"), ledger.issue("session")
    database.clock.seconds += NONCE_SECONDS
    ledger.redeem(in_time, "session")
    database.clock.seconds += 1
    with refused(Reason.NONCE_UNKNOWN):
        ledger.redeem(late, "session")


def test_the_table_shows_neither_nonce_nor_session(database: Database) -> None:
    nonce = database.ledger().issue("session")
    digests = tuple(sha256(text.encode()).hexdigest() for text in (nonce, "session"))
    assert database.rows() == [digests]


def test_old_nonces_are_cleaned_away(database: Database) -> None:
    database.ledger().issue("session")
    database.clock.seconds += NONCE_SECONDS + 1
    ledger = database.ledger()
    ledger.issue("session")
    assert len(database.rows()) == 1
    database.clock.seconds += NONCE_SECONDS + 1
    for _ in range(CLEANING_INTERVAL):
        ledger.issue("session")
    assert len(database.rows()) == CLEANING_INTERVAL


def test_a_flood_drops_the_oldest_nonces_and_keeps_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_OPEN_NONCES", 10)
    ledger = database.ledger()
    oldest = ledger.issue("session")
    database.clock.seconds += 1
    latest = [ledger.issue("flood") for _ in range(CLEANING_INTERVAL)][-1]
    assert len(database.rows()) == 11
    with refused(Reason.NONCE_UNKNOWN):
        ledger.redeem(oldest, "session")
    ledger.redeem(latest, "flood")


def test_of_many_processes_with_one_nonce_one_gets_in(database: Database) -> None:
    nonce = database.ledger().issue("session")
    together, outcomes = Barrier(8), list[bool]()

    def attempt() -> None:
        ledger = database.ledger()
        together.wait()
        try:
            ledger.redeem(nonce, "session")
        except VerificationError:
            outcomes.append(False)
        else:
            outcomes.append(True)

    threads = [Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]


def test_a_table_that_is_there_is_left_as_it_is(database: Database) -> None:
    ledger = database.ledger()
    nonce = ledger.issue("session")
    ledger.create_table()
    ledger.redeem(nonce, "session")


def test_a_database_that_is_gone_lets_nobody_in(tmp_path: Path) -> None:
    ledger = SqlNonces(partial(sqlite3.connect, tmp_path / "nonces.db"))
    with pytest.raises(sqlite3.OperationalError):
        ledger.redeem("A" * 44, "session")
