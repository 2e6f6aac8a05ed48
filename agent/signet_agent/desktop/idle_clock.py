"""Ten minutes without activity, counted again from every key, click and scroll (WCAG 2.2.1)."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer

IDLE_S = 600
"""Glasses, a token and a contract take time; a forgotten window should not stay for ever."""

NOTICE_S = 60
"""How long before the end it is announced."""

REPORT_EVERY_S = 1.0
"""The daemon keeps the same time; more often than this it need not hear of activity."""


class IdleClock(QObject):
    """Counts the time without activity; stopped for good by ``stop``."""

    def __init__(
        self,
        counting: Callable[[int], None],
        over: Callable[[], None],
        active: Callable[[], None],
    ) -> None:
        """Tell ``counting`` the seconds left within the last minute (0: more than that again).

        ``over`` is called at the end, ``active`` at most once a second while there is activity.
        """
        super().__init__()
        self._counting, self._over, self._active = counting, over, active
        self._left = 0
        self._reported_at = -REPORT_EVERY_S
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Count from now."""
        self._left = 0
        self._timer.start((IDLE_S - NOTICE_S) * 1000)

    def touch(self) -> None:
        """Count anew: the person did something."""
        if not self._timer.isActive():
            return
        if self._left:
            self._counting(0)
        self.start()
        now = monotonic()
        if now - self._reported_at >= REPORT_EVERY_S:
            self._reported_at = now
            self._active()

    def stop(self) -> None:
        """Count no more: the answer is given."""
        self._timer.stop()
        if self._left:
            self._left = 0
            self._counting(0)

    def _tick(self) -> None:
        """Begin the last minute, or take one second of it."""
        self._left = self._left - 1 if self._left else NOTICE_S
        if not self._left:
            self._timer.stop()
            self._over()
            return
        self._timer.start(1000)
        self._counting(self._left)
