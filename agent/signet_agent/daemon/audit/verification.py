"""Does a log hold together? Works on any reader of records, without the agent."""

import json
from collections.abc import Iterable

from msgspec import Struct

from signet_agent.daemon.audit.chain import GENESIS, Record, chained_head


class ChainReport(Struct, frozen=True):
    """What a check found.

    ``broken_at`` is the number of the first record that does not follow from the one before it
    (changed, missing, swapped or inserted there). ``open_intents`` are intents without an outcome.
    A tail that was cut off leaves a valid chain: compare ``head`` with the one in any reply.
    """

    records: int
    head: str
    broken_at: int | None
    open_intents: tuple[int, ...]

    @property
    def intact(self) -> bool:
        """Whether every record follows from the one before it."""
        return self.broken_at is None


def verify_chain(records: Iterable[Record]) -> ChainReport:
    """Walk the whole chain from its beginning."""
    head, count = GENESIS, 0
    open_intents: dict[str, int] = {}
    for record in records:
        expected = chained_head(head, count + 1, record.body)
        if record.seq != count + 1 or record.head != expected:
            return ChainReport(count, head.hex(), count + 1, tuple(open_intents.values()))
        head, count = record.head, record.seq
        body = json.loads(record.body)
        if body.get("kind") == "intent":
            open_intents[body["consent"]] = record.seq
        elif body.get("kind") == "outcome":
            open_intents.pop(body["consent"], None)
    return ChainReport(count, head.hex(), None, tuple(open_intents.values()))
