"""An origin in full, its registrable domain bold, without any markup."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from signet_agent.desktop.fonts import mono
from signet_agent.desktop.look import Look
from signet_agent.desktop.origin_parts import Weight, lay_out, split_origin

_PIXELS = 13
_LINE_HEIGHT = 22


def origin_width(origin: str) -> float:
    """Return how many pixels an origin takes when it is not cut."""
    return len(origin) * _advance(_fonts())


class OriginLabel(QLabel):
    """The origin in letters of one width; too long, it is cut from the left, never the domain.

    The label's own text is the uncut origin: assistive technology reads that.
    """

    def __init__(self, look: Look, origin: str, width: int) -> None:
        """Lay the origin out in ``width`` pixels."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(origin)
        self._look = look
        self._fonts = _fonts()
        self._letter = _advance(self._fonts)
        self._lines = lay_out(split_origin(origin), int(width / self._letter))
        self._grave = False
        longest = max(sum(len(text) for text, _ in line) for line in self._lines)
        self.setFixedSize(round(longest * self._letter) + 1, _LINE_HEIGHT * len(self._lines))

    def weigh(self, *, grave: bool) -> None:
        """Draw it on the ground of a grave act or of a common one."""
        self._grave = grave
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw the lines, letter under letter."""
        palette = self._look.palette
        inks = {"quiet": palette.ink_2, "bold": palette.ink}
        if self._grave:
            inks = {"quiet": palette.grave_2, "bold": palette.on_fill}
        painter = QPainter(self)
        metrics = QFontMetricsF(self._fonts["bold"])
        lift = (_LINE_HEIGHT - metrics.height()) / 2 + metrics.ascent()
        for number, line in enumerate(self._lines):
            left = 0.0
            for text, weight in line:
                painter.setFont(self._fonts[weight])
                painter.setPen(QColor(inks[weight]))
                painter.drawText(QPointF(left, number * _LINE_HEIGHT + lift), text)
                left += len(text) * self._letter


def _fonts() -> dict[Weight, QFont]:
    return {"quiet": mono(_PIXELS), "bold": mono(_PIXELS, bold=True)}


def _advance(fonts: dict[Weight, QFont]) -> float:
    return max(QFontMetricsF(font).horizontalAdvance("m") for font in fonts.values())
