"""A judged form as the page draws it: every line and cell with its label, value and fault."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.forms.definition import Choice, Column, Field, Form, Source, Table
from portal.forms.filling import Draft, Filling
from portal.forms.occasion import Occasion
from portal.forms.values import DECLARED, NUMBERS, Kind, read, shown
from portal.texts import Text, say

_CITIZEN = re.compile(r"\d{17}[\dX]")
"""The form of a citizen's number; the middle of it tells birthday and district."""

SPARE_ROWS = 1
"""An editable table without rows shows one empty row to begin with."""


@dataclass(frozen=True)
class LineView:
    """One line of the form.

    Attributes:
        field: its definition.
        typed: what stands in its input.
        shown: its computed value, or what it waits for.
        waiting: whether the computed value is not there yet.
        hint: the explanation under the label.
        fault: what is wrong, empty when nothing is or nothing was entered yet.
        absent: whether the line does not exist at the moment.
        total: whether it is the sum line.
        source: where the value comes from, in words.
    """

    field: Field
    typed: str
    shown: str
    waiting: bool
    hint: str
    fault: str
    absent: bool
    total: bool
    source: str

    @property
    def ticked(self) -> bool:
        """Whether a declaration's box is ticked."""
        return self.typed == DECLARED

    @property
    def wide(self) -> bool:
        """Whether it holds words rather than a figure."""
        return self.field.kind not in NUMBERS


@dataclass(frozen=True)
class CellView:
    """One cell: its column, what is typed or shown in it, and what is wrong."""

    column: Column
    typed: str
    shown: str
    fault: str

    @property
    def number(self) -> bool:
        """Whether it holds a figure to be typed or read; a choice is none."""
        return self.column.kind in NUMBERS and not self.column.choices

    @property
    def words(self) -> bool:
        """Whether it holds words that need room."""
        return self.column.kind not in NUMBERS and not self.column.choices


@dataclass(frozen=True)
class RowView:
    """One row; ``ticked`` where rows are picked; ``key`` tells rows of a register apart."""

    key: str
    ticked: bool
    cells: tuple[CellView, ...]


@dataclass(frozen=True)
class TableView:
    """One table with its rows, and an empty row to make more from."""

    table: Table
    rows: tuple[RowView, ...]
    spare: RowView
    fault: str
    source: str


@dataclass(frozen=True)
class SectionView:
    """A heading with lines or a table."""

    title: Text
    note: Text | None
    lines: tuple[LineView, ...]
    table: TableView | None


class FormView:
    """Draws one form for one filling."""

    def __init__(self, occasion: Occasion, draft: Draft, filling: Filling) -> None:
        """Take what is drawn; faults of what was not entered yet are left out."""
        self._occasion = occasion
        self._draft = draft
        self._filling = filling
        self._faults = {
            problem.where: problem.message for problem in filling.problems if not problem.absent
        }

    def sections(self) -> tuple[SectionView, ...]:
        """Return the form from top to bottom."""
        return tuple(
            SectionView(
                title=section.title,
                note=section.note,
                lines=tuple(self._line(line) for line in section.fields if not line.reference),
                table=self._table(section.table) if section.table else None,
            )
            for section in self._occasion.form.sections
        )

    def _line(self, line: Field) -> LineView:
        value = self._filling.values.get(line.key)
        return LineView(
            field=line,
            typed=self._draft.fields.get(line.key, ""),
            shown=line_text(self._occasion.form, self._filling, line),
            waiting=value is None,
            hint=self._filling.hints.get(line.key, ""),
            fault=self._faults.get(line.key, ""),
            absent=line.key in self._filling.absent,
            total=line.key == self._occasion.form.paper.total,
            source=_source(line.source),
        )

    def _table(self, table: Table) -> TableView:
        return TableView(
            table=table,
            rows=tuple(self._rows(table)),
            spare=_row(table, {}, {}, ""),
            fault=self._faults.get(table.key, ""),
            source=_source(table.source),
        )

    def _rows(self, table: Table) -> Iterator[RowView]:
        typed = self._draft.tables.get(table.key, [])
        key = table.columns[0].key
        ticked = {row.get(key, "") for row in typed}
        records = self._occasion.records(table.prefill)
        if table.mode == "editable":
            records = typed or [{}] * SPARE_ROWS
        for index, record in enumerate(records):
            place = f"{table.key}.{index}"
            yield _row(table, record, self._faults, place, ticked=record.get(key, "") in ticked)


def line_text(form: Form, filling: Filling, line: Field) -> str:
    """Return a computed line's value as the page shows it, or what it waits for."""
    value = filling.values.get(line.key)
    if value is not None:
        return shown(line.kind, value)
    cause = filling.waits.get(line.key, "")
    numbers = {other.key: other.line for other in form.fields if other.line}
    if line.key == form.paper.total and cause in numbers:
        return say("form.waits_for_line", line=numbers[cause])
    return say("form.waits")


def _row(
    table: Table,
    record: Mapping[str, str],
    faults: Mapping[str, str],
    place: str,
    *,
    ticked: bool = False,
) -> RowView:
    return RowView(
        key=record.get(table.columns[0].key, ""),
        ticked=ticked,
        cells=tuple(
            CellView(
                column=column,
                typed=record.get(column.key, ""),
                shown=cell_text(column, record.get(column.key, "")),
                fault=faults.get(f"{place}.{column.key}", ""),
            )
            for column in table.columns
        ),
    )


def cell_text(column: Column, text: str) -> str:
    """Return a register's or a document's cell as the page shows it."""
    named: dict[str, Choice] = {choice.code: choice for choice in column.choices}
    if text in named:
        return str(named[text].label)
    if column.masked and _CITIZEN.fullmatch(text):
        return f"{text[:4]}{'*' * 10}{text[14:]}"
    return member_text(column.kind, text) if text else ""


def member_text(kind: Kind, text: str) -> str:
    """Return a plain value, as documents and registers hold it, as the page shows it."""
    return shown(kind, read(kind, text))


def _source(source: Source) -> str:
    """Say where a prefilled value comes from; a computed one explains itself."""
    if source in {"", "calc", "sys"}:
        return ""
    return say(f"source.{source.replace(':', '_')}")
