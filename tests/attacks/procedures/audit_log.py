"""The log under attack: full, cut, forged, moved, searched for secrets: AL-01 to AL-24."""

import base64
import itertools
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signet_agent.daemon.audit import AuditLog, Entry, SqliteStorage, verify_chain
from signet_agent.daemon.audit.chain import Record, next_record
from signet_agent.daemon.audit.log import WITNESS_EVERY
from signet_agent.daemon.presence import recent_acts
from signet_agent.errors import AuditUnavailableError
from signet_protocol.messages import AuditMark
from tests.attacks.classes import OK
from tests.attacks.procedures.consents import call
from tests.attacks.procedures.messages import DOCUMENT
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.stage import with_log_file
from tests.kit.file_layer import FileLayer
from tests.kit.mock_token import PIN
from tests.kit.running_agent import NONCE

UNAVAILABLE = "E_AUDIT_UNAVAILABLE"
FLIPS, ALL_FLIPS = 2_000, 1_000_000
"""Turned bits; the second in the long run."""

LOCKED_S = 4.0
"""No page waits longer than this for a file that another program holds."""

CANARY = "云汀金丝雀 7351"

HOSTILE_TEXTS = ('x\r\n{"seq":999999}', "\x1b[2J", "\u2028", "\x85", "\t" * 10_000)


def kinds(records: Sequence[Record]) -> list[str]:
    """Return what kinds of records there are, in order."""
    return [json.loads(record.body)["kind"] for record in records]


async def sign(scene: Scene, label: str, accepted: tuple[str, ...] = (), text: str = "") -> None:
    """Have a text signed."""
    document = base64.b64encode(text.encode()).decode() if text else DOCUMENT
    await call(scene, label, "sign", accepted, document=document, media_type="text/plain")


async def long_log(count: int) -> tuple[list[Record], list[AuditMark]]:
    """Return a log of so many records, and what the system log was told."""
    layer, told = FileLayer(), list[AuditMark]()
    log = AuditLog(layer, told.append)
    for number in range(count):
        await log.write(Entry("intent", consent=f"{number:032x}"))
    return layer.records, told


@plays("AL-01")
async def watch_one_signature(scene: Scene) -> None:
    """Look at the log at the moment the key is used, and when the reply is there."""
    at_the_key: list[str] = []
    for token in scene.tokens:
        token.before_sign = lambda: at_the_key.extend(kinds(scene.agent.storage.records))
    await sign(scene, "one signature")
    scene.require(at_the_key[-2:] == ["intent", "consent"], f"at the key: {at_the_key}")
    after = kinds(scene.agent.storage.records)
    scene.require(after[-1] == "outcome", f"at the reply: {after}")


@plays("AL-02")
async def die_at_each_step(scene: Scene) -> None:
    """Take the log as it is after each record, and start anew from there."""
    layer, taken = scene.agent.storage, list[list[Record]]()

    def take(records: Sequence[Record]) -> bool:
        taken.append([*layer.records, *records])
        return False

    layer.fails = take
    await sign(scene, "one signature")
    layer.fails = lambda _: False
    scene.require(len(taken) == 3, f"{len(taken)} steps")
    for left in taken:
        again = FileLayer()
        again.records = left
        await AuditLog(again, lambda _: None).open("again")
        report = verify_chain(again.records)
        scene.require(report.intact, f"after {kinds(left)}: broken at {report.broken_at}")
        scene.require(not report.open_intents, f"after {kinds(left)}: an act without an end")
        cut = kinds(left)[-1] != "outcome"
        ends = [json.loads(record.body).get("outcome") for record in again.records]
        scene.require(("unknown" in ends) == cut, f"after {kinds(left)}: {ends}")


@plays("AL-04")
async def fill_the_disk(scene: Scene) -> None:
    """Nothing can be written, and so nothing is asked."""
    layer = scene.agent.storage
    layer.fails = lambda _: True
    await call(scene, "a login", "login", nonce=NONCE)
    await sign(scene, "a signature")
    layer.fails = lambda _: False


@plays("AL-07")
async def turn_single_bits(scene: Scene) -> None:
    """In a record's number, its body or its head."""
    records, _ = await long_log(50)
    chance = random.Random(7)  # noqa: S311 -- the same places every time
    for _ in range(ALL_FLIPS if scene.full else FLIPS):
        place = chance.randrange(len(records))
        turned = [*records]
        turned[place] = _turn(records[place], chance)
        found = verify_chain(turned).broken_at
        scene.require(found == place + 1, f"record {place + 1}: found at {found}")
    scene.seen["OK (every bit)"] += 1


def _turn(record: Record, chance: random.Random) -> Record:
    """Turn one bit; a body stays text, as the file keeps it."""
    part = chance.choice(("seq", "body", "head"))
    if part == "seq":
        return Record(record.seq ^ 1 << chance.randrange(20), record.body, record.head)
    octets = bytearray(record.head if part == "head" else record.body.encode())
    if part == "head":
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        return Record(record.seq, record.body, bytes(octets))
    octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(7)
    return Record(record.seq, octets.decode(), record.head)


@plays("AL-08")
async def rearrange_records(scene: Scene) -> None:
    """At every place of a log."""
    records, _ = await long_log(20)
    for place in range(1, 19):
        forged = next_record(records[place - 1], '{"kind":"outcome","consent":"00"}')
        for label, changed in (
            ("removed", records[:place] + records[place + 1 :]),
            ("exchanged", [*records[:place], records[place + 1], records[place]]),
            ("doubled", records[: place + 1] + records[place:]),
            ("inserted", [*records[:place], forged, *records[place:]]),
        ):
            found = verify_chain(changed).broken_at
            near = {place + 1, place + 2}
            scene.require(found in near, f"{label} at {place + 1}: found at {found}")
    scene.seen["OK (every place)"] += 1


@plays("AL-09")
async def cut_off_the_end(scene: Scene) -> None:
    """A reply tells of the last record, the system log of one in a hundred."""
    records, told = await long_log(1_250)
    reply = [(records[-1].seq, records[-1].head.hex())]
    system_log = [(mark.seq, mark.head) for mark in told]
    for cut in (1, 10, 1_000):
        left = records[:-cut]
        scene.require(not verify_chain(left, reply).intact, f"{cut}: the reply says nothing")
        seen = not verify_chain(left, system_log).intact
        scene.require(seen or cut < WITNESS_EVERY, f"{cut}: the system log says nothing")
    scene.seen["OK (every cut)"] += 1


@plays("AL-13", with_log_file)
async def take_the_log_away(scene: Scene) -> None:
    """Under the running agent; then begin another in its place."""
    file = _log_file(scene)
    kept = file.with_name("kept")
    file.rename(kept)
    await call(scene, "a login", "login", nonce=NONCE)
    await sign(scene, "a signature")
    marks = [(record.seq, record.head.hex()) for record in scene.agent.storage.records]
    another = FileLayer()
    await AuditLog(another, lambda _: None).open("another")
    scene.require(not verify_chain(another.records, marks).intact, "another log passes")
    kept.rename(file)


@plays("AL-14")
async def move_the_clock(scene: Scene) -> None:
    """In the middle of an act: each of its records is written at another time."""
    shifts = itertools.cycle(
        (
            -timedelta(days=365),
            timedelta(days=3_650),
            timedelta(hours=1),
            -timedelta(hours=1),
        )
    )
    log = scene.agent.agent._log
    log._clock = lambda: datetime.now(UTC) + next(shifts)
    await call(scene, "while the clock jumps", "login", nonce=NONCE)
    log._clock = lambda: datetime.now(UTC)
    records = scene.agent.storage.records
    numbers = [record.seq for record in records]
    scene.require(numbers == list(range(1, len(numbers) + 1)), "the numbers are out of order")
    scene.require(kinds(records)[-3:] == ["intent", "consent", "outcome"], f"{kinds(records)}")


@plays("AL-15")
async def write_lines_into_the_log(scene: Scene) -> None:
    """As a form's name and in its members, which the window shows; in parameters too."""
    for number, text in enumerate(HOSTILE_TEXTS):
        form = f'{{"form":"gs9/{number}","note":"{CANARY}"}}'
        document = base64.b64encode(form.encode()).decode()
        media_type = "application/json"
        await call(scene, f"form {number}", "sign", document=document, media_type=media_type)
        for params in ({"nonce": NONCE, text: "x"}, {"nonce": text}):
            await call(scene, f"text {number}", "login", ("E_BAD_REQUEST",), **params)
    for record in scene.agent.storage.records:
        scene.require(record.body.isprintable(), f"record {record.seq} is not one line")
        scene.require(CANARY not in record.body, f"record {record.seq} holds the page's text")


@plays("AL-17")
async def look_for_content(scene: Scene) -> None:
    """Sign something with a canary in it; the PIN is one by itself."""
    await sign(scene, "a canary", (OK,), CANARY)
    text = "".join(record.body for record in scene.agent.storage.records)
    for secret in (CANARY, base64.b64encode(CANARY.encode()).decode(), PIN):
        words = json.dumps(secret, ensure_ascii=False)[1:-1]
        scene.require(f'"{words}"' not in text, f"{words} stands in the log")
    scene.require(CANARY not in text + scene.book.text, "the document stands in a log")


@plays("AL-19", with_log_file)
async def hold_the_file(scene: Scene) -> None:
    """A program that reads the whole file lets nobody write meanwhile."""
    with sqlite3.connect(_log_file(scene), isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        await call(scene, "while it is held", "login", nonce=NONCE)
        took = time.monotonic() - began
        other.execute("ROLLBACK")
    other.close()
    scene.require(took <= LOCKED_S, f"the page waited for {took:.1f} s", slow=True)


@plays("AL-22", with_log_file)
async def redirect_the_log(scene: Scene) -> None:
    """Before a start: the folder is a link, then the file in it."""
    place = _log_file(scene).parent
    target = place.with_name("elsewhere")
    target.mkdir()
    by_folder, by_file = place.with_name("by-folder"), place.with_name("by-file")
    by_folder.symlink_to(target)
    by_file.mkdir()
    (by_file / "audit.sqlite3").symlink_to(target / "taken")
    for folder in (by_folder, by_file):
        try:
            SqliteStorage(folder / "audit.sqlite3").close()
        except AuditUnavailableError:
            scene.judge(folder.name, UNAVAILABLE, "refused")
        else:
            scene.require(False, f"{folder.name}: the link was followed")
    scene.require(not list(target.iterdir()), "something was written at the link's end")


@plays("AL-23", with_log_file)
async def hide_a_record(scene: Scene) -> None:
    """There is nothing beside the records that a view could be led astray by."""
    file = _log_file(scene).with_name("of-three.sqlite3")
    storage = SqliteStorage(file)
    log = AuditLog(storage, lambda _: None)
    for number in range(3):
        consent = f"{number:032x}"
        await log.write(
            Entry("intent", consent=consent, origin=scene.stage.origin, operation="login"),
            Entry("outcome", consent=consent, outcome="page.cancelled"),
        )
    with sqlite3.connect(file) as other:
        columns = [row[1] for row in other.execute("PRAGMA table_info(record)")]
        things = [row[0] for row in other.execute("SELECT name FROM sqlite_master")]
    other.close()
    scene.require(columns == ["seq", "body", "head"], f"columns: {columns}")
    scene.require(things == ["record"], f"beside the records: {things}")
    shown = recent_acts(storage, (await scene.agent.agent.describe()).sites)
    scene.require(len(shown) == 3, f"{len(shown)} acts in the view")
    await log.close()
    scene.seen["OK (three columns)"] += 1


@plays("AL-24")
async def let_go_of_old_records(scene: Scene) -> None:
    """The log is whole behind a record that vouches, and behind no other."""
    layer = FileLayer()
    times = _days()
    log = AuditLog(layer, lambda _: None, lambda: next(times))
    for _ in range(400):
        await log.write(Entry("refused", refused={"https://evil.example": 1}))
    await log.prune(180)
    report = verify_chain(layer.records)
    scene.require(report.intact and report.pruned > 200, f"pruned: {report}")
    scene.require(not verify_chain(layer.records[:-1]).intact, "nothing vouches, and it passes")
    scene.require(not verify_chain(layer.records[1:]).intact, "one more is missing, and it passes")
    scene.seen["OK (vouched for)"] += 1


def _days() -> Iterator[datetime]:
    """Yield a moment of each of many days."""
    now = datetime(2025, 1, 1, tzinfo=UTC)
    while True:
        yield now
        now += timedelta(days=1)


def _log_file(scene: Scene) -> Path:
    assert scene.stage.log_file is not None
    return scene.stage.log_file
