"""Forms (``application/json``, canonical): every member a row, named as policy names it.

Nothing of the document is left out: a member without a label is shown by its own name. Nothing
but the document is shown either: labels, title and the sentences come from policy, and a
sentence's places are filled from the document's own members.
"""

import re
from collections.abc import Iterator, Mapping

from signet_agent.channel.document_messages import FormView, Shown
from signet_agent.documents.previews.base import (
    MAX_PARAGRAPH_CHARS,
    NotShowableError,
    mark,
    require_bounds,
    reveal,
)
from signet_agent.documents.previews.canonical import Scalar, Value, read_canonical
from signet_agent.model import Paper, Row

MAX_ROWS = 5_000
"""A declaration of five hundred lines with nine columns each."""

MAX_LEVEL = 6
"""Nesting of records and tables. The city's forms need two; the window indents each level."""

MAX_INSERTED_CHARS = 120
"""A value inside a sentence of policy: an amount, a date, a name or an address of a site. A longer
one would put the page's words where only policy speaks."""

_FORM_MEMBER = "form"
_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]{0,20})(\.[0-9]{2})\Z")
_PLACE = re.compile(r"\{([^{}]*)\}")

_NO_PATH = "="
"""The path of a member whose own name has a point or an equals sign: it could spell the path of
another, so it never gets a label."""

_UNKNOWN_FORM = FormView(title="", labels={})


class FormPreview:
    """Shows form documents by the labels of the form that they name themselves."""

    def show(self, content: bytes, forms: Mapping[str, FormView]) -> Shown:
        """Return title, rows and sentences of a form.

        A form that policy does not know is shown by the names of its members.

        Raises:
            NotShowableError: the document is not canonical, too large to be read, has a member
                named like a label of another, or lacks one that a sentence names.
        """
        document = read_canonical(content)
        named = document.get(_FORM_MEMBER)
        form = named if isinstance(named, str) and named in forms else ""
        view = forms[form] if form else _UNKNOWN_FORM
        rows = tuple(_bounded(_Form(view).rows(document)))
        after = tuple(_fill(sentence, document, view) for sentence in view.after)
        require_bounds(text for row in rows for text in (row.label, row.value))
        return Shown(Paper(view.title, rows), form, after)


class _Form:
    """A form's labels, by the dotted path of the member: ``tax_due``, ``applicant.name``.

    The columns of a table are named below the table: ``sales.rate``. ``declared=true`` names what
    a true ``declared`` is called.
    """

    def __init__(self, view: FormView) -> None:
        """Index the labels."""
        self._labels = view.labels
        self._total = view.total
        self._position = {path: position for position, path in enumerate(view.labels)}
        self._spoken_for = frozenset(view.labels.values())

    def rows(self, members: Mapping[str, Value], path: str = "", level: int = 0) -> Iterator[Row]:
        """Yield one row or more for every member: the labelled in order of the labels first."""
        named = [(_join(path, name), name) for name in members]
        named.sort(key=lambda each: self._position.get(each[0], len(self._position)))
        for own_path, name in named:
            yield from self._member(self._label(own_path, name), members[name], own_path, level)

    def _member(self, label: str, value: Value, path: str, level: int) -> Iterator[Row]:
        if level > MAX_LEVEL:
            message = f"the form is nested deeper than {MAX_LEVEL}"
            raise NotShowableError(message)
        if isinstance(value, dict):
            yield Row(label, "" if value else mark("{}"), level)
            yield from self.rows(value, path, level + 1)
        elif isinstance(value, list) and value:
            for number, item in enumerate(value, 1):
                inner = level + isinstance(item, list)
                yield from self._member(f"{label} {number}", item, path, inner)
        elif isinstance(value, list):
            yield Row(label, mark("[]"), level)
        else:
            shown = _show_scalar(value, path, self._labels)
            yield Row(label, shown, level, path == self._total)

    def _label(self, path: str, name: str) -> str:
        label = self._labels.get(path)
        if label is not None:
            return label
        shown = _show_text(name, keep="")
        if shown in self._spoken_for:
            message = "a member without a label is named like the label of another"
            raise NotShowableError(message)
        return shown


def _join(path: str, name: str) -> str:
    if path == _NO_PATH or "." in name or "=" in name:
        return _NO_PATH
    return f"{path}.{name}" if path else name


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        if number > MAX_ROWS:
            message = f"the form has more than {MAX_ROWS} rows"
            raise NotShowableError(message)
        yield row


def _show_scalar(value: Scalar, path: str, labels: Mapping[str, str], keep: str = "\n\t") -> str:
    """Return a value as a person reads it: amounts in groups of three, all else literally."""
    if value is None:
        return mark("null")
    if isinstance(value, bool):
        word = "true" if value else "false"
        return labels.get(f"{path}={word}", word)
    if isinstance(value, int):
        return str(value)
    amount = _AMOUNT.match(value)
    if amount is None:
        return _show_text(value, keep)
    return f"{amount[1]}{int(amount[2]):,}{amount[3]}"


def _show_text(text: str, keep: str) -> str:
    """Return a text with marks; one that is empty or blank is shown as one mark.

    Raises:
        NotShowableError: it is longer than the window can lay out.
    """
    if text.strip():
        shown = reveal(text, keep)
    else:
        shown = mark(" ".join(f"U+{ord(each):04X}" for each in text))
    if len(shown) > MAX_PARAGRAPH_CHARS:
        message = f"a name or value is longer than {MAX_PARAGRAPH_CHARS} characters"
        raise NotShowableError(message)
    return shown


def _fill(sentence: str, document: Mapping[str, Value], view: FormView) -> str:
    """Fill the places of a sentence with members of the document, and with nothing else.

    A place is a name in braces, looked up as it is: no formats, no attributes, no nesting.

    Raises:
        NotShowableError: a member is missing, has no value of its own, or is too long. Without
            its sentence the person would not learn what follows from signing.
    """

    def insert(place: re.Match[str]) -> str:
        value = document.get(place[1], [])
        if isinstance(value, list | dict):
            message = "a member that a sentence of policy names is missing"
            raise NotShowableError(message)
        shown = _show_scalar(value, place[1], view.labels, keep="")
        if len(shown) > MAX_INSERTED_CHARS:
            message = f"a value for a sentence is longer than {MAX_INSERTED_CHARS} characters"
            raise NotShowableError(message)
        return shown

    return _PLACE.sub(insert, sentence)
