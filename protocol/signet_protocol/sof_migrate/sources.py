"""Reading a site's pages and scripts, in UTF-8 or in the GBK of older ones."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset(
    {".html", ".htm", ".xhtml", ".shtml", ".js", ".mjs", ".ts", ".vue"}
    | {".jsp", ".jspx", ".jspf", ".tag", ".ftl", ".vm"}
    | {".asp", ".aspx", ".ascx", ".master", ".cshtml"}
    | {".php", ".phtml", ".tpl", ".inc"}
)
"""Where pages keep their scripts: static files and the templates of the usual servers."""

SKIPPED_FOLDERS = frozenset({"node_modules"})
"""Libraries that nobody migrates by hand. Hidden folders are left out too."""

MAX_SOURCE_BYTES = 8 * 1024 * 1024
"""The largest script bundles have a few megabytes; what is larger is no source."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class UnreadableError(Exception):
    """A file cannot be read as text; the message says why."""


@dataclass(frozen=True)
class SourceText:
    """One file: its path below the folder, its text, and the encoding it has."""

    path: Path
    text: str
    charset: str


def source_files(folder: Path) -> Iterator[Path]:
    """Yield the pages and scripts below a folder, in order; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS
        )
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
                yield path


def read_source(folder: Path, path: Path) -> SourceText:
    """Return a file's text.

    Raises:
        UnreadableError: it cannot be opened, is too large, or is no text in a known encoding.
    """
    try:
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise UnreadableError(f"larger than {MAX_SOURCE_BYTES} octets")
        octets = path.read_bytes()
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be opened") from error
    text, charset = _decode(octets)
    return SourceText(path.relative_to(folder), text, charset)


def _decode(octets: bytes) -> tuple[str, str]:
    named = next((charset for mark, charset in _BOMS if octets.startswith(mark)), None)
    # GB 18030 holds GBK and GB 2312; nearly any octets are GBK, so UTF-8 has the first word.
    for charset in (named,) if named else ("utf-8", "gb18030"):
        try:
            text = octets.decode(charset)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, "gbk" if charset == "gb18030" else charset.removesuffix("-sig")
    raise UnreadableError("no text in UTF-8, UTF-16 or GBK")
