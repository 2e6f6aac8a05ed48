"""How an origin is written out: all of it, its registrable domain bold, cut only on the left.

The emphasis helps a person to see who asks; nothing is decided by it, so a short rule stands in
for the public suffix list, and where it errs it makes more bold, never less than the site's name.
"""

from typing import Literal

from msgspec import Struct

Weight = Literal["quiet", "bold"]
Run = tuple[str, Weight]
Line = tuple[Run, ...]

_SCHEME = "https://"
_CUT = "…"
_ENCODED = "xn--"
"""Prefix of a label that holds other than ASCII letters (RFC 5890, section 2.3.2.1)."""

_COUNTRY_CHARS = 2
_SECOND_LEVELS = frozenset(
    {
        *("ac", "co", "com", "edu", "go", "gob", "gov", "gub", "mil", "ne", "net", "nom", "or"),
        *("org", "ah", "bj", "cq", "fj", "gd", "gs", "gx", "gz", "ha", "hb", "he", "hi", "hk"),
        *("hl", "hn", "jl", "js", "jx", "ln", "mo", "nm", "nx", "qh", "sc", "sd", "sh", "sn"),
        *("sx", "tj", "tw", "xj", "xz", "yn", "zj"),
    }
)
"""Names under which a country's registry registers: by kind, and in China by province."""


class OriginParts(Struct, frozen=True):
    """An origin in its four parts; ``encoded`` tells of a host with other than ASCII letters."""

    scheme: str
    lead: str
    domain: str
    port: str
    encoded: bool


def split_origin(origin: str) -> OriginParts:
    """Return the parts of an https origin as a browser writes it (RFC 6454, section 6.2)."""
    host, colon, port = origin.removeprefix(_SCHEME).partition(":")
    labels = host.split(".")
    kept = min(len(labels), 2)
    if len(labels) > kept and len(labels[-1]) == _COUNTRY_CHARS and labels[-2] in _SECOND_LEVELS:
        kept += 1
    lead = labels[:-kept]
    return OriginParts(
        scheme=_SCHEME,
        lead="".join(f"{label}." for label in lead),
        domain=".".join(labels[-kept:]),
        port=colon + port,
        encoded=any(label.startswith(_ENCODED) for label in labels),
    )


def lay_out(parts: OriginParts, columns: int) -> tuple[Line, ...]:
    """Return the lines of an origin in ``columns`` characters of one width.

    The lead is cut from the left first; a domain that is too long by itself goes on in further
    lines, so that not one of its letters is ever hidden.
    """
    columns = max(columns, 1)
    room = columns - len(parts.scheme) - len(parts.domain) - len(parts.port)
    lead = parts.lead
    if len(lead) > room:
        lead = _CUT + lead[len(lead) - room + 1 :] if room > 1 else _CUT if lead else ""
    runs: tuple[Run, ...] = (
        (parts.scheme + lead, "quiet"),
        (parts.domain, "bold"),
        (parts.port, "quiet"),
    )
    letters = [(letter, weight) for text, weight in runs for letter in text]
    return tuple(
        _join(letters[start : start + columns]) for start in range(0, len(letters), columns)
    )


def _join(letters: list[tuple[str, Weight]]) -> Line:
    """Put neighbours of one weight together again."""
    runs: list[Run] = []
    for letter, weight in letters:
        if runs and runs[-1][1] == weight:
            runs[-1] = (runs[-1][0] + letter, weight)
        else:
            runs.append((letter, weight))
    return tuple(runs)
