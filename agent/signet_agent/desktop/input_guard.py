"""Keys and clicks that were meant for something else are kept out of the window.

For half a second after painting and after each regained focus nothing counts: a window that
jumps under the hand must not be answered by what the hand was doing. A key held down never counts
as a new one. A PIN of which the first characters were lost is lost whole: half a PIN would be a
wrong PIN, and a try spent that nobody meant.
"""

from collections.abc import Callable
from math import inf
from time import monotonic

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

DEAF_S = 0.5
"""Longer than the gap between the keys of someone typing, shorter than reading a heading."""

BURST_S = 1.5
"""Who types a PIN slowly, key by key, leaves less than this between two keys."""

_PRESSES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.TouchBegin,
    }
)
_RELEASES = frozenset(
    {QEvent.Type.KeyRelease, QEvent.Type.MouseButtonRelease, QEvent.Type.TouchEnd}
)
_ANSWERS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Space})
"""Keys that press something: held down, they count once."""


class InputGuard(QObject):
    """Filters the input of one window before any widget sees it."""

    def __init__(self, touched: Callable[[], None], typing: Callable[[], bool]) -> None:
        """Tell ``touched`` of input that counts; ``typing`` says whether a PIN would be typed."""
        super().__init__()
        self._touched = touched
        self._typing = typing
        self._open_at: float | None = None
        self._lost_at = -inf

    def restart(self) -> None:
        """Be deaf for half a second from now."""
        self._open_at = monotonic() + DEAF_S

    @property
    def deaf(self) -> bool:
        """Whether input is kept out now; so it is until the window was painted."""
        return self._open_at is None or monotonic() < self._open_at

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Keep an event out by returning true."""
        kind = event.type()
        if kind == QEvent.Type.Wheel:
            self._touched()
            return False
        if kind in _RELEASES:
            return self.deaf
        if kind not in _PRESSES:
            return False
        key = event if isinstance(event, QKeyEvent) else None
        if self.deaf or (key is not None and self._loses(key)):
            if key is not None and _is_character(key):
                self._lost_at = monotonic()
            return True
        if key is not None and key.isAutoRepeat() and key.key() in _ANSWERS:
            return True
        self._touched()
        return False

    def _loses(self, key: QKeyEvent) -> bool:
        """Whether a character belongs to a PIN whose beginning did not reach the field."""
        if not _is_character(key):
            return False
        if not self._typing():  # the field is closed still, or something else has the focus
            self._lost_at = monotonic()
            return False
        return monotonic() - self._lost_at < BURST_S


def _is_character(key: QKeyEvent) -> bool:
    """Whether a key could belong to a PIN; a space ticks a box, and no PIN begins with it."""
    return key.text().isprintable() and bool(key.text().strip())
