"""``python -m demo``: the demonstration, for a person or as a check."""

import argparse
import sys
from pathlib import Path


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
    from demo.show import run_show

    return run_show()


if __name__ == "__main__":
    sys.exit(main())
