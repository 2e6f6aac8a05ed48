"""Keys and clicks that were meant for something else are kept out of the window.

For half a second after painting and after each regained focus nothing counts: a window that
jumps under the hand must not be answered by what the hand was doing. A key held down never counts
as a new one.
"""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

DEAF_S = 0.5
"""Longer than the gap between the keys of someone typing, shorter than reading a heading."""

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
        """Tell ``touched`` of input that counts; ``typing`` says whether a PIN would be typed.

        While a PIN would be typed, every key that is kept out starts the half second again: half
        a PIN would be a wrong PIN, so the whole burst is dropped.
        """
        super().__init__()
        self._touched = touched
        self._typing = typing
        self._open_at: float | None = None

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
        if self.deaf:
            if key is not None and self._typing():
                self.restart()
            return True
        if key is not None and key.isAutoRepeat() and key.key() in _ANSWERS:
            return True
        self._touched()
        return False
