"""Nothing goes on before its record is durable; every later change shows."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signet_agent.daemon.audit import (
    Act,
    AuditLog,
    Entry,
    RecordStorage,
    SqliteStorage,
    read_marks,
    verify_chain,
)
from signet_agent.daemon.audit.chain import GENESIS, Record, next_record
from signet_agent.daemon.audit.log import WITNESS_EVERY
from signet_agent.errors import AuditUnavailableError, PersonDeclinedError
from signet_protocol.messages import AuditMark
from tests.kit.file_layer import FileLayer

pytestmark = pytest.mark.quick

INTENT = Entry("intent", consent="aa", origin="https://one.example", operation="login")


def bodies(layer: FileLayer) -> list[dict[str, object]]:
    return [json.loads(record.body) for record in layer.records]


def make_log(layer: FileLayer) -> tuple[AuditLog, list[AuditMark]]:
    witnessed: list[AuditMark] = []
    return AuditLog(layer, witnessed.append), witnessed


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = SqliteStorage(tmp_path / "deep" / "audit.sqlite3")
    yield opened
    opened.close()


async def test_an_empty_log_stands_at_the_genesis() -> None:
    log, _ = make_log(FileLayer())
    assert log.mark == AuditMark(0, GENESIS.hex())


async def test_records_are_chained_numbered_and_marked() -> None:
    layer = FileLayer()
    log, witnessed = make_log(layer)
    await log.open("1.0")
    mark = await log.write(INTENT, Entry("outcome", consent="aa", outcome="done"))
    assert mark.seq == 3
    assert mark.head == layer.records[-1].head.hex()
    assert verify_chain(layer.read()).intact
    assert witnessed == [AuditMark(1, layer.records[0].head.hex())]
    await log.close()
    assert witnessed[-1].seq == 4
    assert layer.closed


async def test_a_record_holds_its_time_and_no_empty_fields() -> None:
    layer = FileLayer()
    clock = datetime(2026, 11, 12, 14, 20, 32, tzinfo=UTC)
    log = AuditLog(layer, lambda _: None, lambda: clock)
    await log.write(INTENT)
    assert bodies(layer)[0] == {
        "at": "2026-11-12T14:20:32.000+00:00",
        "consent": "aa",
        "kind": "intent",
        "operation": "login",
        "origin": "https://one.example",
    }


async def test_the_next_start_closes_what_a_crash_left_open() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    await log.open("1.0")
    await log.write(INTENT)
    await log.write(Entry("intent", consent="bb"), Entry("outcome", consent="bb", outcome="done"))
    again, _ = make_log(layer)
    await again.open("1.0")
    last = bodies(layer)[-2:]
    assert [body["kind"] for body in last] == ["outcome", "start"]
    assert (last[0]["consent"], last[0]["outcome"]) == ("aa", "unknown")
    assert verify_chain(layer.read()).open_intents == ()


async def test_an_old_open_intent_is_not_closed_twice() -> None:
    layer = FileLayer()
    for _ in range(3):
        log, _ = make_log(layer)
        await log.open("1.0")
        await log.write(INTENT)
    assert [body["kind"] for body in bodies(layer)].count("outcome") == 2


async def test_a_full_disk_raises_and_the_chain_goes_on_where_it_was() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    await log.open("1.0")
    layer.fails = lambda _: True
    with pytest.raises(AuditUnavailableError):
        await log.write(INTENT)
    layer.fails = lambda _: False
    assert (await log.write(INTENT)).seq == 2
    assert verify_chain(layer.read()).intact


async def test_closing_lets_go_of_the_storage_even_when_the_disk_is_full() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    layer.fails = lambda _: True
    with pytest.raises(AuditUnavailableError):
        await log.close()
    assert layer.closed


async def test_a_cancelled_caller_does_not_undo_the_record() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    task = asyncio.ensure_future(log.write(INTENT))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await log.write(Entry("stop"))
    assert [body["kind"] for body in bodies(layer)] == ["intent", "stop"]


async def test_the_witness_hears_every_hundredth_record() -> None:
    layer = FileLayer()
    log, witnessed = make_log(layer)
    for _ in range(WITNESS_EVERY + 1):
        await log.write(INTENT)
    await log.write(*[INTENT] * (2 * WITNESS_EVERY))
    assert [mark.seq for mark in witnessed] == [WITNESS_EVERY, 3 * WITNESS_EVERY + 1]


async def test_the_storage_can_be_consulted_between_writings() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    await log.write(INTENT)
    assert await log.consult(lambda storage: len(list(storage.read()))) == 1


# --- one act ----------------------------------------------------------------------------------


async def test_an_act_is_intent_consent_and_outcome() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    async with Act(log, INTENT) as act:
        await act.approve("ff", "4821")
    intent, consent, outcome = bodies(layer)
    assert (intent["kind"], consent["kind"], outcome["kind"]) == ("intent", "consent", "outcome")
    assert (outcome["outcome"], outcome["tail"], consent["attempt"]) == ("done", "4821", 1)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PersonDeclinedError(), "user.refused"),
        (asyncio.CancelledError(), "page.cancelled"),
        (RuntimeError(), "agent.fault"),
    ],
)
async def test_an_act_that_ends_otherwise_says_how(error: BaseException, outcome: str) -> None:
    layer = FileLayer()
    log, _ = make_log(layer)
    with pytest.raises(type(error)):
        async with Act(log, INTENT):
            raise error
    assert bodies(layer)[-1]["outcome"] == outcome


async def test_no_outcome_on_the_disk_means_no_way_out_of_the_act() -> None:
    layer = FileLayer()
    log, _ = make_log(layer)

    def only_outcomes(records: Sequence[Record]) -> bool:
        return '"outcome"' in records[0].body

    layer.fails = only_outcomes
    with pytest.raises(AuditUnavailableError):
        async with Act(log, INTENT):
            pass


# --- SQLite -----------------------------------------------------------------------------------


async def test_a_log_survives_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    log = AuditLog(SqliteStorage(path), lambda _: None)
    await log.open("1.0")
    await log.write(INTENT)
    await log.close()
    reader = SqliteStorage(path, writable=False)
    assert verify_chain(reader.read()).records == 3
    assert [record.seq for record in reader.newest()] == [3, 2, 1]
    assert [record.seq for record in reader.read(after=2)] == [3]
    reader.close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    SqliteStorage(path).close()
    reader = SqliteStorage(path, writable=False)
    with pytest.raises(AuditUnavailableError):
        reader.append([Record(1, "{}", bytes(32))])
    reader.close()


def test_two_records_of_one_number_are_refused_and_none_is_kept(storage: SqliteStorage) -> None:
    with pytest.raises(AuditUnavailableError):
        storage.append([Record(1, "{}", bytes(32)), Record(1, "{}", bytes(32))])
    assert list(storage.read()) == []


def test_a_log_of_a_newer_kind_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(AuditUnavailableError, match="newer"):
        SqliteStorage(path)


def test_no_log_where_none_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditUnavailableError):
        SqliteStorage(tmp_path / "file" / "audit.sqlite3")
    with pytest.raises(AuditUnavailableError):
        SqliteStorage(tmp_path / "none.sqlite3", writable=False)


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    path.write_bytes(b"noise" * 1000)
    with pytest.raises(AuditUnavailableError):
        SqliteStorage(path)


def test_a_log_that_vanished_cannot_be_read(storage: SqliteStorage) -> None:
    storage.close()
    with pytest.raises(AuditUnavailableError):
        list(storage.read())


def test_another_writer_that_holds_the_file_makes_it_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    storage = SqliteStorage(path)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AuditUnavailableError, match="locked"):
            storage.append([Record(1, "{}", bytes(32))])
        other.execute("ROLLBACK")
    storage.append([Record(1, "{}", bytes(32))])
    storage.close()


@pytest.mark.parametrize("behind", ["file", "folder"])
def test_a_log_behind_a_link_is_refused_and_the_target_left_alone(
    tmp_path: Path, behind: str
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    place = tmp_path / "state"
    if behind == "folder":
        place.symlink_to(target)
    else:
        place.mkdir()
        (place / "audit.sqlite3").symlink_to(target / "elsewhere")
    with pytest.raises(AuditUnavailableError, match="link"):
        SqliteStorage(place / "audit.sqlite3")
    assert list(target.iterdir()) == []


def test_a_log_that_is_deleted_or_replaced_under_the_agent_takes_nothing_more(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audit.sqlite3"
    storage = SqliteStorage(path)
    storage.append([Record(1, "{}", bytes(32))])
    path.rename(tmp_path / "kept")
    with pytest.raises(AuditUnavailableError, match="deleted"):
        storage.append([Record(2, "{}", bytes(32))])
    path.write_bytes((tmp_path / "kept").read_bytes())
    with pytest.raises(AuditUnavailableError, match="replaced"):
        storage.append([Record(2, "{}", bytes(32))])
    path.unlink()
    (tmp_path / "kept").rename(path)
    storage.append([Record(2, "{}", bytes(32))])
    assert [record.seq for record in storage.read()] == [1, 2]
    storage.close()


# --- letting go -------------------------------------------------------------------------------


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def aged_log(storage: RecordStorage, days: int = 10) -> tuple[AuditLog, list[AuditMark]]:
    """Return a log with one record for each of so many days, and its marks."""
    clock, witnessed = Clock(), list[AuditMark]()
    log = AuditLog(storage, witnessed.append, clock)
    for _ in range(days):
        witnessed.append(await log.write(INTENT))
        clock.now += timedelta(days=1)
    return log, witnessed


async def test_old_records_are_let_go_of_and_the_rest_still_holds_together(
    storage: SqliteStorage,
) -> None:
    log, marks = await aged_log(storage)
    await log.prune(3)
    await log.write(INTENT)
    kept = list(storage.read())
    assert [record.seq for record in kept] == [7, 8, 9, 10, 11, 12]
    told = json.loads(kept[4].body)
    assert (told["kind"], told["upto"], told["head"]) == ("pruned", 6, marks[5].head)
    report = verify_chain(kept, [(mark.seq, mark.head) for mark in marks])
    assert report.intact
    assert (report.records, report.pruned) == (12, 6)
    assert marks[-1].seq == 11


async def test_nothing_old_is_nothing_to_let_go_of(storage: SqliteStorage) -> None:
    log, _ = await aged_log(storage)
    await log.prune(9)
    assert len(list(storage.read())) == 10


async def test_the_newest_record_stays_and_an_empty_log_stays_empty(
    storage: SqliteStorage,
) -> None:
    empty, _ = await aged_log(storage, 0)
    await empty.prune(0)
    assert list(storage.read()) == []
    log, _ = await aged_log(storage)
    await log.prune(0)
    report = verify_chain(storage.read())
    assert report.intact
    assert (report.records, report.pruned) == (11, 9)


@pytest.mark.parametrize("years", [10, -10])
async def test_a_clock_that_is_wrong_today_lets_go_of_nothing(years: int) -> None:
    layer = FileLayer()
    await aged_log(layer)
    wrong = Clock()
    wrong.now += timedelta(days=365 * years)
    await AuditLog(layer, lambda _: None, wrong).prune(180)
    assert len(layer.records) == 10


async def test_letting_go_a_second_time_vouches_for_the_new_beginning() -> None:
    layer = FileLayer()
    log, _ = await aged_log(layer)
    await log.prune(7)
    await log.prune(4)
    report = verify_chain(layer.read())
    assert report.intact
    assert (report.records, report.pruned) == (12, 6)


async def test_a_beginning_that_nothing_vouches_for_is_broken() -> None:
    layer = FileLayer()
    log, _ = await aged_log(layer)
    await log.prune(3)
    assert verify_chain(layer.records[1:]).broken_at == 1
    assert verify_chain(layer.records[:4]).broken_at == 1
    first = layer.records[0]
    middle = layer.records[2]
    changed = [*layer.records]
    changed[2] = Record(middle.seq, middle.body.replace("one", "two"), middle.head)
    assert verify_chain(changed).broken_at == middle.seq
    assert verify_chain(changed).pruned == 6
    forged = [Record(first.seq, first.body.replace("one", "two"), first.head), *layer.records[1:]]
    assert verify_chain(forged).broken_at == 7


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"kind":"intent"}', '{"kind":"pruned"}'])
async def test_a_record_that_says_nothing_breaks_a_chain_that_is_whole(body: str) -> None:
    records = await chain_of(2)
    records.append(next_record(records[-1], body))
    assert verify_chain(records).broken_at == 3


async def test_a_full_disk_lets_go_of_nothing() -> None:
    layer = FileLayer()
    log, _ = await aged_log(layer)
    layer.fails = lambda _: True
    with pytest.raises(AuditUnavailableError):
        await log.prune(3)
    assert len(layer.records) == 10


# --- marks that others keep -------------------------------------------------------------------


async def test_a_mark_shows_a_tail_that_was_cut_and_a_log_that_was_replaced() -> None:
    records = await chain_of(9)
    marks = [(record.seq, record.head.hex()) for record in (records[2], records[7])]
    assert verify_chain(records, marks).intact
    cut = verify_chain(records[:5], marks)
    assert (cut.broken_at, cut.contradicted, cut.intact) == (None, (8,), False)
    replaced = verify_chain(await chain_of(20), [(3, "00" * 32)])
    assert (replaced.broken_at, replaced.contradicted, replaced.intact) == (None, (3,), False)


async def test_a_log_that_was_rolled_back_and_grew_again_is_told_by_its_two_heads() -> None:
    records = await chain_of(5)
    layer = FileLayer()
    layer.records = records[:3]
    log, told = make_log(layer)
    told.append(await log.write(INTENT))
    marks = [(4, records[3].head.hex()), *((mark.seq, mark.head) for mark in told)]
    for kept in (marks, marks[::-1]):
        assert verify_chain(layer.records, kept).contradicted == (4,)
    assert verify_chain(layer.records, marks[1:]).intact


async def test_an_empty_log_is_whole_unless_a_mark_says_otherwise() -> None:
    assert verify_chain([]).intact
    assert verify_chain([], [(0, GENESIS.hex())]).intact
    assert verify_chain([], [(4, "00" * 32)]).contradicted == (4,)


def test_marks_are_read_from_the_system_log_and_from_replies() -> None:
    head = "ab" * 32
    lines = [
        f"Nov 27 16:20:00 desk signet[812]: audit seq=200 head={head}",
        "a line about something else",
        f'{{"result": {{}}, "audit": {{"seq": 41, "head": "{head}"}}}}',
        f'{{"audit":{{"seq":42,"head":"{head}"}}}}',
        "audit seq=7 head=short",
    ]
    assert list(read_marks(lines)) == [(200, head), (41, head), (42, head)]


# --- tampering --------------------------------------------------------------------------------


async def chain_of(count: int) -> list[Record]:
    layer = FileLayer()
    log, _ = make_log(layer)
    for number in range(count):
        await log.write(Entry("intent", consent=f"{number:02x}"))
    return layer.records


async def test_every_changed_deleted_swapped_or_inserted_record_is_found_at_its_place() -> None:
    records = await chain_of(9)
    for place in range(9):
        changed = [*records]
        old = changed[place]
        changed[place] = Record(old.seq, old.body.replace("intent", "Intent"), old.head)
        assert verify_chain(changed).broken_at == place + 1
        if place < 8:
            assert verify_chain(records[:place] + records[place + 1 :]).broken_at == place + 1
            swapped = [*records]
            swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
            assert verify_chain(swapped).broken_at == place + 1
        doubled = [*records[: place + 1], *records[place:]]
        assert verify_chain(doubled).broken_at == place + 2


async def test_a_cut_tail_is_valid_but_stands_at_another_head() -> None:
    records = await chain_of(5)
    whole, cut = verify_chain(records), verify_chain(records[:-2])
    assert cut.intact
    assert whole.head != cut.head
    assert whole.open_intents == (1, 2, 3, 4, 5)
