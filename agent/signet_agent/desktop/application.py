"""The Qt application of a window process: style, fonts, colours, and an end on any fault."""

import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QLoggingCategory
from PySide6.QtWidgets import QApplication, QWidget

from signet_agent.desktop.fonts import hei
from signet_agent.desktop.look import Look
from signet_agent.desktop.style_sheet import style_sheet
from signet_agent.desktop.theme import system_palette
from signet_agent.desktop.widgets.icons import product_icon

APPLICATION_NAME = "Signet"
"""What assistive technology and the window manager know the program by."""

FAULT = 1
"""Exit status after a fault of our own; whoever waited for an answer takes it as a refusal."""


def make_application() -> QApplication:
    """Return the application with the product's style; a fault inside ends it."""
    # Newer screen readers ask older Qt for what it can do without; each time it would complain.
    QLoggingCategory.setFilterRules("qt.accessibility.atspi.warning=false")
    application = QApplication([APPLICATION_NAME])
    application.setApplicationName(APPLICATION_NAME)
    application.setDesktopFileName("signet")
    application.setQuitOnLastWindowClosed(False)
    application.setStyle("Fusion")
    application.setWindowIcon(product_icon())
    sys.excepthook = _end_on_fault
    return application


def choose_font(application: QApplication, look: Look) -> None:
    """Set the language's font; before widgets are made, they take it over."""
    font = hei(look.texts.language)
    if application.font() != font:
        application.setFont(font)


def dress(window: QWidget, look: Look) -> None:
    """Give a finished window its style sheet.

    A sheet of the whole application would be worked through again for each part that is put into
    another, which takes twice as long.
    """
    window.setStyleSheet(style_sheet(look.palette))


def follow_system(window: QWidget, look: Look) -> None:
    """Keep a window that stays until the end in the system's colours when those change."""

    def follow() -> None:
        look.palette = system_palette()
        dress(window, look)

    QApplication.styleHints().colorSchemeChanged.connect(follow)


def _end_on_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Write down where a slot failed (no values) and end: Qt would go on as if nothing were."""
    traceback.print_exception(kind, error, trace)
    QApplication.exit(FAULT)
