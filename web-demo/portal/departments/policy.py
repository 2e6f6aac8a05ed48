"""What the machine policy says of the departments: the same words as on their pages."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from portal.departments.catalogue import Department, departments
from portal.forms.definition import Form
from portal.forms.document import labels


def policy_sites(origins: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the policy's ``site`` entries of the open departments.

    Args:
        origins: each department's origin by its label: ``{"guoshui": "https://…"}``. Departments
            without an entry, or without a form, are left out.
    """
    return [
        _site(found, origins[found.label])
        for found in departments()
        if found.open and found.label in origins
    ]


def policy_toml(origins: Mapping[str, str]) -> str:
    """Return the same entries as TOML text, to be put behind the policy's own lines."""
    return "\n".join(line for site in policy_sites(origins) for line in _site_lines(site)) + "\n"


def _site(found: Department, origin: str) -> dict[str, Any]:
    return {
        "origin": origin,
        "name": found.seat.formal.both(),
        "mark": found.seat.mark,
        "operations": list(found.seat.operations),
        "form": [_form(form) for form in found.forms.values()],
    }


def _form(form: Form) -> dict[str, Any]:
    entry = {
        "id": form.key,
        "kind": form.paper.kind.both(),
        "title": form.paper.title.both(),
        "after": [sentence.both() for sentence in form.paper.after],
        "labels": {member: label.both() for member, label in labels(form).items()},
    }
    return entry | ({"total": form.paper.total} if form.paper.total else {})


def _site_lines(site: dict[str, Any]) -> Iterator[str]:
    yield "[[site]]"
    yield from _assignments(site, without="form")
    for form in site["form"]:
        yield "[[site.form]]"
        yield from _assignments(form, without="labels")
        yield "[site.form.labels]"
        yield from _assignments(form["labels"])
    yield ""


def _assignments(table: dict[str, Any], without: str = "") -> Iterator[str]:
    for key, value in table.items():
        if key != without:
            yield f"{_text(key)} = {_value(value)}"


def _value(value: object) -> str:
    """Write a string, a list or an inline table; a TOML basic string takes JSON's escapes."""
    if isinstance(value, dict):
        members = (f"{_text(key)} = {_value(member)}" for key, member in value.items())
        return "{ " + ", ".join(members) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value)


def _text(text: object) -> str:
    return json.dumps(text, ensure_ascii=False)
