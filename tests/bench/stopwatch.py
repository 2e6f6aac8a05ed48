"""Where the time of a signature goes: functions are timed where they are handed in or used.

The product has no timers of its own. The bench puts timed functions in the place of the parts'
own, in the process that it starts for it, and keeps one row of seconds for each call of the way.
"""

import inspect
from collections.abc import Callable
from time import perf_counter
from typing import Any

WAY = "way"
"""The stage that holds all others; when it ends, a row is complete."""


class Stopwatch:
    """Sums up seconds by stage; one signature is under way at a time."""

    def __init__(self) -> None:
        """Start with no rows."""
        self._rows: list[dict[str, float]] = []
        self._row: dict[str, float] = {}

    def watch(self, owner: object, name: str, stage: str) -> None:
        """Time a function or method of a class, an object or a module from now on.

        Raises:
            AttributeError: the owner has none of this name.
        """
        setattr(owner, name, self._timed(getattr(owner, name), stage))

    def take(self) -> list[dict[str, float]]:
        """Return the rows since the last time, in order."""
        rows, self._rows = self._rows, []
        return rows

    def _timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        async def wait(*arguments: object, **named: object) -> object:
            started = perf_counter()
            try:
                return await function(*arguments, **named)
            finally:
                self._add(stage, perf_counter() - started)

        def run(*arguments: object, **named: object) -> object:
            started = perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self._add(stage, perf_counter() - started)

        return wait if inspect.iscoroutinefunction(function) else run

    def _add(self, stage: str, seconds: float) -> None:
        self._row[stage] = self._row.get(stage, 0.0) + seconds
        if stage == WAY:
            self._rows.append(self._row)
            self._row = {}
