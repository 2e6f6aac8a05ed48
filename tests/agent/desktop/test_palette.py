"""Every text can be read on its ground (WCAG 2.2, section 1.4.3), every control seen (1.4.11)."""

import pytest

from signet_agent.desktop.palette import DARK, LIGHT, Palette

pytestmark = pytest.mark.quick

AA = 4.5
CONTROLS = 3.0

TEXTS = [
    ("ink", "surface"),
    ("ink", "paper"),
    ("ink", "canvas"),
    ("ink_2", "surface"),
    ("ink_2", "paper"),
    ("ink_2", "sunken"),
    ("ink_3", "surface"),
    ("ink_3", "sunken"),
    ("ink_3", "canvas"),
    ("ink_2", "azurite_tint"),
    ("azurite", "surface"),
    ("azurite", "canvas"),
    ("azurite", "azurite_tint"),
    ("malachite", "surface"),
    ("malachite", "malachite_tint"),
    ("malachite", "azurite_tint"),
    ("ochre", "ochre_tint"),
    ("ochre", "surface"),
    ("cinnabar", "cinnabar_tint"),
    ("cinnabar", "surface"),
    ("on_fill", "azurite_fill"),
    ("on_fill", "azurite_press"),
    ("on_fill", "cinnabar_fill"),
    ("on_fill", "grave"),
    ("grave_2", "grave"),
    ("grave_seen", "grave"),
]


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2, definitions)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_is_readable_on_its_ground(palette: Palette, text: str, ground: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= AA


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_of_controls_are_seen(palette: Palette) -> None:
    assert contrast(palette.edge, palette.surface) >= CONTROLS
    assert contrast(palette.azurite, palette.surface) >= CONTROLS
