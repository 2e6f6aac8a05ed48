"""Text to message and back: the only JSON between page and agent.

Strict on the way in, after I-JSON (RFC 7493, sections 2.1 to 2.3): one document, no duplicate
names, no lone surrogates, no integers beyond 2^53; and narrower: no fractions, bounded depth,
closed records. The order of the checks is part of the contract: size, form, id, PIN, envelope,
method, parameters.
"""

import json
import re
from typing import Any, NoReturn

import msgspec

from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import (
    INTEGER_LIMIT,
    MAX_DEPTH,
    MAX_MESSAGE_BYTES,
    MAX_NUMBER_DIGITS,
    AuditMark,
    Call,
    Cancel,
    Choose,
    Decrypt,
    Hello,
    Login,
    Progress,
    Received,
    Request,
    RequestId,
    Result,
    Sign,
    SignBatch,
    SignFile,
    Upload,
    is_request_id,
)

_STRINGS = re.compile(r'"[^"\\]*+(?:\\.?[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
"""A string, or the rest of the text: so that no input makes the search start over and over."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
"""Only with such an escape can a lone surrogate hide in text that is itself valid UTF-8."""

_FIELD_PATH = re.compile(r"at `\$\.?([a-z_.]*)`")
_METHODS: dict[str, type[Call]] = {
    "hello": Hello,
    "login": Login,
    "choose": Choose,
    "sign": Sign,
    "sign_batch": SignBatch,
    "upload": Upload,
    "sign_file": SignFile,
    "decrypt": Decrypt,
    "cancel": Cancel,
}
_ENVELOPE = frozenset({"jsonrpc", "id", "method", "params"})
_PIN_NAMES = frozenset({"pin", "password", "passwd", "passphrase", "pincode", "userpin", "puk"})
"""Folded field names that can only mean a secret; the message gets its own error, never a log."""


def decode_request(text: str) -> Request:
    """Return the request a text message holds.

    Raises:
        ProtocolError: the message breaks a rule; it carries the id when one could be read.
    """
    if len(text) > MAX_MESSAGE_BYTES or _count_octets(text) > MAX_MESSAGE_BYTES:
        _refuse(ErrorCode.PAGE_TOO_LARGE)
    envelope = _parse(text)
    if not isinstance(envelope, dict):
        _refuse(ErrorCode.PAGE_INVALID_REQUEST, "a request is one object; batches are not taken")
    request_id = envelope.get("id")
    if not is_request_id(request_id):
        _refuse(
            ErrorCode.PAGE_INVALID_REQUEST,
            "id must be 1 to 64 printable ASCII characters or an integer from 0 below 2^53",
        )
    try:
        return Request(request_id, _read_call(envelope))
    except ProtocolError as error:
        error.request_id = request_id
        raise


def _read_call(envelope: dict[str, Any]) -> Call:
    """Judge everything of the envelope but its id."""
    if _names_a_pin(envelope):
        _refuse(ErrorCode.PAGE_PIN_FORBIDDEN)
    if envelope.get("jsonrpc") != "2.0":
        _refuse(ErrorCode.PAGE_INVALID_REQUEST, 'jsonrpc must be "2.0"')
    if not envelope.keys() <= _ENVELOPE:
        _refuse(ErrorCode.PAGE_INVALID_REQUEST, "the envelope has an unknown field")
    method = envelope.get("method")
    if not isinstance(method, str):
        _refuse(ErrorCode.PAGE_INVALID_REQUEST, "method must be a string")
    kind = _METHODS.get(method)
    if kind is None:
        _refuse(ErrorCode.PAGE_UNKNOWN_METHOD)
    params = envelope.get("params", {})
    if not isinstance(params, dict):
        _refuse(ErrorCode.PAGE_INVALID_PARAMS, "params must be an object of named parameters")
    try:
        call = msgspec.convert(params, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(ErrorCode.PAGE_INVALID_PARAMS, _name_field(str(error))) from None
    if isinstance(call, Cancel) and not is_request_id(call.call):
        _refuse(ErrorCode.PAGE_INVALID_PARAMS, "call must be a request's id")
    return call


def encode_result(request_id: RequestId, result: Result, mark: AuditMark) -> str:
    """Return the text of a successful answer."""
    return _encode({"jsonrpc": "2.0", "id": request_id, "result": result, "audit": mark})


def encode_error(
    request_id: RequestId | None, code: ErrorCode, mark: AuditMark, detail: str = ""
) -> str:
    """Return the text of a refusal: the code, its meaning, and where the log stands."""
    error = {
        "code": code.jsonrpc_code,
        "message": detail or code.meaning,
        "data": {"code": code.value, "retry": code.page_may_retry},
    }
    return _encode({"jsonrpc": "2.0", "id": request_id, "error": error, "audit": mark})


def encode_progress(progress: Progress) -> str:
    """Return the text of a progress notification."""
    return _encode({"jsonrpc": "2.0", "method": "progress", "params": progress})


def encode_received(received: Received) -> str:
    """Return the text of an upload's acknowledgement."""
    return _encode({"jsonrpc": "2.0", "method": "received", "params": received})


def _encode(message: object) -> str:
    return msgspec.json.encode(message).decode("utf-8")


def _count_octets(text: str) -> int:
    """Return the size the message had on the wire."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise ProtocolError(ErrorCode.PAGE_MALFORMED) from None


def _parse(text: str) -> Any:  # noqa: ANN401 -- this is where untyped JSON enters
    """Parse strictly; every failure is ``page.malformed``."""
    bare = _STRINGS.sub('""', text)
    if _depth(bare) > MAX_DEPTH:
        _refuse(ErrorCode.PAGE_MALFORMED, f"nested deeper than {MAX_DEPTH}")
    try:
        document = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_number,
            parse_float=_refuse_number,
            parse_int=_bounded_integer,
        )
        if _SURROGATE_ESCAPE.search(text):
            # A lone surrogate passes json.loads and fails here; a pair passes both.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except ValueError:
        raise ProtocolError(ErrorCode.PAGE_MALFORMED) from None
    return document


def _depth(bare: str) -> int:
    """Return the deepest nesting of brackets in a text whose strings were emptied."""
    depth = deepest = 0
    for character in bare:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif character in "]}":
            depth -= 1
    return deepest


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        message = "duplicate name"
        raise ValueError(message)
    return members


def _refuse_number(_: str) -> NoReturn:
    message = "only integers"
    raise ValueError(message)


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS or abs(int(digits)) >= INTEGER_LIMIT:
        message = "integer too large"
        raise ValueError(message)
    return int(digits)


def _names_a_pin(value: object) -> bool:
    """Whether a field anywhere in the message is named like a secret."""
    if isinstance(value, dict):
        return any(
            re.sub(r"[^a-z]", "", name.lower()) in _PIN_NAMES or _names_a_pin(member)
            for name, member in value.items()
        )
    return isinstance(value, list) and any(_names_a_pin(member) for member in value)


def _name_field(message: str) -> str:
    """Name the field of a validation error; msgspec's own sentence may quote the page's text."""
    path = _FIELD_PATH.search(message)
    if path is None or not path[1]:
        return "a parameter is missing or unknown"
    return f"{path[1]} has the wrong type or a value that is not offered"


def _refuse(code: ErrorCode, detail: str = "") -> NoReturn:
    raise ProtocolError(code, detail)
