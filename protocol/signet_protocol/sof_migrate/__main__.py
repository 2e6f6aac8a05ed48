"""``sof-migrate FOLDER``: lists each call of the old functions with what shall stand there."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from signet_protocol.sof_migrate.calls import Finding, find_calls
from signet_protocol.sof_migrate.sources import (
    SourceText,
    UnreadableError,
    read_source,
    source_files,
)

NOTHING_FOUND, FOUND, TROUBLE = 0, 1, 2
"""Exit codes: no old call is left; there are some; something could not be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="sof-migrate",
        description="List the SOF_ calls of a site's pages, and what shall stand there instead.",
        epilog="Exit codes: 0 no call is left, 1 calls were found, 2 something could not be read.",
    )
    parser.add_argument("folder", type=Path, help="where the pages and scripts of the site are")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        sys.stderr.write(f"sof-migrate: {_visible(str(options.folder))} is no folder\n")
        return TROUBLE
    sources, unread = _read(options.folder)
    findings = find_calls(sources)
    write = _write_json if options.json else _write_text
    write(len(sources), findings, unread)
    if unread:
        return TROUBLE
    return FOUND if findings else NOTHING_FOUND


def _read(folder: Path) -> tuple[list[SourceText], dict[str, str]]:
    sources, unread = [], {}
    for path in source_files(folder):
        try:
            sources.append(read_source(folder, path))
        except UnreadableError as error:
            unread[path.relative_to(folder).as_posix()] = str(error)
    return sources, unread


def _write_text(read: int, findings: list[Finding], unread: dict[str, str]) -> None:
    for each in findings:
        sys.stdout.write(
            f"{_visible(each.file)}:{each.line}: {_title(each)}\n"
            f"    page:   {each.replace}\n"
            f"    server: {each.server}\n"
        )
    sys.stdout.write(f"{len(findings)} places to change, {read} files read\n")
    for name, why in unread.items():
        sys.stderr.write(f"sof-migrate: {_visible(name)}: {why}\n")


def _title(finding: Finding) -> str:
    function = finding.function
    if function is None:
        return f"{_visible(finding.name)} ({finding.kind})"
    name = finding.name
    title = name if name == function.name else f"{name}, which is {function.name}"
    return f"{title} (refused as {function.error})" if function.where == "refused" else title


def _write_json(read: int, findings: list[Finding], unread: dict[str, str]) -> None:
    document = {
        "files_read": read,
        "findings": [_record(each) for each in findings],
        "unread": [{"file": name, "why": why} for name, why in unread.items()],
    }
    octets = msgspec.json.format(msgspec.json.encode(document), indent=2)
    sys.stdout.write(octets.decode("utf-8", "backslashreplace") + "\n")


def _record(finding: Finding) -> dict[str, object]:
    function = finding.function
    return {
        "file": _visible(finding.file),
        "line": finding.line,
        "kind": finding.kind,
        "name": _visible(finding.name),
        "function": function.name if function else None,
        "where": function.where if function else None,
        "error": function.error or None if function else None,
        "replace": finding.replace,
        "server": finding.server,
    }


def _visible(text: str) -> str:
    """Return a text without characters that would steer a terminal or cannot be written."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "replace").decode("ascii")
        for each in text
    )


if __name__ == "__main__":
    sys.exit(main())
