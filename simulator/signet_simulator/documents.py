"""What the agent would refuse to show, and so to sign (PROTOCOL.md, section 5)."""

import json
import re
from itertools import pairwise
from typing import Any, NoReturn

from signet_protocol.errors import ErrorCode
from signet_protocol.messages import INTEGER_LIMIT, MAX_DOCUMENT_BYTES, decode_base64
from signet_simulator.errors import CallEndedError

FORMATS = ("cades-b", "plain")
MEDIA_TYPES = ("text/plain", "application/json")
FILE_MEDIA_TYPE = "application/octet-stream"

_GBK = "text/plain;charset=gbk"
_PLAIN_MEDIA_TYPES = {"text/plain": "utf-8", _GBK: "gbk"}

_LOGIN_LENGTHS = frozenset({64, 80, 96, 128})
"""Octets that a login signs; no document of these lengths is signed plainly."""

_SM2_LOGIN = b"SIGNET-SM2-LOGIN"
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSHOWABLE_NAME = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
"""Control and direction characters, by which a name could pretend to be another."""


def read_document(text: str) -> bytes:
    """Return the octets of a document or an envelope.

    Raises:
        CallEndedError: no canonical base64, or above 256 KiB.
    """
    if len(text) > (MAX_DOCUMENT_BYTES + 2) // 3 * 4:
        raise CallEndedError(ErrorCode.PAGE_TOO_LARGE)
    try:
        octets = decode_base64(text)
    except ValueError:
        raise CallEndedError(ErrorCode.PAGE_INVALID_PARAMS) from None
    if len(octets) > MAX_DOCUMENT_BYTES:
        raise CallEndedError(ErrorCode.PAGE_TOO_LARGE)
    return octets


def require_format(name: str, packaging: str) -> None:
    """Refuse a format that is not offered; a plain signature is always detached."""
    if name not in FORMATS or (name == "plain" and packaging == "attached"):
        raise CallEndedError(ErrorCode.PAGE_FORMAT_UNSUPPORTED)


def require_showable(content: bytes, media_type: str, name: str) -> None:
    """Refuse a document that no window could show exactly as it is.

    Raises:
        CallEndedError: its type is not offered, or it is unsuitable.
    """
    if media_type not in (_PLAIN_MEDIA_TYPES if name == "plain" else MEDIA_TYPES):
        raise CallEndedError(ErrorCode.PAGE_FORMAT_UNSUPPORTED)
    if media_type == "application/json":
        _require_canonical(content)
    else:
        _require_text(content, _PLAIN_MEDIA_TYPES[media_type])
    if name == "plain" and (
        len(content) in _LOGIN_LENGTHS
        or content.startswith(_SM2_LOGIN)
        or _CONTROLS.search(content)
    ):
        _refuse()


def require_name(name: str) -> None:
    """Refuse a file's name that could pretend to be another."""
    if _UNSHOWABLE_NAME.search(name):
        raise CallEndedError(ErrorCode.PAGE_INVALID_PARAMS)


def _require_text(content: bytes, encoding: str) -> None:
    try:
        text = content.decode(encoding)
    except ValueError:
        _refuse()
    if not text or "\0" in text:
        _refuse()


def _require_canonical(content: bytes) -> None:
    """Hold a form to RFC 8785: written again it has to give the same octets."""
    try:
        form = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_ordered,
            parse_float=_no_number,
            parse_constant=_no_number,
            parse_int=_integer,
        )
        again = json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except (ValueError, RecursionError):
        _refuse()
    if again != content or not isinstance(form, dict):
        _refuse()


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members, whose names have to rise by their UTF-16 units (RFC 8785, 3.2.3)."""
    names = [name.encode("utf-16-be") for name, _ in pairs]
    if any(first >= second for first, second in pairwise(names)):
        raise ValueError("not in order, or twice")
    return dict(pairs)


def _integer(digits: str) -> int:
    if len(digits) > len(str(INTEGER_LIMIT)) + 1 or abs(int(digits)) >= INTEGER_LIMIT:
        raise ValueError("too large")
    return int(digits)


def _no_number(_: str) -> NoReturn:
    raise ValueError("only integers")


def _refuse() -> NoReturn:
    raise CallEndedError(ErrorCode.PAGE_DOCUMENT_UNSUITABLE)
