"""Hears from the card service when a card or a reader comes or goes.

One thread that sleeps inside the service's own call (SCardGetStatusChange): it costs nothing until
something happens. A service that ends or restarts is found again.
"""

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from signet_agent.tokens.winscard import (
    INFINITE,
    PNP_NOTIFICATION,
    CardService,
    PcscError,
    ReaderState,
)

RETRY_SECONDS = 1.0
"""Before the first new look for a card service that is gone; pcscd is back within a second."""

LONGEST_PAUSE_S = 64.0
"""Between two looks where no card service runs at all: each pause is twice the one before."""

_JOIN_STEP_S = 0.05


class CardWatch:
    """Calls ``announce`` after each change, in its own thread; ``start`` may be called often."""

    def __init__(self, announce: Callable[[], None]) -> None:
        """Take whom to tell; nothing is watched before ``start``."""
        self._announce = announce
        self._ended = Event()
        self._service: CardService | None = None
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

    def start(self) -> None:
        """Watch from now on."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="card-watch", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Interrupt the wait, wherever it is, and end the thread."""
        self._ended.set()
        while self._thread is not None and self._thread.is_alive():
            # A wait that had not begun yet does not hear the first word.
            if self._service is not None:
                self._service.cancel()
            self._thread.join(_JOIN_STEP_S)

    def _run(self) -> None:
        pause = RETRY_SECONDS
        while not self._ended.is_set():
            try:
                self._service = CardService()
            except (PcscError, OSError):
                self._ended.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
                continue
            pause = RETRY_SECONDS
            try:
                self._follow(self._service)
            except PcscError:
                self._service.close()
                self._tell()

    def _follow(self, service: CardService) -> None:
        """Tell of every change until the service is gone or the watch is ended."""
        seen: tuple[tuple[str, int], ...] | None = None
        known: tuple[ReaderState, ...] = ()
        while not self._ended.is_set():
            before = {state.reader: state for state in known}
            names = (*service.readers(), PNP_NOTIFICATION)
            fresh = [before.get(name, ReaderState(name, 0, b"")) for name in names]
            known = service.wait(fresh, INFINITE)
            now = tuple((state.reader, state.insertion) for state in known[:-1])
            if now != seen:
                seen = now
                self._tell()

    def _tell(self) -> None:
        if not self._ended.is_set():
            self._announce()
