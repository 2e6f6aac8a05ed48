"""What the service answers instead of a report: RFC 9457's problem details, with a code.

A login or a signature that is not accepted is no problem: it has a report. A problem means that
there is none, and its code's first part says who can cure that: ``request`` the developer of the
back end, ``service`` who operates the service.
"""

from enum import StrEnum
from typing import Literal, NamedTuple

from msgspec import Struct

TYPE_PREFIX = "urn:signet:problem:"
"""RFC 9457, 3.1.1: a type need not be an address, and offline none could be followed."""


class _Kind(NamedTuple):
    status: int
    meaning: str
    retry: bool = False


class ProblemCode(StrEnum):
    """A dotted code: its first part names who can cure it."""

    REQUEST_MALFORMED = "request.malformed"
    REQUEST_INVALID = "request.invalid"
    REQUEST_FROM_PAGE = "request.from_page"
    REQUEST_NOT_FOUND = "request.not_found"
    REQUEST_METHOD_UNSUPPORTED = "request.method_unsupported"
    REQUEST_TOO_SLOW = "request.too_slow"
    REQUEST_TOO_LARGE = "request.too_large"
    REQUEST_MEDIA_TYPE_UNSUPPORTED = "request.media_type_unsupported"
    REQUEST_TIME_UNSUITABLE = "request.time_unsuitable"

    SERVICE_FAULT = "service.fault"
    SERVICE_BUSY = "service.busy"
    SERVICE_TIMEOUT = "service.timeout"
    SERVICE_NONCES_UNAVAILABLE = "service.nonces_unavailable"

    @property
    def status(self) -> int:
        """Return the status of HTTP (RFC 9110, section 15)."""
        return _KINDS[self].status

    @property
    def meaning(self) -> str:
        """Return one English sentence for the back end's developer."""
        return _KINDS[self].meaning

    @property
    def retry(self) -> bool:
        """Whether the same request can succeed later without a change to the back end."""
        return _KINDS[self].retry

    @property
    def fault(self) -> Literal["request", "service"]:
        """Return whose fault it is."""
        return "service" if self.startswith("service.") else "request"


_KINDS = {
    ProblemCode.REQUEST_MALFORMED: _Kind(400, "The body is not one strict JSON object in UTF-8."),
    ProblemCode.REQUEST_INVALID: _Kind(400, "A member is missing, unknown or of the wrong form."),
    ProblemCode.REQUEST_FROM_PAGE: _Kind(403, "Back ends ask this service; web pages may not."),
    ProblemCode.REQUEST_NOT_FOUND: _Kind(404, "There is no such resource."),
    ProblemCode.REQUEST_METHOD_UNSUPPORTED: _Kind(405, "The resource has no such method."),
    ProblemCode.REQUEST_TOO_SLOW: _Kind(408, "The body did not arrive in time.", retry=True),
    ProblemCode.REQUEST_TOO_LARGE: _Kind(413, "The body is larger than this service takes."),
    ProblemCode.REQUEST_MEDIA_TYPE_UNSUPPORTED: _Kind(
        415, "The body has to be application/json in UTF-8, not compressed."
    ),
    ProblemCode.REQUEST_TIME_UNSUITABLE: _Kind(
        422, "The time of receipt lies in the future or before there were signatures."
    ),
    ProblemCode.SERVICE_FAULT: _Kind(500, "The service failed; its log says more."),
    ProblemCode.SERVICE_BUSY: _Kind(503, "Too many verifications are waiting.", retry=True),
    ProblemCode.SERVICE_TIMEOUT: _Kind(503, "The verification took too long.", retry=True),
    ProblemCode.SERVICE_NONCES_UNAVAILABLE: _Kind(
        503, "The ledger of nonces does not answer, so nobody can log in.", retry=True
    ),
}


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """Why there is no report (RFC 9457).

    ``code`` is for the program and ``title`` its sentence; ``detail`` says more, without any of the
    sender's own text. ``fault`` is who can cure it: the back end's developer (``request``) or the
    operator (``service``). ``retry`` says whether the same request can succeed later, ``instance``
    is the number under which the log has it.
    """

    type: str
    title: str
    status: int
    detail: str
    code: ProblemCode
    fault: Literal["request", "service"]
    retry: bool
    instance: str


class Problem(Exception):  # noqa: N818 -- the name RFC 9457 gives it
    """A request without a report.

    Attributes:
        code: which rule was not met.
        detail: one English sentence, without any of the sender's own text.
    """

    def __init__(self, code: ProblemCode, detail: str = "") -> None:
        """Keep the code and the detail."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def details(self, number: str) -> ProblemDetails:
        """Return the answer's body.

        Args:
            number: of the request, a URN (RFC 9562, section 4).
        """
        return ProblemDetails(
            type=f"{TYPE_PREFIX}{self.code}",
            title=self.code.meaning,
            status=self.code.status,
            detail=self.detail,
            code=self.code,
            fault=self.code.fault,
            retry=self.code.retry,
            instance=number,
        )
