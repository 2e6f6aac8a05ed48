"""The bytes that are signed: one canonical JSON document (RFC 8785) per offer.

They are made once, stored, sent to the page as they are, and compared with what comes back as
they are; nothing is ever serialised a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from portal.forms.definition import Form, Table
from portal.forms.filling import Filling, Row
from portal.forms.occasion import Occasion
from portal.forms.values import plain
from portal.texts import Text, catalogue

Members = dict[str, Any]

_BEFORE = ("period", "applicant", "applicant.name", "applicant.code")
_BEHIND = (
    "agent",
    "agent.name",
    "agent.cid",
    "mandate_id",
    "case_no",
    "replaces",
    "filled_at",
    "form",
    "once",
)
"""The head's members, before and behind the form's own lines."""


@dataclass(frozen=True)
class Head:
    """What every document says beside its form.

    Attributes:
        case_no: the number of the case.
        once: a value never used before; a second submission of the same bytes dies on it.
        applicant: name and code of the enterprise.
        agent: name and citizen number of the person who acts for it.
        mandate_id: the mandate under which the person acts.
        filled_at: when the document was made, in the city's time zone.
        replaces: the accepted case this one corrects, or empty.
    """

    case_no: str
    once: str
    applicant: dict[str, str]
    agent: dict[str, str]
    mandate_id: str
    filled_at: datetime
    replaces: str = ""


def compose(occasion: Occasion, filling: Filling, head: Head) -> bytes:
    """Return the canonical document of a settled filling."""
    members: Members = {
        "form": occasion.form.key,
        "period": occasion.period,
        "applicant": head.applicant,
        "agent": head.agent,
        "mandate_id": head.mandate_id,
        "case_no": head.case_no,
        "once": head.once,
        "filled_at": head.filled_at.isoformat(timespec="seconds"),
        **dict(_lines(occasion.form, filling)),
        **dict(_tables(occasion.form, filling)),
    }
    if head.replaces:
        members["replaces"] = head.replaces
    return rfc8785.dumps(members)


def _lines(form: Form, filling: Filling) -> Iterator[tuple[str, str]]:
    for line in form.fields:
        value = filling.values.get(line.key)
        if not line.reference and value is not None:
            yield line.key, plain(line.kind, value)


def _tables(form: Form, filling: Filling) -> Iterator[tuple[str, list[dict[str, str]]]]:
    for table in form.tables:
        rows = [_row(table, row) for row in filling.rows[table.key]]
        if rows:
            yield table.key, rows


def _row(table: Table, row: Row) -> dict[str, str]:
    cells = ((column, row[column.key]) for column in table.columns)
    return {column.key: plain(column.kind, cell) for column, cell in cells if cell is not None}


def labels(form: Form) -> dict[str, Text]:
    """Return the label of every member a document of this form can have, in reading order.

    Members of nested records and columns of tables are named by dotted path.
    """
    texts = catalogue()
    found = {key: texts[f"member.{key.replace('.', '_')}"] for key in _BEFORE}
    found |= {line.key: line.window_label for line in form.fields if not line.reference}
    for table in form.tables:
        found[table.key] = table.label
        found |= {f"{table.key}.{column.key}": column.label for column in table.columns}
    return found | {key: texts[f"member.{key.replace('.', '_')}"] for key in _BEHIND}
