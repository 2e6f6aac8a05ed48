"""Line icons and the department's tile, drawn at the screen's own pixel ratio.

They are painted, not texts or pictures with names, so that assistive technology passes them by.
"""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from signet_agent.desktop.fonts import song
from signet_agent.desktop.look import Look

_PATHS = {
    "shield": '<path d="M10 2 17 4.5V10c0 4-3 6.5-7 8-4-1.5-7-4-7-8V4.5Z"/>'
    '<path d="m6.8 10 2.3 2.3 4.2-4.6"/>',
    "usb-key": '<rect x="6" y="8" width="8" height="10" rx="2"/>'
    '<path d="M7.5 8V2.5h5V8M9.2 5h.1M10.9 5h.1"/>',
    "card": '<rect x="2" y="4.5" width="16" height="11" rx="2"/>'
    '<path d="M5 9h3.5v3H5zM11.5 12.5H15"/>',
    "software": '<rect x="2.5" y="4" width="15" height="10" rx="1.5"/>'
    '<path d="M10 14v3M6.5 17h7"/>',
    "clock": '<circle cx="10" cy="10" r="7.5"/><path d="M10 6v4.3l2.8 1.7"/>',
    "tick": '<path d="m4.5 10.5 3.5 3.5 7.5-8"/>',
    "cross": '<path d="m5 5 10 10M15 5 5 15"/>',
    "warning": '<path d="M10 3 18 16.5H2Z"/><path d="M10 8v4M10 14.2v.1"/>',
    "information": '<circle cx="10" cy="10" r="7.5"/><path d="M10 9.2v4.6M10 6.3v.1"/>',
    "lock": '<rect x="4" y="9" width="12" height="8.5" rx="2"/>'
    '<path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9"/>',
    "pause": '<circle cx="10" cy="10" r="7.5"/><path d="M8 7v6M12 7v6"/>',
    "home": '<path d="M3 9.5 10 3l7 6.5M5 8v9.5h10V8"/>',
    "globe": '<circle cx="10" cy="10" r="7.5"/>'
    '<path d="M2.5 10h15M10 2.5c5 5 5 10 0 15M10 2.5c-5 5-5 10 0 15"/>',
    "list": '<path d="M7 5h10M7 10h10M7 15h10M3 5h.1M3 10h.1M3 15h.1"/>',
    "blocked": '<circle cx="10" cy="10" r="7.5"/><path d="m4.8 4.8 10.4 10.4"/>',
}
"""Drawings on a square of twenty, by the name of what they show."""

_MARK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    b'<rect x="4" y="4" width="56" height="56" rx="13" fill="#C03A28"/>'
    b'<path d="M45 20H21V32H43V44H19" fill="none" stroke="#FFFDF6" stroke-width="6.5"/></svg>'
)
"""The product's mark: one stroke folded to an S, as the strokes of an official seal are."""

_SMALL_PX = 16
"""At this size and below the strokes are drawn heavier, or they would fade."""


@cache
def _drawing(name: str, colour: str, stroke: float) -> QSvgRenderer:
    """Return the parsed drawing; the same few are painted again and again."""
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="none" '
        f'stroke="{colour}" stroke-width="{stroke}" stroke-linecap="round" '
        f'stroke-linejoin="round">{_PATHS[name]}</svg>'
    )
    return QSvgRenderer(QByteArray(text.encode()))


def draw_icon(painter: QPainter, name: str, colour: str, area: QRectF) -> None:
    """Draw a line icon into a square."""
    stroke = 2.0 if area.width() <= _SMALL_PX else 1.75
    _drawing(name, colour, stroke).render(painter, area)


def product_icon() -> QIcon:
    """Return the product's mark for title bars and task bars."""
    icon = QIcon()
    renderer = QSvgRenderer(QByteArray(_MARK))
    for size in (16, 24, 32, 48, 64, 128):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    return icon


class Icon(QWidget):
    """A line icon in one of the theme's colours."""

    def __init__(self, look: Look, name: str, colour: str, size: int = 20) -> None:
        """Choose the drawing, the palette's field for its colour, and the size in pixels."""
        super().__init__()
        self._look = look
        self._name = name
        self._colour = colour
        self.setFixedSize(size, size)

    def show_as(self, name: str, colour: str) -> None:
        """Draw another icon from now on."""
        self._name, self._colour = name, colour
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw the icon."""
        painter = QPainter(self)
        colour = str(getattr(self._look.palette, self._colour))
        draw_icon(painter, self._name, colour, QRectF(self.rect()))


class Disc(Icon):
    """An icon in the middle of a tinted disc, for the states that fill a window."""

    DIAMETER = 52
    _ICON = 26

    def __init__(self, look: Look, name: str, tone: str) -> None:
        """Choose the drawing and the tone: its colour, on its tint."""
        super().__init__(look, name, tone, self.DIAMETER)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw the disc and the icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        palette = self._look.palette
        painter.setBrush(QColor(str(getattr(palette, f"{self._colour}_tint"))))
        painter.drawEllipse(self.rect())
        inset = (self.DIAMETER - self._ICON) / 2
        area = QRectF(inset, inset, self._ICON, self._ICON)
        draw_icon(painter, self._name, str(getattr(palette, self._colour)), area)


class Tile(QWidget):
    """A department's mark: one character from policy, which no page can imitate in our window."""

    def __init__(self, look: Look, mark: str, *, size: int = 44, weight: str = "tint") -> None:
        """Choose the character and how grave the act is: ``tint``, ``fill`` or ``grave``."""
        super().__init__()
        self._look = look
        self._mark = mark[:1]
        self._weight = weight
        self._radius = 8 if size > 30 else 5  # noqa: PLR2004 -- small tiles stand in tables
        self.setFixedSize(size, size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._font = song(round(size * 24 / 44))

    def weigh(self, weight: str) -> None:
        """Draw the tile as grave as this from now on."""
        self._weight = weight
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw ground, border and character."""
        palette = self._look.palette
        ground, ink, border = {
            "tint": (palette.azurite_tint, palette.azurite, None),
            "fill": (palette.azurite_fill, palette.on_fill, None),
            "grave": (palette.grave, palette.on_fill, palette.grave_2),
        }[self._weight]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(border), 1.5) if border else Qt.PenStyle.NoPen)
        inset = 0.75 if border else 0.0
        area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(area, self._radius, self._radius)
        painter.setPen(QColor(ink))
        painter.setFont(self._font)
        painter.drawText(
            self.rect().adjusted(0, 0, 0, -1), Qt.AlignmentFlag.AlignCenter, self._mark
        )
