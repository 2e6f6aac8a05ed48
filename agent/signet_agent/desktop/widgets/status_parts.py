"""Parts that the pages of the status window share: chips, headings, tables, empty places."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from signet_agent.desktop.widgets.labels import Link, column, holder, label, row, rule

Cell = QWidget | str


def chip(text: str, tone: str) -> QLabel:
    """Return a small tinted word: ``ok``, ``look``, ``stop``, ``act`` or ``calm``."""
    made = label(text, "chip")
    made.setProperty("tone", tone)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def section(title: str, link: Link | None = None) -> QHBoxLayout:
    """Return a section's heading, with a way to all of it where the section shows a part."""
    return row(label(title, "sectionTitle"), None, link)


def empty(text: str) -> QLabel:
    """Return the sentence for a place where nothing is yet."""
    return label(text, "muted", wrap=True)


def local_time(seconds: int) -> str:
    """Return a moment as a table shows it: month, day, hour and minute, local time."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%m-%d %H:%M}"


def local_date(seconds: int) -> str:
    """Return a day, local time."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d}"


def table(titles: Sequence[str], lines: Sequence[Sequence[Cell]], stretch: int) -> QWidget:
    """Return a table; the column ``stretch`` takes what room is left. Cells of text are quiet."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(8)
    last = len(titles) - 1
    for place, title in enumerate(titles):
        grid.addWidget(label(title, "quiet", right=place == last), 0, place)
    for number, line in enumerate(lines):
        grid.addWidget(rule(), 2 * number + 1, 0, 1, len(titles))
        for place, cell in enumerate(line):
            side = Qt.AlignmentFlag.AlignRight if place == last else Qt.AlignmentFlag.AlignLeft
            made = label(cell, "muted") if isinstance(cell, str) else cell
            grid.addWidget(made, 2 * number + 2, place, side | Qt.AlignmentFlag.AlignVCenter)
    grid.addWidget(rule(), 2 * len(lines) + 1, 0, 1, len(titles))
    grid.setColumnStretch(stretch, 1)
    return holder(grid)


def chips(texts: Sequence[str]) -> QWidget:
    """Return calm chips side by side."""
    return holder(row(*(chip(text, "calm") for text in texts), None, spacing=6))


def stacked(*widgets: QWidget | QHBoxLayout, spacing: int = 10) -> QWidget:
    """Return parts one below the other."""
    return holder(column(*widgets, spacing=spacing))
