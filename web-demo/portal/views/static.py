"""Serving the few files every page needs, from folders named in the settings."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    tag: str


def static_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a file by its name; the browser asks again each time and mostly gets 304."""
    file = _files().get(name)
    if file is None:
        raise Http404
    if request.headers.get("If-None-Match") == file.tag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(file.content, content_type=file.media_type)
    response.headers["ETag"] = file.tag
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _files() -> dict[str, _File]:
    """Read every file once: a name that is not in this table cannot lead anywhere."""
    return {
        path.name: _read(path.read_bytes(), _TYPES[path.suffix])
        for folder in settings.PORTAL_STATIC
        for path in sorted(folder.iterdir())
        if path.suffix in _TYPES and not path.name.endswith(".test.js")
    }


def _read(content: bytes, media_type: str) -> _File:
    return _File(content, media_type, f'"{sha256(content).hexdigest()[:32]}"')
