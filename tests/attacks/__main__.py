"""``python -m tests.attacks``: play attack cases against the agent and say how it stood.

Prints one line per case, with ``--json`` one JSON object ``{"id", "ok", "seen"}``. The exit status
is 0 when every case is well, 1 when one is not, 2 when the cases cannot be read.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from tests.attacks.case import Case, CasesError, read_cases
from tests.attacks.runner import Verdict, run_case

OWN_CASES = Path(__file__).with_name("cases.jsonl")


def main(arguments: list[str]) -> int:
    """Play the cases that the arguments name; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        cases = read_cases(options.cases, options.group)
    except CasesError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    well = 0
    for case in cases:
        verdict = asyncio.run(run_case(case, full=options.full))
        well += verdict.ok
        sys.stdout.write((_as_json if options.json else _as_line)(case, verdict) + "\n")
        sys.stdout.flush()
    if not options.json:
        sys.stdout.write(f"{well} of {len(cases)} cases are well.\n")
    return 0 if well == len(cases) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--cases", type=Path, default=OWN_CASES, help="a file of cases, JSON lines")
    parser.add_argument("--group", default="", help="a prefix of ids, such as TR, or a group")
    parser.add_argument("--json", action="store_true", help="one JSON object per case")
    parser.add_argument("--full", action="store_true", help="the big counts in full")
    return parser


def _as_json(case: Case, verdict: Verdict) -> str:
    line = {"id": case.id, "ok": verdict.ok, "seen": verdict.summary}
    return json.dumps(line, ensure_ascii=False)


def _as_line(case: Case, verdict: Verdict) -> str:
    return f"{case.id}  {'well  ' if verdict.ok else 'BROKEN'}  {case.title}: {verdict.summary}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
