"""Labels, boxes and buttons: plain text only, styled by object name, on a four pixel grid."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

Item = QWidget | QLayout | int | None
"""What a row or column holds: a widget, a layout, a gap in pixels, or ``None`` for a spring."""

Margins = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""

ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})

_NO_MARGINS = (0, 0, 0, 0)
LayoutT = TypeVar("LayoutT", bound=QBoxLayout)


def label(text: str, name: str = "", *, wrap: bool = False, right: bool = False) -> QLabel:
    """Return a label that shows exactly this text; markup in it stays visible as markup."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setObjectName(name)
    made.setWordWrap(wrap)
    if wrap:
        made.setMinimumWidth(1)  # a long word must not widen the window
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    made.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return made


def row(*items: Item, spacing: int = 0, margins: Margins = _NO_MARGINS) -> QHBoxLayout:
    """Return items side by side."""
    return _filled(QHBoxLayout(), items, spacing, margins)


def column(*items: Item, spacing: int = 0, margins: Margins = _NO_MARGINS) -> QVBoxLayout:
    """Return items one below the other."""
    return _filled(QVBoxLayout(), items, spacing, margins)


def _filled(layout: LayoutT, items: tuple[Item, ...], spacing: int, margins: Margins) -> LayoutT:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch()
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
    return layout


def at_top(widget: QWidget, lead: int = 0) -> QVBoxLayout:
    """Return a widget that stays at the top of its row, ``lead`` pixels below the edge."""
    held = column(lead)
    held.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
    return held


def box(name: str, content: QLayout) -> QFrame:
    """Return a frame whose ground and border the style sheet draws."""
    frame = QFrame()
    frame.setObjectName(name)
    frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    frame.setLayout(content)
    return frame


def holder(content: QLayout) -> QWidget:
    """Return a widget around a layout: it keeps a place in the order things are read out."""
    widget = QWidget()
    widget.setLayout(content)
    return widget


def hold(place: QWidget, widget: QWidget) -> None:
    """Add a widget to a holder and show it at once; Qt would, but only in the next event loop."""
    layout = place.layout()
    if layout is not None:
        layout.addWidget(widget)
    widget.show()


def rule(name: str = "rule") -> QFrame:
    """Return a line of one pixel."""
    line = QFrame()
    line.setObjectName(name)
    line.setFixedHeight(1)
    return line


def restyle(widget: QWidget, name: str, value: str, *parts: QWidget) -> None:
    """Set a property that the style sheet selects by, and style the widget and ``parts`` anew."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    for part in (widget, *parts):
        part.style().unpolish(part)
        part.style().polish(part)


def discard(widget: QWidget) -> None:
    """Take a widget out of its layout at once, and delete it when Qt is done with it."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


class Button(QPushButton):
    """A push button that Enter never presses: what Enter does is the window's to say."""

    def __init__(self, text: str, name: str = "button") -> None:
        """Make the button; ``name`` picks its look."""
        super().__init__(text)
        self.setObjectName(name)
        self.setAutoDefault(False)


class Step(Button):
    """A harmless step inside the window; Enter takes it as well as Space."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        """Take Enter as a press."""
        if event.key() in ENTER_KEYS:
            self.click()
        else:
            super().keyPressEvent(event)


class Link(Step):
    """A step that looks like a link."""

    def __init__(self, text: str) -> None:
        """Make the link."""
        super().__init__(text, "link")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFlat(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
