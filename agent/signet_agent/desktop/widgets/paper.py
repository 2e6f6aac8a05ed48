"""The document on its paper: exactly what is signed, in plain text, and nothing of ours.

The sheet scrolls; head and buttons of the window stay. It takes the first focus, so that stray
typing does nothing and the arrow keys read on.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QFontMetrics, QTextOption
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QPlainTextEdit,
    QVBoxLayout,
)

from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.labels import box, column, label, restyle
from signet_agent.desktop.widgets.paper_row import PaperRow
from signet_agent.desktop.widgets.scroller import ScrollArea, needed_height
from signet_agent.model import Paper

_TEXT_MARGIN = 20
_LEAST_LINES = 8
_MOST_LINES = 18
"""Lines a text is given before it scrolls."""

_OPENING_CHARS = 4096
"""More than fills the most lines: a longer text need not be measured to its end."""

_KEYBOARD = frozenset({Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason})


class FormSheet(ScrollArea):
    """A form: title, rows of label and value, the sum line."""

    def __init__(self, look: Look, paper: Paper) -> None:
        """Lay the rows out."""
        super().__init__()
        self.setObjectName("sheet")
        self._content = box("sheetContent", _rows(look, paper))
        self.setWidget(self._content)
        _prepare(self, look, paper)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Ask for all the rows: the window decides how much of them fits."""
        return QSize(self.width(), self.height_for(self.width()))

    def height_for(self, width: int) -> int:
        """Return the height of the whole paper when it is this wide."""
        frame = 2 * self.frameWidth()
        return needed_height(self._content, width - frame) + frame

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Show the focus where the keyboard brought it."""
        restyle(self, "ring", "yes" if event.reason() in _KEYBOARD else "no")
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Take the ring away."""
        restyle(self, "ring", "no")
        super().focusOutEvent(event)


class TextSheet(QPlainTextEdit):
    """A plain text, in the document's own face."""

    def __init__(self, look: Look, paper: Paper) -> None:
        """Show the text; it cannot be changed."""
        super().__init__()
        self.setObjectName("sheetText")
        self.setPlainText(paper.text)
        self._opening = paper.text[:_OPENING_CHARS]
        self.setReadOnly(True)
        # Without a caret the arrow keys scroll, as they do on a form.
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(_TEXT_MARGIN)
        _prepare(self, look, paper)

    def height_for(self, width: int) -> int:
        """Return a height that shows the text, or a page's worth of it."""
        self.ensurePolished()
        metrics = QFontMetrics(self.font())
        columns = max((width - 2 * _TEXT_MARGIN) // metrics.horizontalAdvance("文"), 1)
        wrapped = sum(1 + len(line) // columns for line in self._opening.split("\n"))
        lines = min(max(wrapped, _LEAST_LINES), _MOST_LINES)
        return lines * metrics.lineSpacing() + 2 * _TEXT_MARGIN

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Show the focus where the keyboard brought it."""
        restyle(self, "ring", "yes" if event.reason() in _KEYBOARD else "no")
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Take the ring away."""
        restyle(self, "ring", "no")
        super().focusOutEvent(event)


Sheet = FormSheet | TextSheet


def make_sheet(look: Look, paper: Paper) -> Sheet:
    """Return the sheet for a paper: rows where it has some, else its text."""
    return FormSheet(look, paper) if paper.rows else TextSheet(look, paper)


def _prepare(sheet: QAbstractScrollArea, look: Look, paper: Paper) -> None:
    title = paper.title or look.texts("paper.untitled")
    sheet.setAccessibleName(look.texts("paper.name", title=title))
    sheet.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    sheet.setMinimumHeight(120)


def _rows(look: Look, paper: Paper) -> QVBoxLayout:
    sheet = column(margins=(24, 20, 24, 12))
    if paper.title:
        title = label(paper.title, "paperTitle", wrap=True)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setMinimumHeight(28)
        sheet.addWidget(title)
        sheet.addSpacing(12)
    font = QApplication.font()
    for line in paper.rows:
        sheet.addWidget(PaperRow(look, line, font))
    sheet.addStretch()
    return sheet
