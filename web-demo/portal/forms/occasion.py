"""What a form is filled in for: the day, the period, and what the registers know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.forms.definition import Form

Rows = list[dict[str, str]]
"""Records of a register, every value written as it would be typed."""

Facts = Mapping[str, str | Rows]
"""What the registers say, by dotted name: ``r4.prepaid``."""


@dataclass(frozen=True)
class Occasion:
    """One form for one applicant, one period, on one day.

    Attributes:
        form: the form's definition.
        rules: the functions of the department's ``rules.py`` by name.
        today: the day it is filled in, in the city's time zone.
        period: ``2026-10`` or ``2025``.
        facts: what the registers say of the applicant.
    """

    form: Form
    rules: "Mapping[str, Rule]"
    today: date
    period: str
    facts: Facts

    def fact(self, name: str) -> str:
        """Return one figure of the registers, empty when they hold none."""
        figure = self.facts.get(name, "")
        return figure if isinstance(figure, str) else ""

    def records(self, name: str) -> Rows:
        """Return a list of the registers, empty when they hold none."""
        records = self.facts.get(name, [])
        return records if isinstance(records, list) else []

    def rule(self, name: str) -> str:
        """Return what a function of the department says."""
        return self.rules[name](self)


Rule = Callable[[Occasion], str]
"""A function of a department's ``rules.py``; it answers in the form a person would type."""


def last_closed(period: str, today: date) -> str:
    """Return the last closed month or year before a day."""
    if period == "year":
        return str(today.year - 1)
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


def working_day(day: date) -> date:
    """Return the day itself, or the Monday after it when it lies in a weekend.

    Public holidays would come from the city's calendar; the sample city has none.
    """
    saturday = 5
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= saturday else day
