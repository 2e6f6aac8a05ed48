"""What does not fit scrolls between head and foot of a window."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget


def needed_height(widget: QWidget, width: int) -> int:
    """Return how high a widget wants to be at this width, in pixels."""
    layout = widget.layout()
    if isinstance(layout, QLayout):
        _forget_sizes(layout)
        if layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
    return widget.sizeHint().height()


def _forget_sizes(layout: QLayout) -> None:
    """Have a layout measure again now; by itself it would, but only in the next event loop."""
    layout.invalidate()
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        inner, widget = item.layout(), item.widget()
        if widget is not None:
            widget.updateGeometry()
            inner = widget.layout()
        if isinstance(inner, QLayout):
            _forget_sizes(inner)


class Scroller(QScrollArea):
    """A scroll area of the window's width; it takes no focus of its own."""

    def __init__(self, content: QWidget, width: int) -> None:
        """Hold the content, which is to be shown this wide."""
        super().__init__()
        self._width = width
        self._content = content
        self.setObjectName("scroller")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(1)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Ask for the whole content; the window decides how much of it fits."""
        return QSize(self._width, needed_height(self._content, self._width))
