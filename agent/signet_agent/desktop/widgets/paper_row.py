"""One row of a form: label left, value right, wrapped so that nothing of either is ever hidden.

A row is one widget that paints itself: a form of forty rows must stand on the screen at once.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy

from signet_agent.desktop.look import Look
from signet_agent.model import Row

_ROW_HEIGHT = 33
_TOTAL_HEIGHT = 41
_PADDING = 12
_GAP = 16
_INDENT = 16
_MAX_LEVEL = 8
"""Deeper levels are indented no further, or the labels would leave the paper."""

_TOTAL_PX = 16
_BOUNDLESS = float(1 << 20)
_LINE_SEPARATOR = "\N{LINE SEPARATOR}"
"""What a text layout takes for a new line."""


class PaperRow(QLabel):
    """A label and its value; the label's own text, read out, is both in one."""

    def __init__(self, look: Look, row: Row, font: QFont) -> None:
        """Show this row in the interface's font."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(look.texts("paper.row", label=row.label, value=row.value))
        self._look, self._row = look, row
        self._font = QFont(font)
        if row.total:
            self._font.setPixelSize(_TOTAL_PX)
            self._font.setWeight(QFont.Weight.Bold)
        self._indent = min(row.level, _MAX_LEVEL) * _INDENT
        metrics = QFontMetricsF(self._font)
        self._line = metrics.height()
        self._natural = tuple(_natural(metrics, text) for text in (row.label, row.value))
        self._heights: dict[int, int] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 -- Qt's name
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 -- Qt's name
        """Return the height that shows everything at this width; layouts ask again and again."""
        if width not in self._heights:
            blocks = self._blocks(width)
            text = max(block.boundingRect().height() for block in blocks) if blocks else self._line
            least = _TOTAL_HEIGHT if self._row.total else _ROW_HEIGHT
            self._heights[width] = max(least, round(text) + _PADDING)
        return self._heights[width]

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Ask for what the present width needs."""
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Ask for the same: a row is never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw the line above the row, its label and its value."""
        painter = QPainter(self)
        palette, total = self._look.palette, self._row.total
        line = QColor(palette.ink if total else palette.paper_line)
        painter.fillRect(QRectF(0, 0, self.width(), 1), line)
        key, value = self._blocks(self.width()) or self._single_lines()
        text = max(key.boundingRect().height(), value.boundingRect().height())
        lift = (self.height() + 1 - text) / 2
        painter.setPen(QColor(palette.ink if total else palette.ink_2))
        key.draw(painter, QPointF(self._indent, lift))
        painter.setPen(QColor(palette.ink))
        value.draw(painter, QPointF(self.width() - value.boundingRect().width(), lift))

    def _blocks(self, width: int) -> tuple[QTextLayout, QTextLayout] | None:
        """Lay label and value out in the widths that fall to them; ``None`` if one line holds all.

        The value gives way first, but never below half of the row.
        """
        room = max(width - self._indent - _GAP, 2)
        key, value = self._natural
        if key + value <= room:
            return None
        shared = min(value, max(room / 2, room - key))
        return (
            _lay_out(self._row.label, self._font, room - shared),
            _lay_out(self._row.value, self._font, shared, right=True),
        )

    def _single_lines(self) -> tuple[QTextLayout, QTextLayout]:
        key, value = self._natural
        return (
            _lay_out(self._row.label, self._font, key),
            _lay_out(self._row.value, self._font, value, right=True),
        )


def _natural(metrics: QFontMetricsF, text: str) -> float:
    """Return the width of a text that need not wrap; more than any row where it has line ends."""
    return _BOUNDLESS if "\n" in text else metrics.horizontalAdvance(text) + 1


def _lay_out(text: str, font: QFont, width: float, *, right: bool = False) -> QTextLayout:
    """Break a text into lines of this width: at words where it can be, anywhere where it must."""
    layout = QTextLayout(text.replace("\n", _LINE_SEPARATOR), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    if right:
        option.setAlignment(Qt.AlignmentFlag.AlignRight)
    layout.setTextOption(option)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    return layout
