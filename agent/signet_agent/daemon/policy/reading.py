"""Reading the policy file; what is wrong is named by line and field."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from signet_agent.daemon.policy.known_modules import KNOWN_NAMES
from signet_agent.daemon.policy.model import Pkcs11Module, Policy, Text
from signet_agent.model import Origin
from signet_agent.settings import LANGUAGES

MAX_POLICY_BYTES = 4 * 1024 * 1024
"""A city's policy with twelve departments has 60 kB."""

_SYNTAX_LINE = re.compile(r"\(at line (\d+)")
_FIELD = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)
_KEY = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")
_HEADING = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")


class PolicyError(Exception):
    """The policy is not usable; IT's to cure.

    Attributes:
        line: the line at fault, counted from 1, or 0 when the file as a whole is.
        field: the field at fault, such as ``site[2].origin``; empty for the file as a whole.
        sentence: what is wrong with it.
    """

    def __init__(self, sentence: str, field: str = "", line: int = 0) -> None:
        """Keep the three parts."""
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.line = line

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return place + (f"{self.field}: " if self.field else "") + self.sentence


def read_policy(path: Path) -> Policy:
    """Return the policy of a file.

    Raises:
        PolicyError: it is absent, unreadable, or any part of it is wrong.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_POLICY_BYTES + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise PolicyError(message) from error
    if len(octets) > MAX_POLICY_BYTES:
        message = f"the file is larger than {MAX_POLICY_BYTES} octets"
        raise PolicyError(message)
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        message = "the file is not UTF-8"
        line = octets[: error.start].count(b"\n") + 1
        raise PolicyError(message, line=line) from error
    return parse_policy(text)


def parse_policy(text: str) -> Policy:
    """Return the policy a TOML text holds.

    Raises:
        PolicyError: the first thing that is wrong with it.
    """
    try:
        policy = msgspec.convert(tomllib.loads(text), Policy)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _SYNTAX_LINE.search(str(error))
        message = f"not TOML: {str(error).partition(' (at')[0]}"
        raise PolicyError(message, line=int(found[1]) if found else 0) from error
    except msgspec.ValidationError as error:
        sentence, field = _split(str(error))
        raise PolicyError(sentence, field, _line_of(text, field)) from error
    for field, sentence in _contradictions(policy):
        raise PolicyError(sentence, field, _line_of(text, field))
    return policy


def _contradictions(policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield what the types alone cannot see."""
    seen: set[str] = set()
    for index, site in enumerate(policy.site):
        try:
            Origin.parse(site.origin)
        except ValueError as error:
            yield f"site[{index}].origin", str(error)
        if site.origin in seen:
            yield f"site[{index}].origin", "the origin stands twice"
        seen.add(site.origin)
        if not site.operations:
            yield f"site[{index}].operations", "at least one operation is needed"
        yield from _texts(f"site[{index}].name", site.name)
        for place, form in enumerate(site.form):
            at = f"site[{index}].form[{place}]"
            yield from _texts(f"{at}.kind", form.kind)
            yield from _texts(f"{at}.title", form.title)
            for member, label in form.labels.items():
                yield from _texts(f"{at}.labels.{member}", label)
            for sentence in form.after:
                yield from _texts(f"{at}.after", sentence)
            if form.total is not None and form.total not in form.labels:
                yield f"{at}.total", "the member has no label"
    yield from _key_stores(policy)


def _key_stores(policy: Policy) -> Iterator[tuple[str, str]]:
    names: set[str] = set()
    for index, module in enumerate(policy.module):
        yield from _module(f"module[{index}]", module)
        yield from _once(names, f"module[{index}]", module.name)
    stores = [(f"skf[{i}]", m.name, m.path) for i, m in enumerate(policy.skf)]
    stores += [(f"software[{i}]", s.name, s.path) for i, s in enumerate(policy.software)]
    for section, name, path in stores:
        if not Path(path).is_absolute():
            yield f"{section}.path", "the path must be absolute"
        yield from _once(names, section, name)
    for index, card in enumerate(policy.card):
        yield from _once(names, f"card[{index}]", card.name)


def _module(section: str, module: Pkcs11Module) -> Iterator[tuple[str, str]]:
    if module.path and not Path(module.path).is_absolute():
        yield f"{section}.path", "the path must be absolute"
    if not module.path and module.name not in KNOWN_NAMES:
        yield f"{section}.path", "path is missing, and no known driver has this name"


def _once(names: set[str], section: str, name: str) -> Iterator[tuple[str, str]]:
    if name in names:
        yield f"{section}.name", "the name stands twice"
    names.add(name)


def _texts(field: str, text: Text) -> Iterator[tuple[str, str]]:
    if "zh-Hans" not in text:
        yield field, "zh-Hans is missing"
    for language in text.keys() - set(LANGUAGES):
        yield field, f"{language} is not one of {', '.join(LANGUAGES)}"


def _split(message: str) -> tuple[str, str]:
    """Part msgspec's message into sentence and field."""
    match = _FIELD.match(message)
    sentence, field = (match[1], match[2] or "") if match else (message, "")
    unknown = re.search(r"unknown field `(.*)`", sentence)
    if unknown:
        field = f"{field}.{unknown[1]}".lstrip(".")
        sentence = "there is no such field"
    missing = re.search(r"missing required field `(.*)`", sentence)
    if missing:
        sentence = f"{missing[1]} is missing"
    return sentence[:1].lower() + sentence[1:], field


def _line_of(text: str, field: str) -> int:
    """Return the line where a field, or what it stands in, begins, from 1; 0 if unknown."""
    path = field.replace("[...]", "")
    section, _, last = path.rpartition(".")
    key = re.sub(r"\[\d+\]\Z", "", last)
    for number, line, current in _sections(text):
        if _HEADING.match(line) and current == path:
            return number
        bare = _KEY.match(line)
        if bare and bare[1] == key and current == section:
            return number
    return _line_of(text, section) if section else 0


def _sections(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each line with its number and the section it stands in, such as ``site[1].form[0]``."""
    counts: dict[str, int] = {}
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        heading = _HEADING.match(line)
        if heading:
            current = ""
            for part in (names := heading[2].split(".")):
                current = f"{current}.{part}".lstrip(".")
                if part is names[-1] and heading[1] == "[[":
                    counts[current] = counts.get(current, -1) + 1
                if current in counts:
                    current = f"{current}[{counts[current]}]"
        yield number, line, current
