"""One JSON object a line on standard error, which is where the system's journal reads.

A line never holds a nonce, a session, a token, a document, a name or an address of a request: what
a request was about stands in the department's own records, under the number that both have.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("signet.service")

_FRAMES = 8
"""The innermost frames of a fault; further out is the framework's."""


class JsonLines(logging.Formatter):
    """Formats a record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, event, and the members the event has."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if record.name != LOGGER.name:
            line["logger"] = record.name
        line |= getattr(record, "members", {})
        if record.exc_info and record.exc_info[1]:
            line |= _describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def write(event: str, level: int = logging.INFO, **members: object) -> None:
    """Write one line."""
    LOGGER.log(level, event, extra={"members": members})


def write_fault(error: BaseException, **members: object) -> None:
    """Write an error nobody expected, with the places it came through."""
    LOGGER.error("fault", exc_info=error, extra={"members": members})


def start() -> None:
    """Send every record of this process, the libraries' too, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    LOGGER.setLevel(logging.INFO)


def _describe(error: BaseException) -> dict[str, object]:
    """Return type and places of an error; its message may quote what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "places": places}
