"""Does a log hold together? Works on any reader of records, without the agent."""

import json
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from signet_agent.daemon.audit.chain import GENESIS, Record, chained_head

_MARK = re.compile(r"\bseq\W{1,4}(\d{1,18})\W{1,4}head\W{1,5}([0-9a-f]{64})\b")
"""A mark as the system log holds it (``seq=200 head=…``), or a reply to a page (JSON)."""


class ChainReport(Struct, frozen=True):
    """What a check found.

    ``records`` is the number of the last record, ``pruned`` that of the last one that was let go
    of in order (0: none was). ``broken_at`` is the number of the first record that does not follow
    from the one before it (changed, missing, swapped or inserted there). ``contradicted`` are the
    numbers of marks that have another head here, or none: somebody replaced the log, or cut it off
    before them. ``open_intents`` are intents without an outcome. A tail that was cut off leaves a
    valid chain: only marks, which others keep, tell.
    """

    records: int
    head: str
    broken_at: int | None
    open_intents: tuple[int, ...]
    pruned: int = 0
    contradicted: tuple[int, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every record follows from the one before it, and no mark says otherwise."""
        return self.broken_at is None and not self.contradicted


class _Walk:
    """One way along the chain, from its first record on."""

    def __init__(self) -> None:
        self.head, self.seq = GENESIS, 0
        self.first: Record | None = None
        self.vouched = self.explained = True
        self.open_intents: dict[str, int] = {}

    def step(self, record: Record) -> bool:
        """Go on to the next record; whether it follows and says something."""
        if self.first is None:
            self.first = record
            self.vouched = self.explained = record.seq == 1
        if self.first is record and not self.vouched:
            follows = True  # what was before it is gone; a later record has to vouch for its head
        else:
            expected = chained_head(self.head, self.seq + 1, record.body)
            follows = record.seq == self.seq + 1 and record.head == expected
        if not (follows and self._note(record)):
            return False
        self.head, self.seq = record.head, record.seq
        return True

    def look_for_vouching(self, record: Record) -> None:
        """See whether a record behind a break tells how the log begins."""
        if '"kind":"pruned"' in record.body:
            self._note(record)

    def _note(self, record: Record) -> bool:
        """Keep in mind what a record says; whether it is one of the agent's at all."""
        try:
            body = json.loads(record.body)
            if body["kind"] == "intent":
                self.open_intents[body["consent"]] = record.seq
            elif body["kind"] == "outcome":
                self.open_intents.pop(body["consent"], None)
            elif body["kind"] == "pruned":
                self._take_vouching(body["upto"], bytes.fromhex(body["head"]))
        except (ValueError, KeyError, TypeError):
            return False
        return True

    def _take_vouching(self, upto: int, head: bytes) -> None:
        """Compare the first record with what a later one tells of those before it."""
        if self.first is not None and upto == self.first.seq - 1:
            expected = chained_head(head, self.first.seq, self.first.body)
            self.explained, self.vouched = True, self.first.head == expected


def verify_chain(records: Iterable[Record], marks: Iterable[tuple[int, str]] = ()) -> ChainReport:
    """Walk the whole chain from its beginning, and compare it with marks that others kept.

    ``marks`` are numbers and heads, in hexadecimal. One number with two heads is a contradiction,
    whichever of them stands here: the log was rolled back and went on another way. Marks of records
    that were let go of in order cannot be compared and are passed over.
    """
    walk, broken_at = _Walk(), None
    marked: dict[int, set[str]] = {}
    for seq, head in marks:
        marked.setdefault(seq, set()).add(head)
    contradicted = {seq for seq in marked if seq > 0}
    for record in records:
        if broken_at is not None:
            walk.look_for_vouching(record)  # the rest may still explain how the log begins
        elif not walk.step(record):
            broken_at = walk.seq + 1
        elif marked.get(record.seq) == {record.head.hex()}:
            contradicted.discard(record.seq)
    pruned = walk.first.seq - 1 if walk.first is not None and walk.explained else 0
    if not walk.vouched and (broken_at is None or not walk.explained):
        broken_at, pruned = pruned + 1, 0
    return ChainReport(
        records=walk.seq,
        head=walk.head.hex(),
        broken_at=broken_at,
        open_intents=tuple(walk.open_intents.values()),
        pruned=pruned,
        contradicted=tuple(sorted(seq for seq in contradicted if seq > pruned)),
    )


def read_marks(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield number and head of every mark in lines of the system log, or of replies to pages."""
    for line in lines:
        for found in _MARK.finditer(line):
            yield int(found[1]), found[2]
