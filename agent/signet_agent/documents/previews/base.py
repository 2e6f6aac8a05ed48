"""What every preview offers, how it refuses, and how it shows what has no shape of its own."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Protocol

from signet_agent.channel.document_messages import FormView, Shown

MAX_SHOWN_BYTES = 512 * 1024
"""All texts of a preview in UTF-8: half a frame, and more than anybody reads. Marks make a hostile
text up to twelve times as long as the document."""

MAX_PARAGRAPH_CHARS = 4_000
"""One line of a text, or one value of a form: the window lays it out in one piece. Two printed
pages; a longer one is data for machines."""

MAX_STACKED_MARKS = 2
"""Combining marks on one character, as Vietnamese and Thai need; a tower of them paints over the
lines above."""

_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
"""Letters, symbols and marks without a shape: fillers, blanks, joiners, variation selectors (the
Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, and blanks)."""

_OPENING_MARK = "⟦"
"""Begins every mark; a document's own is marked as well, so that no text can imitate one."""

_IDEOGRAPHIC_SPACE = "\u3000"
"""The blank of Chinese writing; every other space but U+0020 is marked."""


class NotShowableError(Exception):
    """The document cannot be shown exactly as it is, so it is not signed.

    The page's fault. The text is for the log and holds nothing of the document.
    """


class Preview(Protocol):
    """A preview turns one media type into what the window shows."""

    def show(self, content: bytes, forms: Mapping[str, FormView]) -> Shown:
        """Return everything the octets say.

        Args:
            content: the document, exactly the octets that will be signed.
            forms: the site's forms by their id; a preview that knows no forms ignores them.

        Raises:
            NotShowableError: something in it could not be shown.
        """


def mark(text: str) -> str:
    """Return what stands for something without a shape, such as ⟦U+202E⟧."""
    return f"{_OPENING_MARK}{text}⟧"


def reveal(text: str, keep: str = "\n\t") -> str:
    """Return a text with a mark in the place of every character that cannot be seen.

    Marked are control and format characters (bidi controls and zero-width ones among them), code
    points that are private, unassigned or surrogates, spaces of other widths, fillers, variation
    selectors, and combining marks piled too high. No two texts become the same.

    Args:
        text: of a document.
        keep: control characters that the place can show as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    characters = set(text)
    hidden = {ord(each): _mark(each) for each in characters if not _is_seen(each, keep)}
    combining = {
        each
        for each in characters
        if unicodedata.category(each) in {"Mn", "Me"} and ord(each) not in hidden
    }
    shown = text.translate(hidden)
    return _flatten(shown, combining) if combining else shown


def require_bounds(texts: Iterable[str]) -> None:
    """Check that what a preview shows fits the window and the channel.

    Raises:
        NotShowableError: it does not.
    """
    if sum(len(text.encode("utf-8")) for text in texts) > MAX_SHOWN_BYTES:
        message = f"shown, it takes more than {MAX_SHOWN_BYTES} octets"
        raise NotShowableError(message)


def _is_seen(character: str, keep: str) -> bool:
    if character in keep or character == _IDEOGRAPHIC_SPACE:
        return True
    # Python's printable: neither "other" nor "separator" in Unicode's categories, but U+0020.
    return character.isprintable() and character not in _INVISIBLE and character != _OPENING_MARK


def _flatten(text: str, combining: set[str]) -> str:
    """Mark the combining marks that stand on top of too many others."""
    shown = []
    height = 0
    for character in text:
        height = height + 1 if character in combining else 0
        shown.append(character if height <= MAX_STACKED_MARKS else _mark(character))
    return "".join(shown)


def _mark(character: str) -> str:
    return mark(f"U+{ord(character):04X}")
