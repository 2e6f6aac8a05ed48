"""Reading of a form document: JSON that is canonical already (RFC 8785), and less of it.

A document in another spelling would be shown from what a parser made of it, while its own octets
are signed. Here only one spelling exists: what was read is written again and compared.
"""

import json
from itertools import pairwise
from typing import NoReturn

from signet_agent.documents.previews.base import NotShowableError
from signet_protocol.messages import MAX_DOCUMENT_BYTES

MAX_INTEGER = 2**53 - 1
"""Above it readers that keep numbers as IEEE doubles see another number (RFC 7493, 2.2)."""

_MAX_INTEGER_CHARS = 17
"""Sixteen digits and a sign; longer ones are refused before Python computes them."""

Scalar = str | int | bool | None
"""A value with one row of its own; fractions travel as strings."""

Value = Scalar | list["Value"] | dict[str, "Value"]
"""Any value of a form document."""


def read_canonical(content: bytes) -> dict[str, Value]:
    """Return the members of a form document, in the order of the document.

    Raises:
        NotShowableError: the octets are not the canonical form of one JSON object, or hold a
            fraction, an integer beyond 2^53 or a lone surrogate.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        message = "the form is larger than a document may be"
        raise NotShowableError(message)
    try:
        document = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_ordered,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_bounded_integer,
        )
        rewritten = _write(document)
    except (ValueError, RecursionError):
        # The parser's own sentence may quote the document.
        message = "the form is not canonical JSON without fractions"
        raise NotShowableError(message) from None
    if rewritten != content:
        message = "the form is JSON, but not in its canonical spelling"
        raise NotShowableError(message)
    if not isinstance(document, dict):
        message = "the form is not a JSON object"
        raise NotShowableError(message)
    return document


def _write(document: object) -> bytes:
    """Write what ``_ordered`` let through; Python's string escapes are those of RFC 8785, 3.2.2.2.

    Names are in order already. A lone surrogate fails in ``encode``.
    """
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _ordered(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    """Take members whose names ascend by UTF-16 code units (RFC 8785, 3.2.3), so none is double."""
    names = [name.encode("utf-16-be", "surrogatepass") for name, _ in pairs]
    if any(after <= before for before, after in pairwise(names)):
        message = "names out of order"
        raise ValueError(message)
    return dict(pairs)


def _refuse_number(_: str) -> NoReturn:
    message = "only integers"
    raise ValueError(message)


def _bounded_integer(digits: str) -> int:
    if len(digits) > _MAX_INTEGER_CHARS or abs(int(digits)) > MAX_INTEGER:
        message = "integer too large"
        raise ValueError(message)
    return int(digits)
