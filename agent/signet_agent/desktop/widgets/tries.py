"""The tries that are left, as bars: one per try, those that are gone in grey."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from signet_agent.desktop.look import Look

_BAR = (14, 8)
_GAP = 4

MAX_BARS = 8
"""A token that allows more tries is told of in words alone."""


class TriesBars(QWidget):
    """Bars from the first mistake on; the number always stands beside them in words."""

    def __init__(self, look: Look) -> None:
        """Make it without bars."""
        super().__init__()
        self._look = look
        self._left = self._most = 0
        self.setFixedHeight(_BAR[1])

    def show_tries(self, left: int, most: int) -> None:
        """Draw ``left`` of ``most`` tries; nothing without a mistake, or where they are many."""
        drawn = left < most <= MAX_BARS
        self._left, self._most = (left, most) if drawn else (0, 0)
        most = self._most
        self.setFixedWidth(max(most * (_BAR[0] + _GAP) - _GAP, 0))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw the bars, the spent ones first."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        palette = self._look.palette
        for place in range(self._most):
            left = place >= self._most - self._left
            painter.setBrush(QColor(palette.cinnabar_fill if left else palette.line))
            area = QRectF(place * (_BAR[0] + _GAP), 0, *_BAR)
            painter.drawRoundedRect(area, 4, 4)
