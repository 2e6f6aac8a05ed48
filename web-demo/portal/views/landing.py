"""A department's first page, and logging in and out there."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils import timezone

from portal.login import StoredNonces, log_in
from portal.refusals import RefusedError
from portal.texts import sayings
from portal.views.city import open_matter
from portal.views.desks import session_of
from portal.views.json_body import read_body
from signet_protocol.verify import VerificationError


class LoginAnswer(msgspec.Struct):
    """What the page's script posts: the agent's token, and the nonce it was asked with."""

    nonce: str
    token: dict[str, Any]


def landing(request: HttpRequest) -> HttpResponse:
    """Show what can be done here, and the way to log in."""
    where = request.department
    today = timezone.localdate()
    return render(
        request,
        "landing.html",
        {
            "here": "services",
            "forms": [(form, open_matter(where, form, today)) for form in where.forms.values()],
            "coming": [matter for matter in where.seat.matters if not matter.form],
            "next": own_path(request.GET.get("next", "")),
            "script_texts": sayings("script"),
        },
    )


def issue_nonce(request: HttpRequest) -> HttpResponse:
    """Answer a new nonce for this browser's session at this department."""
    nonce = StoredNonces().issue(session_of(request).session_key)
    return JsonResponse({"nonce": nonce})


def post_login(request: HttpRequest) -> HttpResponse:
    """Judge a login token; when it holds, begin a new session for its holder.

    Raises:
        RefusedError: the body, the nonce or the token is not accepted.
    """
    answer = read_body(request, LoginAnswer)
    try:
        person = log_in(
            answer.token,
            origin=request.site_origin,
            nonce=answer.nonce,
            session=request.session.session_key or "",
        )
    except VerificationError as error:
        raise RefusedError.of(error) from error
    # A new key, so that nobody who knew the old one is signed in along with the person.
    request.session.flush()
    person.keep(session_of(request))
    rotate_token(request)
    return JsonResponse({"name": person.name})


def post_logout(request: HttpRequest) -> HttpResponse:
    """End the session at this department."""
    request.session.flush()
    return HttpResponseRedirect("/")


def own_path(path: str) -> str:
    """Return a path of this site, or the first page for anything that might lead elsewhere."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside and path.isprintable() and "\\" not in path else "/"
