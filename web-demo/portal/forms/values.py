"""What a person types, read into a value; and a value written for the page and for signing.

Signed amounts are strings with a point and no separators; dates are ISO 8601; texts are NFC with
LF line ends (RFC 8785 normalises nothing itself).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Literal

from portal.forms.expressions import Value
from portal.texts import say

Kind = Literal["money", "percent", "integer", "text", "code", "date", "url", "declaration"]
"""What a field or a cell takes. ``declaration`` is a box that is ticked or not."""

NUMBERS: frozenset[Kind] = frozenset({"money", "percent", "integer"})

MAX_TEXT_CHARS = 200
"""One line of an explanation; longer things are attachments."""

DECLARED = "是"
"""The signed word of a ticked box, as the Chinese form has it."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Unicode's categories of what nobody can see: a signed text must look like what it is."""

_MONEY = re.compile(r"-?\d{1,13}(\.\d{1,2})?")
"""Up to 99 trillion yuan: more than any declaration, less than what rounding could touch."""

_INTEGER = re.compile(r"\d{1,9}")
_URL = re.compile(r"(https?://)?([A-Za-z0-9-]+\.)+[A-Za-z]{2,24}(:\d{1,5})?(/[\x21-\x7e]*)?")


class InputError(Exception):
    """What was typed cannot be read; the message is a sentence for the person."""


def read(kind: Kind, typed: str) -> Value:
    """Return the value of what a person typed.

    Raises:
        InputError: it does not have the form this kind of field needs.
    """
    return _READERS[kind](typed)


def plain(kind: Kind, value: Value) -> str:
    """Return a value as it stands in the signed document."""
    if kind in {"money", "percent"} and isinstance(value, Decimal):
        return f"{value.quantize(Decimal('0.01')):f}"
    return f"{value:f}" if isinstance(value, Decimal) else value


def shown(kind: Kind, value: Value) -> str:
    """Return a value as the page shows it: the plain form with thousands separators."""
    if kind not in NUMBERS:
        return str(value)
    whole, point, fraction = plain(kind, value).partition(".")
    return f"{int(whole):,}{point}{fraction}" if whole != "-0" else f"-0{point}{fraction}"


def normal_text(typed: str) -> str:
    """Return a text in NFC, with LF line ends and no space around it."""
    return unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _read_money(typed: str) -> Decimal:
    digits = _digits(typed)
    if not _MONEY.fullmatch(digits):
        raise InputError(say("fault.money"))
    return Decimal(digits).quantize(Decimal("0.01"))


def _read_integer(typed: str) -> Decimal:
    digits = _digits(typed)
    if not _INTEGER.fullmatch(digits):
        raise InputError(say("fault.integer"))
    return Decimal(digits)


def _digits(typed: str) -> str:
    """Fold what Chinese input methods and spreadsheets add around a number."""
    folded = unicodedata.normalize("NFKC", typed)
    return re.sub(r"[,\s¥￥元]", "", folded).replace("−", "-")


def _read_text(typed: str) -> str:
    text = normal_text(typed)
    if len(text) > MAX_TEXT_CHARS:
        raise InputError(say("fault.too_long", limit=MAX_TEXT_CHARS))
    if any(unicodedata.category(char) in _UNSEEN for char in text.replace("\n", "")):
        raise InputError(say("fault.unprintable"))
    return text


def _read_date(typed: str) -> str:
    try:
        return date.fromisoformat(typed.strip()).isoformat()
    except ValueError:
        raise InputError(say("fault.date")) from None


def _read_url(typed: str) -> str:
    text = normal_text(typed)
    if not _URL.fullmatch(text):
        raise InputError(say("fault.url"))
    return text


def _read_declaration(typed: str) -> str:
    if typed != DECLARED:
        raise InputError(say("fault.undeclared"))
    return DECLARED


_READERS: dict[Kind, Callable[[str], Value]] = {
    "money": _read_money,
    "percent": _read_money,
    "integer": _read_integer,
    "text": _read_text,
    "code": _read_text,
    "date": _read_date,
    "url": _read_url,
    "declaration": _read_declaration,
}
