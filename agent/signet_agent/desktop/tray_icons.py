"""The tray icons, drawn on a grid of sixteen: shape first, colour second.

Hollow folded S: idle. Solid: a token is present. Solid with a dot: a window waits. Bars: paused.
Triangle: trouble. All can be told apart in black and white.
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from PIL import Image, ImageDraw

from signet_agent.channel.desktop_messages import AgentState

Panel = Literal["light", "dark"]
"""The ground an icon stands on."""

SIZE = 48
"""Three times the grid; panels of 16, 24 and 48 pixels scale it cleanly."""

_GRID = 16
_SMOOTHING = 8
"""Pillow draws hard edges: everything is drawn larger and scaled down."""

_FOLDED_S = (
    (5, 4.5, 11, 6),
    (5, 6, 6.5, 7.25),
    (5, 7.25, 11, 8.75),
    (9.5, 8.75, 11, 10),
    (5, 10, 11, 11.5),
)
"""The five strokes of the folded S, from top to bottom: left, top, right, bottom."""

_NONE = (0, 0, 0, 0)


_Box = tuple[float, float, float, float]


class _Inks(Struct, frozen=True):
    """The colours for one ground."""

    ink: str
    dot: str
    alarm: str
    on_alarm: str


_INKS: dict[Panel, _Inks] = {
    "light": _Inks("#17212B", "#1B5390", "#B22C1D", "#FFFFFF"),
    "dark": _Inks("#F2F5F8", "#84B5E8", "#FF8A78", "#10161C"),
}


def draw_tray_icon(state: AgentState, panel: Panel, size: int = SIZE) -> Image.Image:
    """Return the icon of a state for a light or dark panel, ``size`` pixels square."""
    pen = _Pen(size * _SMOOTHING / _GRID)
    _DRAWINGS[state](pen, _INKS[panel])
    return pen.image.resize((size, size), Image.Resampling.LANCZOS)


class _Pen:
    """Draws in units of the grid."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        edge = round(_GRID * scale)
        self.image = Image.new("RGBA", (edge, edge), _NONE)
        self._draw = ImageDraw.Draw(self.image)

    def _pixels(self, *units: float) -> tuple[int, ...]:
        return tuple(round(unit * self._scale) for unit in units)

    def tile(self, box: _Box, radius: float, ink: str | None) -> None:
        """Fill a square, rounded where a radius is given; without ink it is cut out."""
        self._draw.rounded_rectangle(self._pixels(*box), self._pixels(radius)[0], fill=ink or _NONE)

    def frame(self, ink: str) -> None:
        """Draw the hollow rounded square."""
        self.tile((1, 1, 15, 15), 3.5, ink)
        self.tile((2.5, 2.5, 13.5, 13.5), 2, None)

    def folded_s(self, ink: str | None) -> None:
        """Draw the product's mark; without ink it is cut out."""
        for box in _FOLDED_S:
            self.tile(box, 0, ink)

    def circle(self, x: float, y: float, radius: float, ink: str | None) -> None:
        """Fill a circle; without ink it is cut out."""
        box = self._pixels(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, fill=ink or _NONE)

    def triangle(self, points: tuple[tuple[float, float], ...], ink: str) -> None:
        """Fill a triangle with slightly rounded corners."""
        corners = [self._pixels(*point) for point in points]
        self._draw.polygon([(corner[0], corner[1]) for corner in corners], fill=ink)
        for x, y in points:
            self.circle(x, y, 0.8, ink)
        for place, corner in enumerate(corners):
            after = corners[(place + 1) % len(corners)]
            self._draw.line([*corner, *after], fill=ink, width=self._pixels(1.6)[0])


def _idle(pen: _Pen, inks: _Inks) -> None:
    pen.frame(inks.ink)
    pen.folded_s(inks.ink)


def _token(pen: _Pen, inks: _Inks) -> None:
    pen.tile((1, 1, 15, 15), 3.5, inks.ink)
    pen.folded_s(None)


def _waiting(pen: _Pen, inks: _Inks) -> None:
    pen.tile((1, 3, 13, 15), 3, inks.ink)
    pen.circle(12.25, 3.75, 5, None)
    pen.circle(12.25, 3.75, 3.5, inks.dot)


def _paused(pen: _Pen, inks: _Inks) -> None:
    pen.frame(inks.ink)
    pen.tile((5, 5, 7, 11), 0, inks.ink)
    pen.tile((9, 5, 11, 11), 0, inks.ink)


def _trouble(pen: _Pen, inks: _Inks) -> None:
    pen.triangle(((8, 2), (14.4, 14.2), (1.6, 14.2)), inks.alarm)
    pen.tile((7.1, 5.5, 8.9, 10), 0, inks.on_alarm)
    pen.tile((7.1, 11.5, 8.9, 13.3), 0, inks.on_alarm)


_DRAWINGS: dict[AgentState, Callable[[_Pen, _Inks], None]] = {
    "idle": _idle,
    "token": _token,
    "waiting": _waiting,
    "paused": _paused,
    "trouble": _trouble,
}
