"""The service's description (OpenAPI 3.1), made from the records that it reads and writes.

What a record's docstring says of its members stands in the description as well, so that there is
one place to say it. ``protocol/schema/verification-service.json`` is the same for reading offline:

    python -m signet_protocol.service.openapi > protocol/schema/verification-service.json
"""

import inspect
import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from signet_protocol.service.examples import EXAMPLES
from signet_protocol.service.messages import (
    Health,
    LoginRequest,
    Nonce,
    NonceRequest,
    SignatureRequest,
    TimeStampRequest,
)
from signet_protocol.service.problems import ProblemCode, ProblemDetails
from signet_protocol.verify import LoginReport, SignatureReport, TimeStampReport
from signet_protocol.verify.reports import Report

Document = dict[str, Any]

_REQUESTS = (NonceRequest, LoginRequest, SignatureRequest, TimeStampRequest)
_REPORTS = (LoginReport, SignatureReport, TimeStampReport)
_ANSWERS = (Nonce, Health, *_REPORTS, ProblemDetails)
_READ = frozenset({"Digest", *(record.__name__ for record in _REQUESTS)})
"""Schemas of what is read; the others are of what is written."""

_TIMES = frozenset(
    {
        *("judged_at", "signed_at", "valid_at", "at", "revoked_at"),
        *("not_before", "not_after", "this_update", "next_update"),
    }
)
"""Members of reports that are RFC 3339 times."""

_ACCEPTED = {"type": "boolean", "description": "Whether nothing found is an error. It decides."}
_MEANING = {"type": "string", "description": "One English sentence for the developer."}
_SENTENCE = {"type": "string", "description": "Chinese sentences for the person; of errors only."}
_REFERENCE = "#/components/schemas/"
_EXAMPLE = "#/components/examples/"
_HEADERS = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}

_ATTRIBUTES = "\n\nAttributes:\n"
_ATTRIBUTE = re.compile(r"^ {4}([a-z_]+): ((?:.|\n {8})+)", re.MULTILINE)

_OF_ANY = (
    ProblemCode.REQUEST_FROM_PAGE,
    ProblemCode.SERVICE_FAULT,
    ProblemCode.SERVICE_BUSY,
    ProblemCode.SERVICE_TIMEOUT,
    ProblemCode.SERVICE_NONCES_UNAVAILABLE,
)
_OF_A_BODY = (
    ProblemCode.REQUEST_MALFORMED,
    ProblemCode.REQUEST_INVALID,
    ProblemCode.REQUEST_TOO_SLOW,
    ProblemCode.REQUEST_TOO_LARGE,
    ProblemCode.REQUEST_MEDIA_TYPE_UNSUPPORTED,
)

_ABOUT = """\
Verifies logins and signatures made with 签章助手 Signet. A login or a signature that is not
accepted is an answer like any other: status 200, `accepted` false, and everything that was found,
in English for the developer (`meaning`) and in Chinese for the person (`sentence`). Any other
status is a problem (RFC 9457) whose `code` says who can cure it: `request.…` the back end's
developer, `service.…` who operates the service."""


def describe(origins: Iterable[str] = ()) -> Document:
    """Return the description.

    Args:
        origins: the department's own, where they are known: then a request has one of them.
    """
    schemas = _schemas()
    for name in ("NonceRequest", "LoginRequest"):
        if listed := sorted(origins):
            schemas[name]["properties"]["origin"]["enum"] = listed
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Signet verification service",
            "version": version("signet"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(),
        "components": {
            "schemas": schemas,
            "examples": {
                name: {"value": value}
                for named in EXAMPLES.values()
                for name, value in named.items()
            },
            "headers": {"RequestId": _REQUEST_ID},
        },
    }


def _paths() -> Document:
    return {
        "/v1/nonces": _post(
            "issueNonce",
            "Issue a nonce for one login, at one origin and in one session",
            ("NonceRequest", "Nonce"),
        ),
        "/v1/logins": _post(
            "verifyLogin",
            "Use a nonce up and verify a login token",
            ("LoginRequest", "LoginReport"),
        ),
        "/v1/signatures": _post(
            "verifySignature",
            "Verify a document's signature",
            ("SignatureRequest", "SignatureReport"),
            (ProblemCode.REQUEST_TIME_UNSUITABLE,),
        ),
        "/v1/timestamps": _post(
            "verifyTimeStamp", "Verify a time stamp alone", ("TimeStampRequest", "TimeStampReport")
        ),
        "/v1/health": _get("tellHealth", "Tell whether the service can work", "Health"),
        "/openapi.json": _get("tellDescription", "Return this description", ""),
    }


def _post(
    operation: str, summary: str, records: tuple[str, str], more: tuple[ProblemCode, ...] = ()
) -> Document:
    request, answer = records
    body = {"required": True, "content": {"application/json": _content(request)}}
    responses = {"200": _answer(answer), **_problems((*_OF_A_BODY, *more, *_OF_ANY))}
    described = {"operationId": operation, "summary": summary}
    return {"post": {**described, "requestBody": body, "responses": responses}}


def _get(operation: str, summary: str, answer: str) -> Document:
    responses = {"200": _answer(answer), **_problems(_OF_ANY)}
    return {"get": {"operationId": operation, "summary": summary, "responses": responses}}


def _answer(record: str) -> Document:
    content = _content(record) if record else {"schema": {"type": "object"}}
    return {
        "description": "The answer.",
        "headers": _HEADERS,
        "content": {"application/json": content},
    }


def _content(record: str) -> Document:
    content: Document = {"schema": {"$ref": f"{_REFERENCE}{record}"}}
    if record in EXAMPLES:
        content["examples"] = {name: {"$ref": f"{_EXAMPLE}{name}"} for name in EXAMPLES[record]}
    return content


_REQUEST_ID = {
    "description": "The number under which the service's log has this request.",
    "schema": {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"},
}


def _problems(codes: tuple[ProblemCode, ...]) -> Document:
    """Return one response for each status, naming the codes it may have."""
    found: dict[str, list[ProblemCode]] = {}
    for code in codes:
        found.setdefault(str(code.status), []).append(code)
    bare = {"schema": {"$ref": f"{_REFERENCE}ProblemDetails"}}
    # The example is of one status, and would puzzle at another.
    shown = {str(ProblemCode.REQUEST_INVALID.status): _content("ProblemDetails")}
    return {
        status: {
            "description": "\n".join(f"- `{code}`: {code.meaning}" for code in found[status]),
            "headers": _HEADERS,
            "content": {"application/problem+json": shown.get(status, bare)},
        }
        for status in sorted(found)
    }


def _schemas() -> Document:
    """Return the schemas of all records, each described by its docstring."""
    records = (*_REQUESTS, *_ANSWERS)
    _, schemas = msgspec.json.schema_components(records, ref_template=_REFERENCE + "{name}")
    _add_first(schemas["Finding"], {}, {"meaning": _MEANING, "sentence": _SENTENCE})
    for report in _REPORTS:
        _add_first(schemas[report.__name__], {"accepted": _ACCEPTED}, {})
    for name, schema in schemas.items():
        schema.pop("title", None)
        _describe(schema)
        _mend_members(schema)
        if "properties" in schema and name not in _READ:
            # What the service writes always has every member.
            schema["required"] = list(schema["properties"])
    return {name: schemas[name] for name in sorted(schemas)}


def _add_first(schema: Document, before: Document, after: Document) -> None:
    """Add members that are written beside those of the record."""
    schema["properties"] = {**before, **schema["properties"], **after}


def _describe(schema: Document) -> None:
    """Move what a docstring says of members to the members."""
    summary, _, attributes = inspect.cleandoc(schema.get("description", "")).partition(_ATTRIBUTES)
    _, _, inherited = (inspect.getdoc(Report) or "").partition(_ATTRIBUTES)
    schema["description"] = _unfold(summary)
    for name, said in _ATTRIBUTE.findall(f"{inherited}\n{attributes}"):
        member = schema.get("properties", {}).get(name)
        if member is not None:
            member["description"] = _unfold(said)


def _mend_members(schema: Document) -> None:
    """Say what the records' types leave out, and write patterns as JSON Schema does."""
    for name, member in schema.get("properties", {}).items():
        for form in member.get("anyOf", [member]):
            if name in _TIMES:
                form.update({"format": "date-time"} if form["type"] == "string" else {})
            if "pattern" in form:
                form["pattern"] = form["pattern"].replace(r"\Z", "$")


def _unfold(text: str) -> str:
    line = " ".join(text.replace("``", "`").split())
    return line[:1].upper() + line[1:]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(describe(), indent=2, ensure_ascii=False) + "\n")
