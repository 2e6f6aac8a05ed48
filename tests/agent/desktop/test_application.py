"""The ground the windows stand on: a sound toolkit, faults that end, colours that follow."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from signet_agent.desktop import application as application_module
from signet_agent.desktop.application import FAULT, choose_font, dress, follow_system
from signet_agent.desktop.look import Look
from signet_agent.desktop.palette import DARK, LIGHT
from signet_agent.desktop.style_sheet import style_sheet
from signet_agent.desktop.theme import high_contrast, system_palette
from signet_agent.desktop.warm_up import warm_up


def test_the_toolkit_gives_back_every_constant_it_hands_out(application: QApplication) -> None:
    """PySide6 6.12.0 lost one ``None`` per call, which ends CPython 3.11 after some thousand."""
    made = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        made.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < 100


def test_a_fault_inside_a_slot_ends_the_process_with_its_own_status() -> None:
    program = (
        "from PySide6.QtCore import QTimer\n"
        "from signet_agent.desktop.application import make_application\n"
        "application = make_application()\n"
        "QTimer.singleShot(0, lambda: 1 / 0)\n"
        "raise SystemExit(application.exec())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program],
        env={"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == FAULT
    assert "ZeroDivisionError" in ended.stderr


def test_a_style_sheet_leaves_no_place_unfilled(application: QApplication) -> None:
    for palette in (LIGHT, DARK):
        sheet = style_sheet(palette)
        assert "$" not in sheet
        assert sheet.count("{") == sheet.count("}")


def test_a_window_follows_the_system_into_the_dark(
    application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, look = QWidget(), Look("zh-Hans", LIGHT)
    dress(window, look)
    follow_system(window, look)
    monkeypatch.setattr(application_module, "system_palette", lambda: DARK)
    application.styleHints().colorSchemeChanged.emit(application.styleHints().colorScheme())
    assert look.palette is DARK
    assert DARK.surface in window.styleSheet()


def test_light_is_what_a_desktop_without_a_wish_gets(application: QApplication) -> None:
    assert system_palette() is LIGHT


def test_high_contrast_uses_the_systems_own_colours(application: QApplication) -> None:
    system = QPalette()
    system.setColor(QPalette.ColorRole.WindowText, QColor("#ffff00"))
    system.setColor(QPalette.ColorRole.Window, QColor("#000000"))
    system.setColor(QPalette.ColorRole.Highlight, QColor("#00ffff"))
    system.setColor(QPalette.ColorRole.HighlightedText, QColor("#000000"))
    palette = high_contrast(system)
    assert (palette.ink, palette.surface, palette.cinnabar) == ("#ffff00", "#000000", "#ffff00")
    assert (palette.azurite_fill, palette.on_fill) == ("#00ffff", "#000000")


def test_english_has_latin_letters_first(application: QApplication) -> None:
    kept = application.font()
    choose_font(application, Look("en", LIGHT))
    assert application.font().pixelSize() == 14
    application.setFont(kept)


def test_warming_up_leaves_no_window_behind(application: QApplication) -> None:
    deletions = QEvent.Type.DeferredDelete.value
    application.sendPostedEvents(None, deletions)
    before = len(application.topLevelWidgets())
    warm_up(application)
    assert not any(widget.isVisible() for widget in application.topLevelWidgets())
    application.sendPostedEvents(None, deletions)
    assert len(application.topLevelWidgets()) == before
