"""What a check is, and what it finds: a state, a sentence, and a cure where one is needed."""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from signet_agent.doctor.surroundings import Surroundings


class Status(StrEnum):
    """How a thing stands; a person reads them as 正常, 提示 and 要处理."""

    OK = "ok"
    NOTICE = "notice"
    """It works; somebody may want to know."""
    PROBLEM = "problem"
    """Signing does not work, or not safely, until it is cured."""


class Words(Struct, frozen=True):
    """The same sentence in Chinese and English; ``{name}`` marks a place to be filled."""

    zh: str
    en: str

    def filled(self, **values: object) -> "Words":
        """Return the sentence with its places filled; values are used as they are."""
        return Words(self.zh.format(**values), self.en.format(**values))

    def in_language(self, language: str) -> str:
        """Return the English words for ``en``, the Chinese ones otherwise."""
        return self.en if language == "en" else self.zh


class Finding(Struct, frozen=True):
    """What one check found. ``detail`` is for IT: paths, numbers, another program's own words."""

    check: str
    title: Words
    status: Status
    sentence: Words
    cure: Words | None = None
    detail: str = ""


class Check(Protocol):
    """One check; its members are independent of each other and interchangeable in order."""

    @property
    def id(self) -> str:
        """Return the word that names this check in reports and on the telephone."""
        ...

    @property
    def title(self) -> Words:
        """Return the name a person reads."""
        ...

    def run(self, surroundings: Surroundings) -> Finding:
        """Look, and say what was found."""
        ...


def ok(check: Check, sentence: Words, detail: str = "") -> Finding:
    """Return that all is well."""
    return Finding(check.id, check.title, Status.OK, sentence, None, detail)


def notice(check: Check, sentence: Words, cure: Words, detail: str = "") -> Finding:
    """Return that it works, with something to know."""
    return Finding(check.id, check.title, Status.NOTICE, sentence, cure, detail)


def problem(check: Check, sentence: Words, cure: Words, detail: str = "") -> Finding:
    """Return that something stands in the way, and the cure."""
    return Finding(check.id, check.title, Status.PROBLEM, sentence, cure, detail)
