"""What does not fit scrolls, under a bar of our own that lies on the content's margin.

Qt's own bars come and go as children in the accessibility tree, and its scroll areas answer for a
child that has just gone by reading past the end of a list (seen in 6.12.0: a screen reader that
walks the tree while a page is turned ends the process). Without them there is always one child.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QScrollBar, QWidget

BAR_WIDTH = 12
"""Content leaves at least this much room on its right."""


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


class ScrollArea(QScrollArea):
    """A vertical scroll area whose content is as wide as itself."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.hide()
        hidden = self.verticalScrollBar()
        hidden.rangeChanged.connect(self._fit_bar)
        hidden.valueChanged.connect(self._bar.setValue)
        self._bar.valueChanged.connect(hidden.setValue)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Keep the bar at the right edge."""
        super().resizeEvent(event)
        frame = self.frameWidth()
        left = self.width() - frame - BAR_WIDTH
        self._bar.setGeometry(left, frame, BAR_WIDTH, self.height() - 2 * frame)
        self._fit_bar()

    def _fit_bar(self) -> None:
        """Show as much as there is to scroll, or nothing."""
        hidden = self.verticalScrollBar()
        self._bar.setRange(hidden.minimum(), hidden.maximum())
        self._bar.setPageStep(hidden.pageStep())
        self._bar.setSingleStep(hidden.singleStep())
        self._bar.setVisible(hidden.maximum() > hidden.minimum())
        self._bar.raise_()


class Scroller(ScrollArea):
    """A scroll area in a window; it takes no focus of its own."""

    def __init__(self, content: QWidget, width: int) -> None:
        """Hold the content, which is to be shown this wide."""
        super().__init__()
        self._width = width
        self._content = content
        self.setObjectName("scroller")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidget(content)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(1)

    def reveal(self, part: QWidget) -> None:
        """Scroll to a part of the content, laid out at once: Qt would do so only later."""
        width = self._content.width()
        height = max(needed_height(self._content, width), self.viewport().height())
        self._content.resize(width, height)
        self.ensureWidgetVisible(part, 0, BAR_WIDTH)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Ask for the whole content; the window decides how much of it fits."""
        return QSize(self._width, needed_height(self._content, self._width))
