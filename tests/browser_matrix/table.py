"""The table of docs/browsers.md, between its two marks: written from what was seen."""

import re
from pathlib import Path

from tests.browser_matrix.seeing import NAMES, Seen
from tests.kit.source import TOP

PAGE = TOP / "docs" / "browsers.md"

BEGIN, END = "<!-- seen by the tests: begin -->", "<!-- seen by the tests: end -->"

_BETWEEN = re.compile(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", re.DOTALL)


def render(seen: dict[str, Seen]) -> str:
    """Return the table: a row for each circumstance, a column for each browser."""
    lines = ["| | Chromium | Firefox |", "| --- | --- | --- |"]
    for name, title in NAMES.items():
        cells = (_cell(of_browser[name]) for of_browser in seen.values())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "".join(f"{line}\n" for line in lines)


def written(page: Path = PAGE) -> str:
    """Return the table as the page has it."""
    found = _BETWEEN.search(page.read_text("utf-8"))
    assert found is not None, f"{page.name} has lost its marks"
    return found[1]


def write(table: str, page: Path = PAGE) -> None:
    """Put a table into the page in place of the old one."""
    text = page.read_text("utf-8")
    page.write_text(_BETWEEN.sub(lambda _: f"{BEGIN}\n{table}{END}", text), "utf-8")


def _cell(outcome: str) -> str:
    return f"`{outcome}`" if "." in outcome else outcome
