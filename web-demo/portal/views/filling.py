"""Step two: the form, its draft while the person types, and the way on to signing."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from portal.cases import Desk, offer, open_case, read_draft, save_draft
from portal.forms.filling import Draft, DraftError, Filling, fill
from portal.forms.presentation import FormView, line_text
from portal.models import Case
from portal.refusals import RefusedError
from portal.texts import prose_day, prose_period, sayings
from portal.views.desks import desk_of
from portal.views.json_body import read_body


def form_page(request: HttpRequest, form_id: str) -> HttpResponse:
    """Show the form with the person's draft in it."""
    desk = desk_of(request, form_id)
    case = open_case(desk)
    draft = read_draft(case)
    occasion = desk.occasion()
    filling = fill(occasion, draft)
    return render(
        request,
        "form.html",
        {
            "here": "services",
            "form": desk.form,
            "period": prose_period(desk.period),
            "case": case,
            "mandate": desk.mandate(),
            "sections": FormView(occasion, draft, filling).sections(),
            "deadline": _deadline(desk),
            "saved_at": _clock(case),
            "script_texts": sayings("script"),
        },
    )


def post_draft(request: HttpRequest, form_id: str) -> HttpResponse:
    """Keep what was typed; answer computed lines and what is wrong."""
    desk = desk_of(request, form_id)
    case, filling = _save(desk, request)
    return JsonResponse(_judged(desk, case, filling))


def post_offer(request: HttpRequest, form_id: str) -> HttpResponse:
    """Make the document to be signed; answer where it is, or what is still wrong."""
    desk = desk_of(request, form_id)
    case, filling = _save(desk, request)
    if not filling.settled:
        return JsonResponse(_judged(desk, case, filling), status=422)
    made = offer(desk, case, filling)
    return JsonResponse({"next": f"/{form_id}/{made.once}/"})


def _save(desk: Desk, request: HttpRequest) -> tuple[Case, Filling]:
    try:
        return save_draft(desk, read_body(request, Draft))
    except DraftError:
        raise RefusedError("malformed", 400) from None


def _judged(desk: Desk, case: Case, filling: Filling) -> dict[str, Any]:
    lines = {
        line.key: {
            "shown": line_text(desk.form, filling, line) if line.computed else "",
            "waiting": filling.values.get(line.key) is None,
            "hint": filling.hints.get(line.key, ""),
            "absent": line.key in filling.absent,
        }
        for line in desk.form.fields
        if not line.reference
    }
    problems = [
        {"where": problem.where, "message": problem.message, "absent": problem.absent}
        for problem in filling.problems
    ]
    return {"lines": lines, "problems": problems, "saved_at": _clock(case)}


def _clock(case: Case) -> str:
    return f"{timezone.localtime(case.saved_at):%H:%M}"


def _deadline(desk: Desk) -> dict[str, Any]:
    due = date.fromisoformat(desk.occasion().rule(desk.form.deadline.rule))
    days = (due - desk.today).days
    note = desk.form.deadline.late if days < 0 else desk.form.deadline.note
    return {"day": prose_day(due), "late": days < 0, "note": str(note).format(days=days)}
