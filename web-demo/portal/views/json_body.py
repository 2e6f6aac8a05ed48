"""Reading what a page's script posts."""

from typing import TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from portal.refusals import RefusedError

Record = TypeVar("Record")


def read_body(request: HttpRequest, kind: type[Record]) -> Record:
    """Return a request's body as a record.

    Raises:
        RefusedError: it is not JSON, not of this form, or too large.
    """
    if request.content_type != "application/json":
        raise RefusedError("malformed", 415)
    try:
        return msgspec.json.decode(request.body, type=kind)
    except (msgspec.DecodeError, RequestDataTooBig, RecursionError):
        raise RefusedError("malformed", 400) from None
