"""Everything the agent's process logs while a case plays."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class LogBook(logging.Handler):
    """Keeps every record, of every level and logger."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)

    @property
    def text(self) -> str:
        """All messages, a line each."""
        return "\n".join(record.getMessage() for record in self.records)

    def traces(self) -> list[str]:
        """Return the messages that came with a traceback."""
        return [
            record.getMessage()
            for record in self.records
            if (record.exc_info and record.exc_info[0]) or "Traceback" in record.getMessage()
        ]


@contextmanager
def log_book() -> Iterator[LogBook]:
    """Keep the log of the block."""
    root, book = logging.getLogger(), LogBook()
    level = root.level
    root.addHandler(book)
    root.setLevel(logging.DEBUG)
    try:
        yield book
    finally:
        root.removeHandler(book)
        root.setLevel(level)
