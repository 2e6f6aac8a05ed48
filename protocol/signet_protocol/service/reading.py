"""From a body to a record: strict JSON (RFC 7493), closed records, canonical base64."""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from signet_protocol.messages import decode_base64
from signet_protocol.service.problems import Problem, ProblemCode

Record = TypeVar("Record", bound=msgspec.Struct)

MAX_NUMBER_CHARS = 32
"""No request has a number; a token may, and none of it is longer."""

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
"""Only with such an escape can a lone surrogate hide in octets that are valid UTF-8."""

_FIELD = re.compile(r"at `\$\.([a-z_.]+)`")


def read_record(body: bytes, kind: type[Record]) -> Record:
    """Return the record that a body holds.

    Raises:
        Problem: it is no strict JSON, or a member is missing, unknown or of the wrong form.
    """
    try:
        return msgspec.convert(_parse(body), kind)
    except msgspec.ValidationError as error:
        raise Problem(ProblemCode.REQUEST_INVALID, _name_field(str(error))) from None


def read_octets(text: str, field: str) -> bytes:
    """Return the octets of a member in base64.

    Raises:
        Problem: it is not canonical base64.
    """
    try:
        return decode_base64(text)
    except ValueError:
        detail = f"{field} is not canonical base64"
        raise Problem(ProblemCode.REQUEST_INVALID, detail) from None


def _parse(body: bytes) -> Any:  # noqa: ANN401 -- this is where untyped JSON enters
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse,
            parse_float=_bounded_float,
            parse_int=_bounded_integer,
        )
        if _SURROGATE_ESCAPE.search(body):
            # A lone surrogate passes json.loads and fails here; a pair passes both.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Problem(ProblemCode.REQUEST_MALFORMED) from None
    return document


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("duplicate name")
    return members


def _bounded_integer(digits: str) -> int:
    return int(_bounded(digits))


def _bounded_float(digits: str) -> float:
    return float(_bounded(digits))


def _bounded(digits: str) -> str:
    if len(digits) > MAX_NUMBER_CHARS:
        _refuse("a number is too long")
    return digits


def _refuse(message: str) -> NoReturn:
    raise ValueError(message)


def _name_field(message: str) -> str:
    """Name the member of a validation error; msgspec's own sentence may quote the sender."""
    path = _FIELD.search(message)
    if path is None:
        return "a member is missing or unknown, or the body is no object"
    return f"{path[1]} has the wrong type or form"
