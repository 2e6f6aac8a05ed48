"""A document as the pages show it before and after it is signed: read back from its bytes."""

import json
from typing import Any

from portal.forms.definition import Column, Field, Form, Table
from portal.forms.presentation import cell_text, member_text
from portal.texts import say

Cells = list[tuple[Column, str]]


class DocumentView:
    """What an offered document says, line by line.

    It is read from the bytes, not from the draft: the page shows what will be signed.
    """

    def __init__(self, form: Form, document: bytes) -> None:
        """Read the document."""
        self._form = form
        self._members: dict[str, Any] = json.loads(document)

    def head(self) -> list[tuple[str, str]]:
        """Return who signs, for whom, about what, as label and value."""
        members = self._members
        return [
            (say("member.applicant"), members["applicant"]["name"]),
            (say("member.applicant_code"), members["applicant"]["code"]),
            (say("member.agent"), members["agent"]["name"]),
            (say("member.case_no"), members["case_no"]),
        ]

    def lines(self) -> list[tuple[Field, str]]:
        """Return every line of the form with its value."""
        return [
            (line, member_text(line.kind, self._members[line.key]))
            for line in self._form.fields
            if line.key in self._members and line.kind != "declaration"
        ]

    def summary(self) -> list[tuple[Field, str]]:
        """Return the lines that matter most."""
        return [(line, value) for line, value in self.lines() if line.key in self._form.summary]

    def tables(self) -> list[tuple[Table, list[Cells]]]:
        """Return every table with its rows; personal numbers are masked."""
        return [
            (table, [_cells(table, row) for row in self._members[table.key]])
            for table in self._form.tables
            if table.key in self._members
        ]


def _cells(table: Table, row: dict[str, str]) -> Cells:
    return [(column, cell_text(column, row.get(column.key, ""))) for column in table.columns]
