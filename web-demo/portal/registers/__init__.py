"""The four shared registers and the mandates, as far as the sample city has filled them.

One file per enterprise, named by its unified social credit code. Real registers would be asked
over the city's exchange, after recorded consent; the answers would have this form.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Mandate:
    """An enterprise's word that a person may act for it.

    Attributes:
        id: the mandate's number.
        agent: the citizen number of the person.
        scope: ``system.verb`` words.
        until: the last day, ISO 8601.
    """

    id: str
    agent: str
    scope: tuple[str, ...]
    until: str


def facts(uscc: str, period: str, today: date) -> dict[str, Any]:
    """Return what the registers say of an enterprise for a period, by dotted name."""
    return {
        f"{register}.{name}": value
        for register, members in _filled(_record(uscc), period, today).items()
        if isinstance(members, dict)
        for name, value in members.items()
    }


def mandate(uscc: str, agent: str, act: str, today: date) -> Mandate | None:
    """Return the mandate under which a person may do an act (``GS1.申报``) today, if any.

    Asked when a form is opened and again when its signature arrives.
    """
    for entry in _filled(_record(uscc), "", today).get("mandates", []):
        found = Mandate(entry["id"], entry["agent"], tuple(entry["scope"]), entry["until"])
        if found.agent == agent and act in found.scope and found.until >= today.isoformat():
            return found
    return None


@cache
def _record(uscc: str) -> dict[str, Any]:
    files = {file.stem: file for file in _FOLDER.glob("*.toml")}
    # Looked up, not joined to a path: the code comes from a certificate.
    return tomllib.loads(files[uscc].read_text("utf-8")) if uscc in files else {}


def _filled(member: Any, period: str, today: date) -> Any:  # noqa: ANN401 -- any part of a TOML file
    """Fill the two places that keep the sample in season."""
    if isinstance(member, dict):
        return {name: _filled(value, period, today) for name, value in member.items()}
    if isinstance(member, list):
        return [_filled(value, period, today) for value in member]
    if isinstance(member, str):
        return member.format(period=period, next_june=_next_june(today))
    return member


def _next_june(today: date) -> str:
    end = date(today.year, 6, 30)
    return (end if today <= end else end.replace(year=today.year + 1)).isoformat()
