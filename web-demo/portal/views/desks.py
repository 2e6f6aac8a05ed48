"""From a request to the desk it is for."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from portal.cases import Desk
from portal.refusals import RefusedError
from portal.signed_in import SignedIn


def session_of(request: HttpRequest) -> Any:  # noqa: ANN401 -- Django's session ships no type
    """Return the browser's session at this site, marked as the site's own."""
    request.session["host"] = request.site_host
    if request.session.session_key is None:
        request.session.create()
    return request.session


def person_of(request: HttpRequest) -> SignedIn:
    """Return who is signed in.

    Raises:
        RefusedError: nobody is.
    """
    person = SignedIn.find(request.session)
    if person is None:
        raise RefusedError("not_signed_in", 401)
    return person


def desk_of(request: HttpRequest, form_id: str) -> Desk:
    """Return the desk where a form of this department is filled in.

    Raises:
        RefusedError: nobody is signed in, or the person may not do this.
        Http404: the department has no such form.
    """
    form = request.department.forms.get(form_id)
    if form is None:
        raise Http404
    desk = Desk(request.department, form, person_of(request), timezone.localdate())
    desk.mandate()
    return desk
