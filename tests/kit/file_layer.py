"""A seam: the log's storage in memory, with the faults of a disk."""

from collections.abc import Callable, Iterator, Sequence

from signet_agent.daemon.audit.chain import Record
from signet_agent.daemon.audit.storage import RecordStorage
from signet_agent.errors import AuditUnavailableError


class FileLayer:
    """Keeps records in a list; ``fails`` decides before every append whether the disk is full.

    What is ``beneath``, a real file say, has to keep a record first.
    """

    def __init__(self, fails: Callable[[Sequence[Record]], bool] = lambda _: False) -> None:
        """Start empty."""
        self.records: list[Record] = []
        self.fails = fails
        self.closed = False
        self.beneath: RecordStorage | None = None

    def newest(self) -> Iterator[Record]:
        yield from reversed(self.records)

    def append(self, records: Sequence[Record], forget: int = 0) -> None:
        if self.fails(records):
            raise AuditUnavailableError("disk full")
        if self.beneath is not None:
            self.beneath.append(records, forget)
        self.records = [record for record in self.records if record.seq > forget] + [*records]

    def read(self, after: int = 0) -> Iterator[Record]:
        yield from (record for record in self.records if record.seq > after)

    def close(self) -> None:
        self.closed = True
        if self.beneath is not None:
            self.beneath.close()
