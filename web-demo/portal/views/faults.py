"""Pages and answers for what does not go well: three sentences, never a trace."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from portal.refusals import RefusedError
from portal.texts import say

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def page(view: View[Arguments]) -> View[Arguments]:
    """Make a view answer a refusal with a page; who is not signed in is sent to do so."""

    @wraps(view)
    def answer(
        request: HttpRequest, /, *args: Arguments.args, **kw: Arguments.kwargs
    ) -> HttpResponse:
        try:
            return view(request, *args, **kw)
        except RefusedError as refusal:
            if refusal.code == "not_signed_in":
                return HttpResponseRedirect("/?" + urlencode({"next": request.path}))
            return _fault(request, refusal.status, refusal.sentence)

    return answer


def call(view: View[Arguments]) -> View[Arguments]:
    """Make a view answer a refusal with JSON, for the page's script to show."""

    @wraps(view)
    def answer(
        request: HttpRequest, /, *args: Arguments.args, **kw: Arguments.kwargs
    ) -> HttpResponse:
        try:
            return view(request, *args, **kw)
        except RefusedError as refusal:
            fault = {"code": refusal.code, "message": refusal.sentence}
            return JsonResponse({"error": fault}, status=refusal.status)

    return answer


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django hands it in
    """Answer 404."""
    return _fault(request, 404, say("page.not_found"))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500; the trace is in the log."""
    return _fault(request, 500, say("page.broken"))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django hands it in
    """Answer a request whose CSRF token is missing or belongs to another page."""
    if request.headers.get("Accept", "").startswith("application/json"):
        fault = {"code": "stale_page", "message": say("refusal.stale_page")}
        return JsonResponse({"error": fault}, status=403)
    return _fault(request, 403, say("refusal.stale_page"))


def _fault(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    return render(request, "fault.html", {"sentence": sentence}, status=status)
