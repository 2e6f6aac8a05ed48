"""Reading the departments' folders, once, with every mistake named by file."""

import importlib
import inspect
import tomllib
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from portal.departments.released import definition_digest, released
from portal.forms.definition import Form, Record
from portal.forms.expressions import ExpressionError
from portal.forms.occasion import Rule
from portal.texts import Text

FOLDER = Path(__file__).parent

KindT = TypeVar("KindT", bound=Record)

_RULES = "portal.departments.{label}.rules"


class DefinitionError(Exception):
    """A department's file is wrong; its author's fault. The message names the file."""


class Matter(Record, frozen=True):
    """Something people do at a department; ``form`` names its file, or is empty until it opens."""

    name: Text
    form: str = ""


class Seat(Record, frozen=True):
    """What ``department.toml`` says.

    ``name`` is what pages call the department, ``formal`` how the agent's window calls it, and
    ``official`` how its paper is signed. ``operations`` are what the policy lets its origin ask.
    """

    order: int
    code: str
    mark: str
    name: Text
    formal: Text
    official: Text
    lead: Text
    matters: tuple[Matter, ...]
    prefix: str = ""
    operations: tuple[str, ...] = ()


class Department(msgspec.Struct, frozen=True):
    """One department: its label (the first part of its host), its seat, its forms."""

    label: str
    seat: Seat
    forms: dict[str, Form]

    @property
    def open(self) -> bool:
        """Whether at least one of its matters can be done here."""
        return bool(self.forms)

    @property
    def rules(self) -> dict[str, Rule]:
        """Return the public functions of its ``rules.py`` by name."""
        return _rules(self.label)


@cache
def departments() -> tuple[Department, ...]:
    """Return all departments in the city's order.

    Raises:
        DefinitionError: a file of a department is wrong.
    """
    folders = sorted(file.parent for file in FOLDER.glob("*/department.toml"))
    return tuple(sorted(map(_read_department, folders), key=lambda found: found.seat.order))


def department(label: str) -> Department:
    """Return a department by its label.

    Raises:
        KeyError: there is none.
    """
    return {found.label: found for found in departments()}[label]


def read_form(file: Path) -> Form:
    """Return the form a TOML file defines.

    Raises:
        DefinitionError: the file is wrong, or differs from what was released under its version.
    """
    form = _read(file, Form)
    known = released().get(form.key)
    digest = definition_digest(file.read_text("utf-8"))
    if known != digest:
        message = f"{file.parent.name}/{file.name}: {form.key} is not released as {digest}"
        raise DefinitionError(message)
    return form


def _read_department(folder: Path) -> Department:
    seat = _read(folder / "department.toml", Seat)
    names = [matter.form for matter in seat.matters if matter.form]
    forms = {name: read_form(folder / f"{name}.toml") for name in names}
    return Department(folder.name, seat, forms)


def _read(file: Path, kind: type[KindT]) -> KindT:
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), kind)
    except (
        OSError,
        tomllib.TOMLDecodeError,
        msgspec.ValidationError,
        ExpressionError,
    ) as error:
        message = f"{file.parent.name}/{file.name}: {error}"
        raise DefinitionError(message) from error


@cache
def _rules(label: str) -> dict[str, Rule]:
    if not (FOLDER / label / "rules.py").exists():
        return {}
    module = importlib.import_module(_RULES.format(label=label))
    return {
        name: member
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if member.__module__ == module.__name__ and not name.startswith("_")
    }
