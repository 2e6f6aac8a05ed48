"""``python -m demo``: the demonstration, for a person or as a check."""

import argparse
import os
import sys
from pathlib import Path

NO_SCREEN = 4
"""Exit status where there is no screen to show anything on."""


def main() -> int:
    """Carry out what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(prog="demo", description="the demonstration city")
    parser.add_argument("--check", action="store_true", help="without a person, in two browsers")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the check leaves its files")
    words = parser.parse_args()
    if words.check != (words.out is not None):
        parser.error("--check and --out DIR belong together")
    if words.check:
        from demo.check import run_check

        return run_check(words.out.resolve())
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        sys.stderr.write(
            "这里没有屏幕。 There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.\n"
            "Without one: ./demo --check --out DIR\n"
        )
        return NO_SCREEN
    from demo.show import run_show

    return run_show()


if __name__ == "__main__":
    sys.exit(main())
