"""``signet audit list|verify|export``: the log, read without the agent."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from signet_agent.commands.base import answer
from signet_agent.daemon.audit import (
    ChainReport,
    RecordStorage,
    SqliteStorage,
    read_marks,
    verify_chain,
)
from signet_agent.errors import SettingsError
from signet_agent.settings import Settings

_LISTED = 50
"""Records ``list`` shows, the newest first; ``export`` gives them all."""


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """List, verify or export the log.

    Raises:
        AuditUnavailableError: there is none, or it cannot be read.
    """
    storage = SqliteStorage(settings.audit_file, writable=False)
    try:
        return {"list": _list, "verify": _verify, "export": _export}[parsed.action](parsed, storage)
    finally:
        storage.close()


def _list(parsed: argparse.Namespace, storage: RecordStorage) -> int:
    records = []
    for record in storage.newest():
        records.append({"seq": record.seq, **json.loads(record.body)})
        if len(records) == _LISTED:
            break
    lines = (_line(record) for record in records)
    answer(records, lines, as_json=parsed.json)
    return 0


def _verify(parsed: argparse.Namespace, storage: RecordStorage) -> int:
    report = verify_chain(storage.read(), _read_marks(parsed.marks))
    answer({"intact": report.intact, **_fields(report)}, _judgement(report), as_json=parsed.json)
    return 0 if report.intact else 1


def _read_marks(file: Path | None) -> list[tuple[int, str]]:
    """Return the marks that others kept.

    Raises:
        SettingsError: the file cannot be read, or holds none.
    """
    if file is None:
        return []
    try:
        marks = list(read_marks(file.read_text("utf-8", errors="replace").splitlines()))
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    if not marks:
        raise SettingsError(f"{file}: no marks in it, such as “seq=200 head=…”")
    return marks


def _judgement(report: ChainReport) -> Iterator[str]:
    if report.broken_at is not None:
        yield f"第 {report.broken_at} 条不连续。 Broken at record {report.broken_at}."
    if report.contradicted:
        first = report.contradicted[0]
        yield f"第 {first} 条与旁证不符：记录被换过，或者被截短了。"
        yield f"Record {first} is not what a mark says: the log was replaced, or cut."
    if report.intact:
        kept = report.records - report.pruned
        yield f"完好，{kept} 条记录。 Intact, {kept} records. head {report.head}"
    if report.pruned:
        yield f"前 {report.pruned} 条已按期删除。 The first {report.pruned} were let go of in time."


def _export(parsed: argparse.Namespace, storage: RecordStorage) -> int:
    """Write every record as one line of JSON: number, body as it was chained, head."""
    del parsed
    for record in storage.read():
        line = {"seq": record.seq, "body": record.body, "head": record.head.hex()}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


def _line(record: dict[str, object]) -> str:
    keys: Iterator[str] = (k for k in ("origin", "operation", "title", "outcome") if k in record)
    return f"{record['seq']:>6}  {record['at']}  {record['kind']:<8}" + "".join(
        f"  {record[key]}" for key in keys
    )


def _fields(report: object) -> dict[str, object]:
    import msgspec

    return dict(msgspec.to_builtins(report))
