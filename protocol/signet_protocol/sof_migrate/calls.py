"""Finding calls of the old functions in a text.

Patterns, not a parser: pages mix HTML, templates and scripts, and a call that is missed costs more
than one that is listed for nothing. Calls in comments are listed too.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from signet_protocol.sof_migrate.functions import Function, function_list
from signet_protocol.sof_migrate.sources import SourceText

Kind = Literal["call", "unknown", "control", "service", "vendor-script"]

_CALL = re.compile(r"(?<![\w$])(?:([\w$]+)\s*\??\.\s*)?(?<![\w$])([A-Za-z]\w*)\s*\(")
_QUOTED = re.compile(r"""["'](SOF_\w+)["']""")
_DEFINED = re.compile(
    r"(?<![\w$])function\s+(SOF_\w+)\s*\(|(?<![\w$])(SOF_\w+)\s*[:=]\s*(?:async\s+)?function\b"
)
_BEFORE_DEFINITION = re.compile(r"(?:\bfunction|\bnew)\s+$")
_CONTROL = re.compile(
    r"3F367B74-92D9-4C5E-AB93-234F8A91D5E6|[\"']XTXAppCOM\.[\w.]+[\"']", re.IGNORECASE
)
_SERVICE = re.compile(
    r"\b(?:wss?|https?)://(?:127\.0\.0\.1|localhost):(?:21051|21061|51235|51245|7256)\b"
)
_VENDOR_FILE = re.compile(r"\b(?:XTXSAB|xtxasyn)[\w.-]*\.js\b", re.IGNORECASE)
_NAMESPACES = frozenset({"XTXAPP", "XTXSAB", "TCA", "gPKISvc", "window", "parent", "top", "self"})
"""Objects that carry the functions in old pages. Another object's ``ReadFile`` is its own."""


@dataclass(frozen=True)
class Finding:
    """One place to change.

    ``name`` is what stands there; ``function`` the entry of the list behind it, if there is one.
    """

    file: str
    line: int
    kind: Kind
    name: str
    function: Function | None
    replace: str
    server: str


def find_calls(sources: Sequence[SourceText]) -> list[Finding]:
    """Return everything to change in a site, in the order of its files and lines."""
    found = [finding for source in sources for finding in _Scan(source).findings()]
    if any(not _is_alias_alone(finding) for finding in found):
        return found
    # Without any other sign of the old middleware, `ReadFile(` is somebody else's function.
    return []


def _is_alias_alone(finding: Finding) -> bool:
    return finding.kind == "call" and not finding.name.startswith("SOF_")


class _Scan:
    """One file."""

    def __init__(self, source: SourceText) -> None:
        self._text = source.text
        self._file = source.path.as_posix()
        self._lines = [match.end() for match in re.finditer("\n", source.text)]

    def findings(self) -> Iterator[Finding]:
        """Yield what is to change, in order."""
        if _DEFINED.search(self._text):
            # The vendor's own script goes as a whole; its inner calls are nobody's work.
            yield self._finding(0, "vendor-script", self._file.rsplit("/", 1)[-1])
            return
        places = [*self._calls(), *self._signs()]
        for at, kind, name in sorted(set(places)):
            yield self._finding(at, kind, name)

    def _calls(self) -> Iterator[tuple[int, Kind, str]]:
        named = function_list().named()
        for match in _CALL.finditer(self._text):
            receiver, name = match.groups()
            at = match.start(2)
            if _BEFORE_DEFINITION.search(self._text[max(0, at - 20) : at]):
                continue
            if name.startswith("SOF_"):
                yield at, "call" if name in named else "unknown", name
            elif name in named and (receiver is None or receiver in _NAMESPACES):
                yield at, "call", name
        for match in _QUOTED.finditer(self._text):
            yield match.start(1), "call" if match[1] in named else "unknown", match[1]

    def _signs(self) -> Iterator[tuple[int, Kind, str]]:
        signs: tuple[tuple[re.Pattern[str], Kind], ...] = (
            (_CONTROL, "control"),
            (_SERVICE, "service"),
            (_VENDOR_FILE, "vendor-script"),
        )
        for pattern, kind in signs:
            for match in pattern.finditer(self._text):
                yield match.start(), kind, match[0].strip("\"'")

    def _finding(self, at: int, kind: Kind, name: str) -> Finding:
        line = bisect_right(self._lines, at) + 1
        function = function_list().named().get(name) if kind == "call" else None
        replace, server = (function.replace, function.server) if function else _ADVICE[kind]
        return Finding(self._file, line, kind, name, function, replace, server)


_ADVICE: dict[Kind, tuple[str, str]] = {
    "call": ("", ""),
    "unknown": (
        "No such function is known: look up what it did, and ask for what the page needs.",
        "Depends on what it did.",
    ),
    "control": ("Remove it: browsers load no such control.", "Nothing."),
    "service": (
        "Remove it: signet.js finds the agent (Signet.connect), and no page may name its address.",
        "Allow ws://127.0.0.1:* in Content-Security-Policy, connect-src.",
    ),
    "vendor-script": (
        "Remove it, and load signet.js, or sof.js for the time of the migration.",
        "Serve protocol/js from your own site.",
    ),
}
