"""A form as data: what its TOML file may say. Every record checks itself when it is read.

The same definition makes the page, the rules, the signed document and the machine policy's
labels, so that the page and the agent's window cannot name one thing differently.
"""

from typing import Literal

import msgspec

from portal.forms.expressions import expression, message_expressions
from portal.forms.values import Kind
from portal.texts import Text

Source = Literal["R1", "R2", "R3", "R4", "prev", "calc", "sys", "x:SG5", ""]
"""Where a value comes from; the page says it beside the value. Empty: the person types it."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a form; a word of the file that nothing reads is a mistake."""


class Check(Record, frozen=True):
    """A hard check: unless ``test`` holds, nothing is signed and ``message`` says why."""

    test: str
    message: Text

    def __post_init__(self) -> None:
        """Parse the rule and the rules inside the message."""
        expression(self.test)
        for sentence in self.message.both().values():
            message_expressions(sentence)


class Choice(Record, frozen=True):
    """One of several values; ``code`` is what is signed."""

    code: str
    label: Text


class Column(Record, frozen=True):
    """A column of a table; ``masked`` hides the middle of a personal number on the page."""

    key: str
    label: Text
    kind: Kind
    choices: tuple[Choice, ...] = ()
    required: bool = True
    masked: bool = False
    checks: tuple[Check, ...] = ()


class Table(Record, frozen=True):
    """Rows of one shape.

    ``editable`` rows are typed; ``locked`` rows come from a register; ``pick`` rows come from a
    register and the person ticks which to use (the first column tells them apart).
    """

    key: str
    label: Text
    mode: Literal["editable", "locked", "pick"]
    columns: tuple[Column, ...]
    prefill: str = ""
    source: Source = ""
    required: bool = True
    hint: Text | None = None
    pick: str = ""
    """Whether a row is ticked at first; an expression over its columns."""


class Field(Record, frozen=True):
    """One line of the form: typed, taken from a register (``locked``), or computed.

    ``line`` is the number printed before it. ``when`` is a rule: the field exists only while it
    holds. ``formula`` computes it; ``rule`` names a function of the department's ``rules.py``.
    ``reference`` makes it a figure to compare with: rules may use it, it is neither drawn nor
    signed. Braces in ``hint`` hold expressions.
    """

    key: str
    label: Text
    kind: Kind
    line: str = ""
    hint: Text | None = None
    formula: str = ""
    rule: str = ""
    prefill: str = ""
    default: str = ""
    source: Source = ""
    locked: bool = False
    reference: bool = False
    required: bool = True
    when: str = ""
    shortest: int = 0
    checks: tuple[Check, ...] = ()

    def __post_init__(self) -> None:
        """Parse the rules."""
        for rule in (self.formula, self.when):
            if rule:
                expression(rule)
        for sentence in self.hint.both().values() if self.hint else ():
            message_expressions(sentence)

    @property
    def computed(self) -> bool:
        """Whether the person cannot type it."""
        return bool(self.formula or self.rule or self.locked)

    @property
    def window_label(self) -> Text:
        """Return the label as the agent's window and the paper show it: number, then name."""
        if not self.line:
            return self.label
        return Text(zh=f"{self.line} {self.label.zh}", en=f"{self.line} {self.label.en}")


class Section(Record, frozen=True):
    """A heading of the page with lines or with one table below it."""

    title: Text
    note: Text | None = None
    fields: tuple[Field, ...] = ()
    table: Table | None = None


class Paper(Record, frozen=True):
    """What the agent's window says of the document; policy, never part of what is signed."""

    kind: Text
    title: Text
    after: tuple[Text, ...]
    total: str = ""


class Receipt(Record, frozen=True):
    """What the receipt shows of the document, and what comes next."""

    rows: tuple[str, ...]
    next_step: Text
    seal: tuple[str, str]


class Deadline(Record, frozen=True):
    """When the form is due; ``rule`` names a function of ``rules.py`` that gives the day."""

    title: Text
    rule: str
    note: Text
    late: Text


class Form(Record, frozen=True):
    """A whole form, one file of a department's folder."""

    id: str
    version: int
    system: str
    verb: str
    period: Literal["month", "year"]
    name: Text
    lead: Text
    subject: Text
    """What the filled-in person is called: taxpayer, enterprise."""

    prepare: tuple[Text, ...]
    deadline: Deadline
    sections: tuple[Section, ...]
    paper: Paper
    receipt: Receipt
    summary: tuple[str, ...]
    """The fields shown above the button that signs, in order."""

    @property
    def key(self) -> str:
        """Return what the document's member ``form`` says: ``gs1/1``."""
        return f"{self.id}/{self.version}"

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return every line, in reading order."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return every table, in reading order."""
        return tuple(section.table for section in self.sections if section.table)

    def field(self, key: str) -> Field:
        """Return a line by its key."""
        return next(field for field in self.fields if field.key == key)

    @property
    def total(self) -> Field | None:
        """Return the line that is drawn as the sum."""
        return self.field(self.paper.total) if self.paper.total else None
