"""Judging what a person entered: values, computed lines, hard checks.

Sections are taken in reading order, so that a line may use every line above it. A line that fails
a check counts as not settled: whatever is computed from it waits, and says for which line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from portal.forms.definition import Check, Column, Field, Table
from portal.forms.expressions import (
    MissingValueError,
    Scope,
    Value,
    expression,
    fill_message,
    round_half_up,
)
from portal.forms.occasion import Occasion, Rows
from portal.forms.values import NUMBERS, InputError, read
from portal.texts import say

MAX_ROWS = 100
"""Rows a person types into one table; more come from a register or as a file."""


class DraftError(Exception):
    """A draft names a field, table or row that its form does not have; the page's fault."""


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends: what was typed, as it was typed."""

    fields: dict[str, str] = {}
    tables: dict[str, list[dict[str, str]]] = {}


@dataclass(frozen=True)
class Problem:
    """One reason why nothing can be signed yet.

    Attributes:
        where: ``field``, ``table`` or ``table.row.column``.
        message: a sentence for the person.
        absent: nothing was entered yet, which is no mistake until the person wants to go on.
    """

    where: str
    message: str
    absent: bool = False


Row = dict[str, Value | None]


@dataclass
class Filling:
    """A judged draft.

    Attributes:
        values: each line's value; ``None`` while it is not settled.
        rows: each table's used rows.
        problems: what stands in the way of a signature.
        waits: for each computed line without a value, the key it waits for.
        absent: lines whose condition does not hold.
        hints: each line's explanation, its braces filled.
    """

    values: dict[str, Value | None] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    waits: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    hints: dict[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether everything is there and every check holds."""
        return not self.problems and not self.waits


def begin(occasion: Occasion) -> Draft:
    """Return the draft a person starts with: what the registers know, the rest empty."""
    fields = {
        line.key: occasion.fact(line.prefill) or line.default
        for line in occasion.form.fields
        if not line.computed
    }
    tables = {
        table.key: _first_rows(occasion, table)
        for table in occasion.form.tables
        if table.mode != "locked"
    }
    return Draft(fields, tables)


def _first_rows(occasion: Occasion, table: Table) -> Rows:
    records = occasion.records(table.prefill)
    if table.mode == "editable":
        return [dict(record) for record in records]
    key = table.columns[0].key
    rule = expression(table.pick)
    return [{key: record[key]} for record in records if rule.holds(Scope(record))]


def fill(occasion: Occasion, draft: Draft) -> Filling:
    """Return a draft judged by its form.

    Raises:
        DraftError: it names something the form does not have.
    """
    _refuse_strangers(occasion, draft)
    filling = Filling()
    names: dict[str, object] = {
        "today": occasion.today.isoformat(),
        "period": occasion.period,
        "deadline": occasion.rule(occasion.form.deadline.rule),
    }
    for section in occasion.form.sections:
        if section.table:
            _TableFiller(occasion, draft, filling, names).take(section.table)
        for line in section.fields:
            _LineFiller(occasion, draft, filling, names).take(line)
    return filling


def _refuse_strangers(occasion: Occasion, draft: Draft) -> None:
    typed = {line.key for line in occasion.form.fields if not line.computed}
    tables = {table.key: table for table in occasion.form.tables if table.mode != "locked"}
    if not draft.fields.keys() <= typed or not draft.tables.keys() <= tables.keys():
        message = "the draft has a field or table that cannot be typed"
        raise DraftError(message)
    for key, rows in draft.tables.items():
        columns = {column.key for column in tables[key].columns}
        if len(rows) > MAX_ROWS or any(not row.keys() <= columns for row in rows):
            message = "the draft has too many rows, or a cell that is in no column"
            raise DraftError(message)


@dataclass(frozen=True)
class _Filler:
    occasion: Occasion
    draft: Draft
    filling: Filling
    names: dict[str, object]

    def report(self, where: str, message: str, *, absent: bool = False) -> None:
        self.filling.problems.append(Problem(where, message, absent))

    def passes(self, checks: tuple[Check, ...], scope: Scope, where: str) -> bool:
        """Whether every check holds; one that still waits for a value is left for later."""
        for check in checks:
            try:
                if not expression(check.test).holds(scope):
                    self.report(where, fill_message(str(check.message), scope))
                    return False
            except MissingValueError:
                continue
        return True


class _LineFiller(_Filler):
    """Takes the lines of a section."""

    def take(self, line: Field) -> None:
        scope = Scope(self.names)
        self.filling.hints[line.key] = self._hint(line, scope)
        if line.when and not self._exists(line, scope):
            self.filling.absent.add(line.key)
            value = None
        else:
            value = self._value(line, scope)
        self.filling.values[line.key] = self.names[line.key] = value
        if value is not None and not self.passes(line.checks, scope, line.key):
            self.filling.values[line.key] = self.names[line.key] = None

    def _hint(self, line: Field, scope: Scope) -> str:
        try:
            return fill_message(str(line.hint), scope) if line.hint else ""
        except MissingValueError:
            return ""

    def _exists(self, line: Field, scope: Scope) -> bool:
        try:
            return expression(line.when).holds(scope)
        except MissingValueError:
            return False

    def _value(self, line: Field, scope: Scope) -> Value | None:
        if line.formula:
            return self._computed(line, scope)
        if line.rule:
            return read(line.kind, self.occasion.rule(line.rule))
        if line.locked:
            typed = self.occasion.fact(line.prefill) or line.default
        else:
            typed = self.draft.fields.get(line.key, "").strip()
            if not (typed or line.required):
                typed = line.default
        return self._typed(line, typed)

    def _computed(self, line: Field, scope: Scope) -> Value | None:
        try:
            value = expression(line.formula).value(scope)
        except MissingValueError as missing:
            self.filling.waits[line.key] = self.filling.waits.get(missing.key, missing.key)
            return None
        if line.kind in NUMBERS:
            return round_half_up(value, Decimal(0 if line.kind == "integer" else 2))
        return str(value)

    def _typed(self, line: Field, typed: str) -> Value | None:
        if not typed:
            if line.required:
                ticked = line.kind == "declaration"
                self.report(
                    line.key, say("fault.undeclared" if ticked else "fault.absent"), absent=True
                )
            return None
        try:
            value = read(line.kind, typed)
        except InputError as error:
            self.report(line.key, str(error))
            return None
        if len(typed) < line.shortest:
            self.report(line.key, say("fault.too_short", limit=line.shortest))
            return None
        return value


class _TableFiller(_Filler):
    """Takes the table of a section."""

    def take(self, table: Table) -> None:
        used: list[Row] = []
        for index, record in self._records(table):
            row: Row = {column.key: None for column in table.columns}
            for column in table.columns:
                row[column.key] = self._cell(column, record, f"{table.key}.{index}.{column.key}")
            for column in table.columns:
                self._check(column, row, f"{table.key}.{index}.{column.key}")
            used.append(row)
        if table.required and not used:
            self.report(table.key, say("fault.no_rows"), absent=True)
        self.filling.rows[table.key] = used
        self.names[table.key] = used

    def _records(self, table: Table) -> list[tuple[int, Mapping[str, str]]]:
        known = list(enumerate(self.occasion.records(table.prefill)))
        if table.mode == "locked":
            return [(index, record) for index, record in known]
        typed = self.draft.tables.get(table.key, [])
        if table.mode == "editable":
            return [
                (index, row)
                for index, row in enumerate(typed)
                if any(cell.strip() for cell in row.values())
            ]
        key = table.columns[0].key
        ticked = {row.get(key, "") for row in typed}
        if not ticked <= {record[key] for _, record in known}:
            message = "the draft ticks a row that the register does not have"
            raise DraftError(message)
        return [(index, record) for index, record in known if record[key] in ticked]

    def _cell(self, column: Column, record: Mapping[str, str], where: str) -> Value | None:
        typed = record.get(column.key, "").strip()
        if not typed:
            if column.required:
                self.report(where, say("fault.absent"), absent=True)
            return None
        if column.choices and typed not in {choice.code for choice in column.choices}:
            self.report(where, say("fault.choice"))
            return None
        try:
            return read(column.kind, typed)
        except InputError as error:
            self.report(where, str(error))
            return None

    def _check(self, column: Column, row: Row, where: str) -> None:
        scope = Scope(row, Scope(self.names))
        if row[column.key] is not None and not self.passes(column.checks, scope, where):
            row[column.key] = None
