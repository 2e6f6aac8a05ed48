"""What every page shows around its own content."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from portal.hosts import CITY, site_origins
from portal.signed_in import SignedIn
from portal.texts import current_language


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Return the department, who is signed in, the language, and the way to the other sites."""
    language = current_language()
    return {
        "language": language,
        "other_language_query": _with_language(request, "zh-Hans" if language == "en" else "en"),
        "department": request.department,
        "person": SignedIn.find(request.session) if hasattr(request, "session") else None,
        "city_address": site_address(CITY),
        "about_address": site_address(CITY, "/about/"),
    }


def site_address(label: str, path: str = "/") -> str:
    """Return the address of a page of another site, carrying the language along."""
    origin = site_origins(settings.PORTAL_DOMAIN, settings.PORTAL_PORT)[label]
    return f"{origin}{path}?{urlencode({'lang': current_language()})}"


def _with_language(request: HttpRequest, language: str) -> str:
    query = request.GET.copy()
    query["lang"] = language
    text: str = query.urlencode()
    return text
