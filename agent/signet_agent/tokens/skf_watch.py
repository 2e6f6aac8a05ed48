"""Hears from an SKF library when a token comes or goes, where policy says that it tells.

One thread that sleeps inside SKF_WaitForDevEvent. A library that does not have it, or answers at
once, is not asked again: its tokens are then found when somebody looks.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

from signet_agent.tokens.skf_library import SkfError, SkfLibrary
from signet_agent.tokens.skf_return_values import NO_EVENT

PAUSE_S = 0.5
"""How long a turn takes at least: a library that never sleeps must not keep a core busy."""

END_S = 1.0
"""How long the end waits for the thread; a library that cannot cancel is left with it."""

_JOIN_STEP_S = 0.05


class SkfWatch:
    """Calls ``announce`` after each change, in its own thread; ``start`` may be called often."""

    def __init__(self, announce: Callable[[], None]) -> None:
        """Take whom to tell; nothing is watched before ``start``."""
        self._announce = announce
        self._ended = Event()
        self._library: SkfLibrary | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def start(self, library: SkfLibrary) -> None:
        """Watch this library's devices from now on."""
        if self._thread is None:
            self._library = library
            self._thread = Thread(target=self._run, args=(library,), name="skf-watch", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Cancel the wait and end the thread, or leave it to the end of the process."""
        self._ended.set()
        deadline = time.monotonic() + END_S
        while self._thread is not None and self._thread.is_alive():
            if time.monotonic() > deadline:
                return
            if self._library is not None:
                # A wait that had not begun yet does not hear the first word.
                with suppress(SkfError):
                    self._library.cancel_wait()
            self._thread.join(_JOIN_STEP_S)

    def _run(self, library: SkfLibrary) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                library.wait_for_event()
            except SkfError as error:
                if error.code != NO_EVENT:
                    return
            else:
                self._announce()
            self._ended.wait(max(0.0, began + PAUSE_S - time.monotonic()))
