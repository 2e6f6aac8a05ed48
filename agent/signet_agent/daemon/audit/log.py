"""Writing the log: one thread, in order; nobody goes on before the record is on the disk."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType, to_builtins

from signet_agent.daemon.audit.chain import GENESIS, Record, next_record
from signet_agent.daemon.audit.storage import RecordStorage
from signet_protocol.messages import AuditMark

WITNESS_EVERY = 100
"""Records between two heads in the system log: a cut tail is bounded to this many."""

AnswerT = TypeVar("AnswerT")

Kind = Literal["start", "stop", "intent", "consent", "outcome", "refused", "pruned"]


class Entry(Struct, frozen=True, omit_defaults=True):
    """What a record says: facts and digests; never content, a PIN, or a page's own text.

    ``consent`` joins intent, consents and outcome of one call, 32 hexadecimal digits. ``digest`` is
    SHA-256 of the document; of ``documents`` in a list, of their digests one after the other.
    ``pruned`` vouches for the first record that is left: all up to number ``upto`` were let go of,
    and the head there was ``head``.
    """

    kind: Kind
    consent: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    digest: str | UnsetType = UNSET
    documents: int | UnsetType = UNSET
    program: str | UnsetType = UNSET
    certificate: str | UnsetType = UNSET
    tail: str | UnsetType = UNSET
    attempt: int | UnsetType = UNSET
    outcome: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    refused: dict[str, int] | UnsetType = UNSET
    upto: int | UnsetType = UNSET
    head: str | UnsetType = UNSET


Witness = Callable[[AuditMark], None]
"""Somebody else who is told the head from time to time: the system log."""


class AuditLog:
    """The agent's log over a storage; the only writer of it."""

    def __init__(
        self,
        storage: RecordStorage,
        witness: Witness,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Continue the storage's chain; no record is written yet."""
        self._storage = storage
        self._witness = witness
        self._clock = clock
        self._last = next(storage.newest(), None)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="audit")

    @property
    def mark(self) -> AuditMark:
        """Return where the log stands."""
        if self._last is None:
            return AuditMark(0, GENESIS.hex())
        return AuditMark(self._last.seq, self._last.head.hex())

    async def write(self, *entries: Entry) -> AuditMark:
        """Make these entries durable, in this order, all or none; return the new head.

        The writing goes on when the caller is cancelled: what was decided is recorded.

        Raises:
            AuditUnavailableError: they are not on the disk.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._writer, self._write, entries))

    async def open(self, version: str) -> None:
        """Close what the last run left open as ``unknown``, and record this start.

        Raises:
            AuditUnavailableError: the log cannot be written or read.
        """
        loop = asyncio.get_running_loop()
        left = await loop.run_in_executor(self._writer, self._open_intents)
        closing = [Entry("outcome", consent=consent, outcome="unknown") for consent in left]
        mark = await self.write(*closing, Entry("start", version=version))
        self._witness(mark)

    async def prune(self, keep_days: int) -> None:
        """Let go of the records that are older than this, in order: a record tells of it.

        To be called before ``open``. Age is counted from the newest record, which is the last
        run's: a clock that is wrong today lets go of nothing.

        Raises:
            AuditUnavailableError: the log cannot be written or read; nothing was let go of.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._prune, timedelta(days=keep_days))

    async def consult(self, question: Callable[[RecordStorage], AnswerT]) -> AnswerT:
        """Return what a question finds in the storage, asked between two writings.

        Raises:
            AuditUnavailableError: the log cannot be read.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, question, self._storage)

    async def close(self) -> None:
        """Record the stop and let go of the storage.

        Raises:
            AuditUnavailableError: the stop could not be recorded.
        """
        try:
            self._witness(await self.write(Entry("stop")))
        finally:
            self._writer.shutdown()
            self._storage.close()

    def _write(self, entries: Sequence[Entry]) -> AuditMark:
        """Chain and store; in the writer's thread."""
        records = self._chain(entries)
        self._storage.append(records)
        return self._stand_at(records)

    def _chain(self, entries: Sequence[Entry]) -> list[Record]:
        """Return the records that follow the last one."""
        last, records = self._last, list[Record]()
        for entry in entries:
            body = {"at": self._clock().isoformat(timespec="milliseconds"), **to_builtins(entry)}
            text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            last = next_record(last, text)
            records.append(last)
        return records

    def _stand_at(self, records: Sequence[Record]) -> AuditMark:
        """Go on from the last of these records, which are on the disk; tell the witness in time."""
        self._last = records[-1]
        mark = self.mark
        if mark.seq // WITNESS_EVERY != (mark.seq - len(records)) // WITNESS_EVERY:
            self._witness(mark)
        return mark

    def _prune(self, age: timedelta) -> None:
        """Find the last record that is old enough, and let go of all up to it."""
        if self._last is None:
            return
        newest = datetime.fromisoformat(json.loads(self._last.body)["at"])
        limit = (min(newest, self._clock()) - age).isoformat(timespec="milliseconds")
        old = takewhile(lambda record: json.loads(record.body)["at"] < limit, self._storage.read())
        last: Record | None = None
        for record in old:
            last = record
        if last is None:
            return
        records = self._chain([Entry("pruned", upto=last.seq, head=last.head.hex())])
        self._storage.append(records, forget=last.seq)
        self._witness(self._stand_at(records))

    def _open_intents(self) -> list[str]:
        """Return the consents without an outcome since the last start, oldest first."""
        closed, left = set[str](), list[str]()
        for record in self._storage.newest():
            body = json.loads(record.body)
            if body["kind"] == "start":
                break
            if body["kind"] == "outcome":
                closed.add(body["consent"])
            elif body["kind"] == "intent" and body["consent"] not in closed:
                left.append(body["consent"])
        return left[::-1]
