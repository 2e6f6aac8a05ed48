"""A box to tick with a sentence that may run over several lines."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QLabel

from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.icons import draw_icon

_SIZE = 18


class TickBox(QCheckBox):
    """A check box drawn by us; its name for assistive technology is the sentence beside it."""

    def __init__(self, look: Look, sentence: str) -> None:
        """Make an empty box."""
        super().__init__()
        self._look = look
        self.setAccessibleName(sentence)
        self.setFixedSize(_SIZE + 4, _SIZE + 4)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Return the box's own size."""
        return QSize(_SIZE + 4, _SIZE + 4)

    def hitButton(self, _position: object) -> bool:  # noqa: N802 -- Qt's name
        """Take a click anywhere in the box."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw box, tick and focus."""
        palette = self._look.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(2, 2, _SIZE, _SIZE).adjusted(0.75, 0.75, -0.75, -0.75)
        ticked = self.isChecked()
        painter.setBrush(QColor(palette.azurite_fill if ticked else palette.surface))
        painter.setPen(QPen(QColor(palette.azurite_fill if ticked else palette.edge), 1.5))
        painter.drawRoundedRect(area, 4, 4)
        if ticked:
            draw_icon(painter, "tick", palette.on_fill, QRectF(4, 4, 14, 14))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.ink), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)


class TickSentence(QLabel):
    """The sentence beside a box; a click on it ticks."""

    def __init__(self, sentence: str, tick: TickBox) -> None:
        """Belong to this box."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(sentence)
        self.setWordWrap(True)
        self._tick = tick

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        """Tick or clear the box."""
        self._tick.click()
