"""``python -m tests.browser_matrix``: run the browsers and write the table of docs/browsers.md."""

import asyncio
import sys

from tests.browser_matrix.seeing import see_all
from tests.browser_matrix.table import render, write


def main() -> int:
    """Carry out the command and return its exit status."""
    table = render(asyncio.run(see_all()))
    write(table)
    sys.stdout.write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
