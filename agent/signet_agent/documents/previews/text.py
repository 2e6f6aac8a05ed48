"""Plain text (``text/plain``): UTF-8 or GBK, shown line by line as it is."""

from collections.abc import Mapping
from typing import Literal

from signet_agent.channel.document_messages import FormView, Shown
from signet_agent.documents.previews.base import (
    MAX_PARAGRAPH_CHARS,
    NotShowableError,
    require_bounds,
    reveal,
)
from signet_agent.model import Paper
from signet_protocol.messages import MAX_DOCUMENT_BYTES

MAX_LINES = 5_000
"""A hundred printed pages; nobody reads more in a window before signing."""


class TextPreview:
    """Shows a strict encoding without NUL; a byte order mark is marked like every invisible thing.

    GBK is what pages of the old kind write (GB 18030's two-octet part). Only a text that comes out
    as the very same octets again is shown: no octets have two readings.
    """

    def __init__(self, encoding: Literal["utf-8", "gbk"] = "utf-8") -> None:
        """Fix the encoding."""
        self._encoding = encoding

    def show(self, content: bytes, forms: Mapping[str, FormView]) -> Shown:  # noqa: ARG002 -- a text names no form; the parameter is the family's
        """Return the text with marks.

        Raises:
            NotShowableError: it is empty, of another encoding, too large, or holds NUL.
        """
        if not 0 < len(content) <= MAX_DOCUMENT_BYTES:
            message = "the text is empty or larger than a document may be"
            raise NotShowableError(message)
        text = self._decode(content)
        if "\0" in text:
            message = "the text holds NUL, where some readers stop"
            raise NotShowableError(message)
        shown = reveal(text)
        _require_readable(shown)
        return Shown(Paper(text=shown))

    def _decode(self, content: bytes) -> str:
        try:
            text = content.decode(self._encoding)
        except UnicodeDecodeError:
            text = ""
        if text.encode(self._encoding) != content:
            message = f"the text is not {self._encoding.upper()}"
            raise NotShowableError(message)
        return text


def _require_readable(text: str) -> None:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        message = f"the text has more than {MAX_LINES} lines"
        raise NotShowableError(message)
    if max(map(len, lines)) > MAX_PARAGRAPH_CHARS:
        message = f"a line is longer than {MAX_PARAGRAPH_CHARS} characters"
        raise NotShowableError(message)
    require_bounds([text])
