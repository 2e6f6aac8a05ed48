"""What the agent would refuse to show, and so to sign (PROTOCOL.md, section 5)."""

import json
from itertools import pairwise
from typing import Any, NoReturn

from signet_protocol.errors import ErrorCode
from signet_protocol.messages import (
    INTEGER_LIMIT,
    MAX_DOCUMENT_BYTES,
    decode_base64,
    is_file_name,
)
from signet_protocol.plain_text import is_plain_text
from signet_simulator.errors import CallEndedError

FORMATS = ("cades-b", "plain")
FILE_MEDIA_TYPE = "application/octet-stream"

_GBK = "text/plain;charset=gbk"
_SHOWN_MEDIA_TYPES = ("text/plain", "application/json")
MEDIA_TYPES = (*_SHOWN_MEDIA_TYPES, FILE_MEDIA_TYPE, _GBK)
_PLAIN_MEDIA_TYPES = {"text/plain": "utf-8", _GBK: "gbk"}


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
    if media_type not in (_PLAIN_MEDIA_TYPES if name == "plain" else _SHOWN_MEDIA_TYPES):
        raise CallEndedError(ErrorCode.PAGE_FORMAT_UNSUPPORTED)
    if media_type == "application/json":
        _require_canonical(content)
    else:
        _require_text(content, _PLAIN_MEDIA_TYPES[media_type])
    if name == "plain" and not is_plain_text(content):
        _refuse()


def require_name(name: str) -> None:
    """Refuse a document's name that could pretend to be another."""
    if not is_file_name(name):
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
