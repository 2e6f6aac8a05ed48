"""Every sentence of the pages in both languages, and which language the request speaks.

The sentences stand in the TOML files beside this module, one file per kind of page, both
languages side by side, so that none can be forgotten. Departments bring their own in the same
form. Chinese is the default: it never follows the browser's wish, only the person's choice.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

Language = Literal["zh-Hans", "en"]
"""BCP 47 tags; the value of ``<html lang>`` and of the person's choice."""

DEFAULT_LANGUAGE: Language = "zh-Hans"

_LANGUAGE: ContextVar[Language] = ContextVar("language", default=DEFAULT_LANGUAGE)
_FOLDER = Path(__file__).parent


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"zh": "zh-Hans"}):
    """One sentence in both languages; ``str()`` gives it in the language of the request."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if current_language() == "en" else self.zh

    def both(self) -> dict[str, str]:
        """Return both languages by tag, as the machine policy writes them."""
        return {"zh-Hans": self.zh, "en": self.en}


def current_language() -> Language:
    """Return the language in which the running request is answered."""
    return _LANGUAGE.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Answer in a language until the block ends."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


@cache
def catalogue() -> dict[str, Text]:
    """Return every sentence by its dotted key: ``file.name`` or ``file.group.name``."""
    texts: dict[str, Text] = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        texts.update(_flatten(file.stem, tomllib.loads(file.read_text("utf-8"))))
    return texts


def _flatten(prefix: str, table: dict[str, Any]) -> dict[str, Text]:
    if "zh-Hans" in table:
        return {prefix: msgspec.convert(table, Text)}
    texts: dict[str, Text] = {}
    for name, member in table.items():
        texts.update(_flatten(f"{prefix}.{name}", member))
    return texts


def say(key: str, /, **values: object) -> str:
    """Return one sentence in the request's language, its braces filled.

    Raises:
        KeyError: there is no such sentence, or a value for one of its braces is missing.
    """
    return str(catalogue()[key]).format(**values)


def sayings(prefix: str) -> dict[str, str]:
    """Return the unfilled sentences below a prefix by their remaining key, for a page's script."""
    return {
        key.removeprefix(f"{prefix}."): str(text)
        for key, text in catalogue().items()
        if key.startswith(f"{prefix}.")
    }


def prose_day(day: date) -> str:
    """Return a day as prose has it: ``11 月 16 日``, ``16 November``."""
    if current_language() == "en":
        return f"{day.day} {day:%B}"
    return f"{day.month} 月 {day.day} 日"


def prose_date(day: date) -> str:
    """Return a day with its year: ``2026 年 11 月 16 日``, ``16 November 2026``."""
    if current_language() == "en":
        return f"{prose_day(day)} {day.year}"
    return f"{day.year} 年 {prose_day(day)}"


def prose_period(period: str) -> str:
    """Return a period, ``2026-10`` or ``2025``, as prose has it."""
    year, _, month = period.partition("-")
    if not month:
        return say("page.year", year=year)
    if current_language() == "en":
        return f"{date(int(year), int(month), 1):%B} {year}"
    return f"{year} 年 {int(month)} 月"


_NUMERALS = "〇一二三四五六七八九"


def numeral_date(day: date) -> str:
    """Return a day in Chinese numerals, as official paper ends: ``二〇二六年十一月十二日``."""
    year = "".join(_NUMERALS[int(digit)] for digit in str(day.year))
    return f"{year}年{_below_hundred(day.month)}月{_below_hundred(day.day)}日"


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return head + (_NUMERALS[ones] if ones or not tens else "")
