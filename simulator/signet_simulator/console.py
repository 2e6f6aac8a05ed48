"""What the developer sees: a line for each event, in words or as JSON."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from signet_simulator.texts import Language, say


class Console:
    """Writes events to a stream; a page's text in them cannot move the cursor."""

    def __init__(
        self,
        stream: TextIO,
        language: Language,
        *,
        as_json: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Fix where, in which language, and in which of the two forms."""
        self._stream = stream
        self._language = language
        self._as_json = as_json
        self._clock = clock

    def say(self, text: str, **values: object) -> None:
        """Say a sentence to a reader; a program is told by ``tell`` alone."""
        if not self._as_json:
            self._write(say(self._language, text, **values))

    def tell(self, event: str, **facts: str) -> None:
        """Tell of an event: a line with the time, or one JSON object."""
        now = self._clock()
        if self._as_json:
            at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
            fields = {"at": at, "event": event, "simulated": True, **facts}
            self._write(json.dumps(fields, ensure_ascii=False))
            return
        known = {"person": "", "client": "", **facts}
        line = say(self._language, event, **known)
        moment = time.strftime("%H:%M:%S", time.localtime(now))
        self._write(f"{moment}  {line}".rstrip())

    def _write(self, line: str) -> None:
        printable = "".join(each if each.isprintable() else "\ufffd" for each in line)
        self._stream.write(printable + "\n")
        self._stream.flush()
