"""Hold the promised branch coverage, from coverage's JSON report.

What decides whether a signature is made is covered whole; the rest to 95 of 100. Run by ``./test``
after the tests, as ``python tests/coverage_gates.py REPORT``.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path, PurePath
from typing import Any

WHOLE = (
    "agent/signet_agent/daemon/gate.py",
    "agent/signet_agent/daemon/session.py",
    "agent/signet_agent/daemon/policy",
    "agent/signet_agent/daemon/consent.py",
    "agent/signet_agent/daemon/patience.py",
    "agent/signet_agent/daemon/dispatcher.py",
    "agent/signet_agent/daemon/audit",
    "protocol/signet_protocol/codec.py",
)
"""Files and folders of which no line and no branch may go untested."""

USUAL = 95.0
"""Per cent of lines and branches together, for every other folder."""


def faults(report: dict[str, Any]) -> list[str]:
    """Return a sentence for every gate that does not hold.

    Args:
        report: what ``coverage json`` wrote, measured with branches.
    """
    files = {PurePath(name): entry for name, entry in report["files"].items()}
    wrong = [f"{each}: not measured at all" for each in WHOLE if not _below(files, each)]
    folders: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, entry in sorted(files.items()):
        if any(PurePath(each) in (path, *path.parents) for each in WHOLE):
            wrong += _gaps(path, entry)
        else:
            folders[path.parent.as_posix()].append(entry["summary"])
    for folder, summaries in folders.items():
        percent = _percent(summaries)
        if percent < USUAL:
            wrong.append(f"{folder}: {percent:.1f} % of lines and branches, below {USUAL} %")
    return wrong


def _below(files: dict[PurePath, Any], place: str) -> bool:
    return any(PurePath(place) in (path, *path.parents) for path in files)


def _gaps(path: PurePath, entry: dict[str, Any]) -> list[str]:
    lines = entry["missing_lines"]
    branches = entry["missing_branches"]
    if not lines and not branches:
        return []
    return [f"{path}: lines {lines}, branches {branches} were never taken"]


def _percent(summaries: list[dict[str, int]]) -> float:
    covered = sum(each["covered_lines"] + each["covered_branches"] for each in summaries)
    total = sum(each["num_statements"] + each["num_branches"] for each in summaries)
    return 100.0 * covered / total if total else 100.0


def main(report_file: str) -> int:
    """Print the gates that do not hold and return the exit status."""
    wrong = faults(json.loads(Path(report_file).read_text("utf-8")))
    for sentence in wrong:
        sys.stdout.write(f"coverage: {sentence}\n")
    if not wrong:
        sys.stdout.write("coverage: every gate holds\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
