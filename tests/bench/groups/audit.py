"""The log: what one durable record costs, and how fast a chain is verified."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from signet_agent.daemon.audit import AuditLog, Entry, SqliteStorage, verify_chain
from signet_agent.daemon.audit.chain import Record, next_record
from signet_protocol.messages import AuditMark
from tests.bench.metric import MS, Comparison, Metric
from tests.bench.plan import Plan

WRITES = 200
"""Records in a round."""

RECORDS = 100_000
"""Some forty years of a person who signs three times a working day."""

ENTRY = Entry(
    "intent",
    consent="0123456789abcdef" * 2,
    origin="https://portal.example.com",
    operation="sign",
    title="增值税纳税申报表（月报）",
    digest="0123456789abcdef" * 4,
)

BODY = (
    '{"at":"2026-01-05T09:00:00.000+00:00","attempt":1,"certificate":"'
    + "0123456789abcdef" * 4
    + '",'
    '"consent":"0123456789abcdef0123456789abcdef","kind":"outcome","outcome":"done","tail":"4821"}'
)


def measure_record(plan: Plan) -> Iterator[Metric]:
    """One record through the log's own thread, against one bare insert that is as durable."""
    folder, count = plan.subfolder("record"), plan.count(WRITES)
    log = AuditLog(SqliteStorage(folder / "audit.sqlite3"), _nobody)
    bare = _bare_database(folder / "bare.sqlite3")
    times = Comparison()
    with asyncio.Runner() as runner:
        for _ in range(plan.rounds):
            limit = [_timed_insert(bare) for _ in range(count)]
            times.add(runner.run(_timed_writes(log, count)), limit)
        runner.run(log.close())
    bare.close()
    yield times.medians().scaled(MS).metric("audit.record", "ms")


def measure_chain(plan: Plan) -> Iterator[Metric]:
    """Verify a long chain, against reading the rows and hashing them."""
    storage = SqliteStorage(plan.subfolder("chain") / "audit.sqlite3")
    count = plan.count(RECORDS)
    storage.append(_chain(count))
    rates = Comparison()
    for _ in range(plan.rounds):
        bare = count / _seconds(lambda: _hash_rows(storage))
        ours = count / _seconds(lambda: _verify(storage))
        rates.add([ours], [bare])
    storage.close()
    yield rates.medians().metric("audit.chain", "records/s")


async def _timed_writes(log: AuditLog, count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        started = perf_counter()
        await log.write(ENTRY)
        seconds.append(perf_counter() - started)
    return seconds


def _bare_database(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, body TEXT, head BLOB)")
    return database


def _timed_insert(database: sqlite3.Connection) -> float:
    started = perf_counter()
    database.execute("INSERT INTO record (body, head) VALUES (?, ?)", (BODY, bytes(32)))
    return perf_counter() - started


def _chain(count: int) -> list[Record]:
    records = [next_record(None, BODY)]
    while len(records) < count:
        records.append(next_record(records[-1], BODY))
    return records


def _hash_rows(storage: SqliteStorage) -> None:
    for _, body, head in storage._database.execute("SELECT seq, body, head FROM record"):
        sha256(head + body.encode())


def _verify(storage: SqliteStorage) -> None:
    report = verify_chain(storage.read())
    assert report.intact


def _seconds(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _nobody(mark: AuditMark) -> None:
    """Be a witness that forgets: the system log is not what is measured."""
