"""What docs/browsers.md says of the browsers is what they do."""

from pathlib import Path

import pytest

from tests.browser_matrix.seeing import NAMES, see_all
from tests.browser_matrix.table import BEGIN, END, render, write, written

pytestmark = pytest.mark.screen


async def test_the_table_says_what_the_browsers_do() -> None:
    assert render(await see_all()) == written()


def test_a_table_that_is_written_is_read_back(tmp_path: Path) -> None:
    page = tmp_path / "browsers.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    table = render({each: dict.fromkeys(NAMES, "client.framed") for each in ("one", "two")})
    write(table, page)
    assert written(page) == table
    assert page.read_text("utf-8").startswith("before\n")
    assert page.read_text("utf-8").endswith("after\n")
