"""What holds for every request: whose site it is, whose session, which language, which headers."""

from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from portal.departments import department
from portal.hosts import CITY
from portal.texts import DEFAULT_LANGUAGE, Language, speaking

Answer = Callable[[HttpRequest], HttpResponse]

LANGUAGE_COOKIE = "__Host-language"
LANGUAGE_SECONDS = 365 * 24 * 3600
"""The choice of a language is kept for a year; it tells nothing about the person."""

_LANGUAGES: dict[str, Language] = {"zh-Hans": "zh-Hans", "en": "en"}

_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    # The agent, by each of its three ways, and nothing else outside the site.
    "connect-src 'self' ws://127.0.0.1:* wss://localhost:* https://localhost:*",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
CONTENT_SECURITY_POLICY = "; ".join(_DIRECTIVES)

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), loopback-network=(self)"
"""Only the page itself may speak to the agent, never a frame in it."""


class ResponseRules:
    """Adds the headers that every answer carries, refusals included."""

    def __init__(self, answer: Answer) -> None:
        """Take the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then add the headers; pages are never kept by the browser's cache."""
        response = self._answer(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class DepartmentByHost:
    """Turns the host into a site: its label, its origin, its department, its routes.

    A host that is not on the list gets 400 before anything else looks at the request.
    """

    def __init__(self, answer: Answer) -> None:
        """Take the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Name the site, or refuse."""
        try:
            host = request.get_host()
        except DisallowedHost:
            host = ""
        label = settings.PORTAL_HOSTS.get(host)
        if label is None:
            return HttpResponseBadRequest("400 no such site\n", content_type="text/plain")
        request.site_label = label
        request.site_host = host
        # From the configuration, not from what the request says of itself.
        request.site_origin = f"https://{host}"
        request.department = None if label == CITY else department(label)
        request.urlconf = "portal.routes.city" if label == CITY else "portal.routes.department"
        return self._answer(request)


class SessionOfHost:
    """Lets a session count at the host that made it, and nowhere else.

    All sites share one table of sessions; a cookie carried from one department to another would
    be taken by Django. Here it belongs to nobody, and the other department's session is untouched.
    """

    def __init__(self, answer: Answer) -> None:
        """Take the rest of the way."""
        self._answer = answer
        self._new_session = import_module(settings.SESSION_ENGINE).SessionStore

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Replace a foreign session by an empty one."""
        session = request.session
        if not session.is_empty() and session.get("host") != request.site_host:
            request.session = self._new_session()
        return self._answer(request)


class LanguageChoice:
    """Speaks the language the person chose: ``?lang=en`` sets it, a cookie keeps it."""

    def __init__(self, answer: Answer) -> None:
        """Take the rest of the way."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language."""
        chosen = _LANGUAGES.get(request.GET.get("lang", ""))
        kept = _LANGUAGES.get(request.COOKIES.get(LANGUAGE_COOKIE, ""))
        with speaking(chosen or kept or DEFAULT_LANGUAGE):
            response = self._answer(request)
        if chosen:
            response.set_cookie(
                LANGUAGE_COOKIE,
                chosen,
                max_age=LANGUAGE_SECONDS,
                secure=True,
                httponly=True,
                samesite="Lax",
            )
        return response
