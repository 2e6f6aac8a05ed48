"""The status window itself: sections on the left, a page on the right."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from signet_agent.channel.desktop_messages import AgentView
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.icons import draw_icon
from signet_agent.desktop.widgets.labels import Step, box, column, label, restyle, row
from signet_agent.desktop.widgets.scroller import ScrollArea
from signet_agent.desktop.widgets.status_pages import SECTIONS, StatusPages

SIZE = QSize(1120, 760)
_SIDE_WIDTH = 196
_ICON = 20


class StatusFrame(QWidget):
    """Shows one view of the agent after the other; the section and the place in it stay.

    Signals: ``paused`` and ``resumed``.
    """

    paused = Signal()
    resumed = Signal()

    def __init__(self, look: Look, screen: QSize) -> None:
        """Build the frame for a screen with this much room; it is empty until ``show_view``."""
        super().__init__()
        self._look = look
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(look.texts("product"))
        self.resize(SIZE.boundedTo(screen))
        self._view: AgentView | None = None
        self._switcher: Step | None = None
        self._pages = QStackedWidget()
        self._sections: dict[str, _SectionButton] = {}
        self._areas: dict[str, ScrollArea] = {}
        for name, icon in SECTIONS.items():
            self._add_section(name, icon)
        self._version = label("", "version", wrap=True)
        side = box(
            "side",
            column(
                *self._sections.values(), None, self._version, spacing=2, margins=(12, 14, 12, 14)
            ),
        )
        side.setFixedWidth(_SIDE_WIDTH)
        content = row(side, self._pages)
        content.setStretch(1, 1)
        self.setLayout(content)
        self.open_section("overview")
        self._areas["overview"].setFocus()

    def show_view(self, view: AgentView) -> None:
        """Show how the agent stands now."""
        if view == self._view:
            return
        self._view = view
        self._version.setText(self._look.texts("status.version", version=view.version))
        switching = self._switcher is not None and self._switcher.hasFocus()
        for name, area in self._areas.items():
            if name == "overview":
                self._switcher = self._make_switcher(view)
            page = StatusPages(self._look, view, self.open_section, self._switcher).make(name)
            page.setObjectName("page")
            at = area.verticalScrollBar().value()
            area.setWidget(page)
            area.verticalScrollBar().setValue(at)
        if self._switcher is not None and switching:
            self._switcher.setFocus()

    def open_section(self, name: str) -> None:
        """Show a section's page."""
        for other, section in self._sections.items():
            section.mark(opened=other == name)
        self._pages.setCurrentWidget(self._areas[name])

    def _add_section(self, name: str, icon: str) -> None:
        button = _SectionButton(self._look, self._look.texts(f"page.{name}"), icon)
        button.clicked.connect(lambda: self.open_section(name))
        self._sections[name] = button
        area = ScrollArea()
        area.setObjectName("scroller")
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._areas[name] = area
        self._pages.addWidget(area)

    def _make_switcher(self, view: AgentView) -> Step | None:
        """Return the button that pauses or resumes; in trouble there is nothing to pause."""
        if view.state == "trouble":
            return None
        paused = view.state == "paused"
        switch = Step(self._look.texts("button.resume" if paused else "button.pause"), "small")
        switch.clicked.connect(self.resumed if paused else self.paused)
        return switch


class _SectionButton(Step):
    """A section in the side bar: icon and name; one of them is the open one."""

    def __init__(self, look: Look, text: str, icon: str) -> None:
        super().__init__(text, "section")
        self._look = look
        self._icon_name = icon
        self.opened = False

    def mark(self, *, opened: bool) -> None:
        """Show this section as the open one, or as one of the others."""
        self.opened = opened
        restyle(self, "opened", "yes" if opened else "no")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw the button and its icon."""
        super().paintEvent(event)
        palette = self._look.palette
        colour = palette.azurite if self.opened else palette.ink_2
        top = (self.height() - _ICON) / 2
        draw_icon(QPainter(self), self._icon_name, colour, QRectF(12, top, _ICON, _ICON))
