import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.portal.visits import Visit

PAIRS = [
    ("ink", "surface"), ("ink-2", "surface"), ("ink-3", "surface"), ("ink-3", "sunken"),
    ("ink-3", "canvas"), ("ink-3", "azurite-tint"), ("ink-3", "paper"), ("ink-2", "sunken"),
    ("ink-2", "azurite-tint"), ("azurite", "surface"), ("azurite", "azurite-tint"),
    ("azurite", "canvas"), ("on-fill", "azurite-fill"), ("on-fill", "azurite-press"),
    ("malachite", "malachite-tint"), ("ochre", "ochre-tint"), ("cinnabar", "surface"),
    ("cinnabar", "cinnabar-tint"), ("ink-2", "cinnabar-tint"), ("ink-2", "ochre-tint"),
    ("ink-3", "cinnabar-tint"), ("ink-3", "ochre-tint"), ("seal", "paper"), ("grave-2", "grave"),
]  # fmt: skip
"""Text and the ground it stands on."""

AA = 4.5
CONTROL = 3.0


def _tokens() -> list[dict[str, str]]:
    """Return the colours, light and dark."""
    text = (settings.PORTAL_STATIC[0] / "tokens.css").read_text("utf-8")
    light, dark = text.split("@media screen and (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6})", part)) for part in (light, dark)]
    return [found[0], found[0] | found[1]]


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", _tokens(), ids=["light", "dark"])
def test_every_pair_of_colours_can_be_read(theme: dict[str, str]) -> None:
    for text, ground in PAIRS:
        assert _contrast(theme[text], theme[ground]) >= AA, (text, ground)
    assert _contrast(theme["edge"], theme["surface"]) >= CONTROL


def test_the_style_sheets_load_nothing() -> None:
    for file in Path(settings.PORTAL_STATIC[0]).glob("*.css"):
        assert not re.search(r"url\(|@import|https?:", file.read_text("utf-8")), file.name


def test_focus_narrow_print_and_reduced_motion_are_looked_after() -> None:
    text = (settings.PORTAL_STATIC[0] / "portal.css").read_text("utf-8")

    for wanted in (":focus-visible", "max-width: 760px", "@media print", "prefers-reduced-motion"):
        assert wanted in text


def test_a_file_is_sent_once_and_then_confirmed() -> None:
    browser = Visit("guoshui")

    first = browser.get("/static/portal.css")
    tag = first.headers["ETag"]
    again = browser.client.get("/static/portal.css", secure=True, headers={"if-none-match": tag})

    assert first.headers["Content-Type"] == "text/css; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")


def test_the_pages_client_is_served_from_the_contract() -> None:
    answer = Visit("guoshui").get("/static/signet.js")

    source = settings.PORTAL_STATIC[1] / "signet.js"
    assert answer.content == source.read_bytes()
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "name", ["../settings.py", "..%2Fsettings.py", "package.json", "none.css", "signet.d.ts", ".."]
)
def test_nothing_else_is_served(name: str) -> None:
    assert Visit("guoshui").get(f"/static/{name}").status_code == 404


def test_no_file_hides_another() -> None:
    names = [path.name for folder in settings.PORTAL_STATIC for path in folder.iterdir()]

    assert len(names) == len(set(names))
