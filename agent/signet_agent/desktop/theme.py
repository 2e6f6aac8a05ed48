"""Which colours the desktop asks for: dark, light, or its own where it wants high contrast."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette

from signet_agent.desktop.palette import DARK, LIGHT, Palette


def system_palette() -> Palette:
    """Return the palette the desktop asks for: high contrast first, then dark or light."""
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
        return high_contrast(QGuiApplication.palette())
    return DARK if hints.colorScheme() is Qt.ColorScheme.Dark else LIGHT


def high_contrast(system: QPalette) -> Palette:
    """Return a palette of the system's own colours: text on window, and its highlight."""

    def colour(role: QPalette.ColorRole) -> str:
        return system.color(QPalette.ColorGroup.Active, role).name()

    text, ground = colour(QPalette.ColorRole.WindowText), colour(QPalette.ColorRole.Window)
    accent, on_accent = (
        colour(QPalette.ColorRole.Highlight),
        colour(QPalette.ColorRole.HighlightedText),
    )
    grounds = dict.fromkeys(
        (
            *("surface", "canvas", "sunken", "paper", "grave"),
            *("azurite_tint", "malachite_tint", "ochre_tint", "cinnabar_tint"),
        ),
        ground,
    )
    fills = dict.fromkeys(("azurite_fill", "azurite_press", "cinnabar_fill"), accent)
    ink = dict.fromkeys(Palette.__struct_fields__, text)
    return Palette(**(ink | grounds | fills | {"on_fill": on_accent}))
