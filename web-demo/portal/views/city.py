"""The city's own pages: the twelve departments, and what this demonstration is."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.departments import Department, Matter, departments
from portal.forms.definition import Form
from portal.forms.occasion import Occasion, last_closed
from portal.texts import prose_day, prose_period, say
from portal.views.surroundings import site_address

MAX_QUESTION_CHARS = 40
"""A search for a matter's name; the longest has fifteen characters."""


@dataclass(frozen=True)
class OpenMatter:
    """A matter that can be done now, with its period and its last day."""

    name: str
    department: str
    mark: str
    address: str
    period: str
    due: str
    days: int


@dataclass(frozen=True)
class Hit:
    """A matter found by its name; ``address`` is empty while it is being prepared."""

    name: str
    department: str
    address: str


def home(request: HttpRequest) -> HttpResponse:
    """Show the twelve departments, and what is found when something is looked for."""
    question = request.GET.get("q", "").strip()[:MAX_QUESTION_CHARS]
    return render(
        request,
        "home.html",
        {
            "here": "home",
            "question": question,
            "hits": find_matters(question) if question else None,
            "rows": [(found, _entries(found)) for found in departments()],
            "open_matters": open_matters(timezone.localdate()),
            "addresses": {
                found.label: site_address(found.label) for found in departments() if found.open
            },
        },
    )


def about(request: HttpRequest) -> HttpResponse:
    """Tell what is real here and what is not, and how a receipt is verified offline."""
    return render(request, "about.html", {"here": "about"})


def find_matters(question: str) -> list[Hit]:
    """Return the matters whose name, or whose department's name, holds a text."""
    wanted = question.casefold()
    return [
        Hit(name, str(found.seat.name), address)
        for found in departments()
        for matter, address in _entries(found)
        for name in [str(matter.name)]
        if wanted in f"{name} {found.seat.name}".casefold()
    ]


def open_matters(today: date) -> list[OpenMatter]:
    """Return what can be done now, the nearest last day first."""
    found = [
        open_matter(where, form, today) for where in departments() for form in where.forms.values()
    ]
    return sorted(found, key=lambda matter: (matter.days < 0, abs(matter.days)))


def open_matter(where: Department, form: Form, today: date) -> OpenMatter:
    """Return a form with its period and its last day."""
    occasion = Occasion(form, where.rules, today, last_closed(form.period, today), {})
    due = date.fromisoformat(occasion.rule(form.deadline.rule))
    return OpenMatter(
        name=str(form.name),
        department=str(where.seat.name),
        mark=where.seat.mark,
        address=site_address(where.label, f"/{form.id}/"),
        period=prose_period(occasion.period),
        due=say("home.due", day=prose_day(due)),
        days=(due - today).days,
    )


def _entries(where: Department) -> list[tuple[Matter, str]]:
    return [
        (matter, site_address(where.label, f"/{matter.form}/") if matter.form else "")
        for matter in where.seat.matters
    ]
