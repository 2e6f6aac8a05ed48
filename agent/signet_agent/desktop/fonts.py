"""Typefaces: Hei speaks for the product, Song for the document, a fixed one for origins and codes.

Each list names what the systems ship, in the order to be tried.
"""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

_HEI = (
    *("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei"),
)
_LATIN = ("Segoe UI", "SF Pro Text", "Noto Sans")
_SONG = ("Songti SC", "STZhongsong", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun")
_MONO = ("Cascadia Mono", "Consolas", "SF Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK SC")

TEXT_PX = 14
"""The common size; nothing is below 12."""


@cache
def _installed() -> frozenset[str]:
    """Return the families of this machine; asked once, it reads the whole font database."""
    return frozenset(QFontDatabase.families())


def _present(families: tuple[str, ...]) -> tuple[str, ...]:
    """Keep what is installed: Qt would replace the first missing family, not skip it."""
    return tuple(family for family in families if family in _installed())


def hei(language: str) -> QFont:
    """Return the interface's font for a language, 14 pixels."""
    families = _present(_LATIN + _HEI if language == "en" else _HEI)
    return _font(families)


def song(pixels: int) -> QFont:
    """Return the document's font, bold."""
    font = _font(_present(_SONG))
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.Bold)
    return font


def mono(pixels: int, *, bold: bool = False) -> QFont:
    """Return the font whose letters are all of one width."""
    font = _font(_present(_MONO))
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    font.setFixedPitch(True)
    return font


def song_families() -> str:
    """Return the document's families as a style sheet writes them."""
    return _listed(_SONG)


def mono_families() -> str:
    """Return the fixed families as a style sheet writes them."""
    return _listed(_MONO)


def _listed(families: tuple[str, ...]) -> str:
    return ", ".join(f'"{family}"' for family in _present(families)) or '"sans-serif"'


def _font(families: tuple[str, ...]) -> QFont:
    font = QFont()
    if families:
        font.setFamilies(list(families))
    font.setPixelSize(TEXT_PX)
    return font
