"""One attack case as the file tells it: what is done, and what must come of it."""

import re
from pathlib import Path

import msgspec
from msgspec import Struct

PORTAL = "https://portal.example.com"
"""{A}, the one origin that the usual policy allows."""

SECOND_SITE = "https://hr.example.com"
"""{A2}, an honest site that the usual policy does not know."""

EVIL = "https://evil.example"
"""{E}, where the attacker's pages lie."""

SOCKET_PATH = "/v1"
"""{WS}, the path of the agent's socket."""

_STATUS = re.compile(r"\b([45]\d\d)\b")
_CLOSE_CODE = re.compile(r"\bclose (\d{4})\b")


class CasesError(Exception):
    """The file does not hold cases; whoever named it can cure it."""


class Expect(Struct, frozen=True):
    """What must come of a case; the counts are the attack's own, without honest calls."""

    error_class: str
    outcome: str
    prompts_shown: int | str
    token_private_ops: int | str
    pin_tries_used: int | str
    agent_keeps_serving: bool = True


class Case(Struct, frozen=True):
    """One case. ``input_py`` is a Python expression for the exact text or octets to send."""

    id: str
    group: str
    title: str
    runner: str
    action: str
    expect: Expect
    severity: str = ""
    platform: str = "any"
    precondition: str = ""
    input_py: str | None = None
    lesson_from: str = ""

    @property
    def statuses(self) -> frozenset[int]:
        """The HTTP statuses of a refusal that the outcome names; none named means any."""
        return frozenset(int(status) for status in _STATUS.findall(self.expect.outcome))

    @property
    def close_codes(self) -> frozenset[int]:
        """The WebSocket close codes that the outcome names; none named means any."""
        return frozenset(int(code) for code in _CLOSE_CODE.findall(self.expect.outcome))

    def belongs_to(self, group: str) -> bool:
        """Whether a prefix of the id, or the group's name or its beginning, takes the case in."""
        return any(text.lower().startswith(group.lower()) for text in (self.id, self.group))

    def input_for(self, port: int, origin: str = PORTAL) -> str | bytes | None:
        """Return what the case sends to an agent on this port, or ``None`` if it says so in prose.

        Raises:
            CasesError: the expression does not give text or octets.
        """
        if self.input_py is None:
            return None
        expression = self.input_py
        values = {"P": str(port), "WS": SOCKET_PATH, "A": origin, "A2": SECOND_SITE, "E": EVIL}
        for name, value in values.items():
            expression = expression.replace(f"{{{name}}}", value)
        try:
            given = eval(expression, {})  # noqa: S307 -- the format of the file is Python
        except Exception as error:
            raise CasesError(f"{self.id}: input_py: {error}") from error
        if not isinstance(given, str | bytes):
            raise CasesError(f"{self.id}: input_py gives {type(given).__name__}")
        return given


def read_cases(file: Path, group: str = "") -> list[Case]:
    """Return a file's cases of a group, in their order; each line holds one.

    Raises:
        CasesError: a line is no case, an id stands twice, or no case belongs to the group.
    """
    cases: dict[str, Case] = {}
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise CasesError(f"{file}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = msgspec.json.decode(line, type=Case)
        except msgspec.DecodeError as error:
            raise CasesError(f"{file}, line {number}: {error}") from error
        if case.id in cases:
            raise CasesError(f"{file}, line {number}: {case.id} stands twice")
        cases[case.id] = case
    chosen = [case for case in cases.values() if case.belongs_to(group)]
    if not chosen:
        raise CasesError(f"{file}: no case belongs to “{group}”")
    return chosen
