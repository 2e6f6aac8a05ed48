"""Plain text is shown exactly, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.documents.previews.base import MAX_PARAGRAPH_CHARS, NotShowableError, reveal
from signet_agent.documents.previews.text import MAX_LINES, TextPreview
from signet_protocol.messages import MAX_DOCUMENT_BYTES

pytestmark = pytest.mark.quick


def _shown(content: bytes) -> str:
    return TextPreview().show(content, {}).paper.text


def test_a_text_is_shown_as_it_is() -> None:
    shown = TextPreview().show("委托书\n\n我委托张三办理。\n".encode(), {})

    assert shown.paper.text == "委托书\n\n我委托张三办理。\n"
    assert (shown.paper.title, shown.paper.rows, shown.form, shown.after) == ("", (), "", ())


def test_one_octet_is_a_text() -> None:
    assert _shown(b"1") == "1"


def test_a_byte_order_mark_is_visible() -> None:
    assert _shown(b"\xef\xbb\xbfok") == "⟦U+FEFF⟧ok"


def test_carriage_returns_are_visible() -> None:
    assert _shown(b"pay 1\rpay 9\r\n") == "pay 1⟦U+000D⟧pay 9⟦U+000D⟧\n"


def test_utf_7_is_not_decoded() -> None:
    assert _shown(b"+AGE-") == "+AGE-"


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("nothing", b""),
        ("NUL", b"pay\0me"),
        ("an overlong form", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("a code point above Unicode", b"\xf4\x90\x80\x80"),
        ("UTF-16", "pay".encode("utf-16")),
        ("GBK", "申报".encode("gbk")),
        ("a cut character", "税".encode()[:2]),
        ("a program", b"MZ\x90\x00\x03"),
        ("too many octets", b"a\n" * (MAX_DOCUMENT_BYTES // 2) + b"a"),
        ("too many lines", b"\n" * MAX_LINES),
        ("too long a line", b"a" * (MAX_PARAGRAPH_CHARS + 1)),
        ("a line too long once marked", "\u200b".encode() * (MAX_PARAGRAPH_CHARS // 8 + 1)),
        ("too much once marked", ("\u200b" * 400 + "\n").encode() * 200),
    ],
)
def test_what_cannot_be_shown_is_refused(what: str, content: bytes) -> None:
    with pytest.raises(NotShowableError):
        _shown(content)


def test_the_largest_text_is_shown() -> None:
    lines = b"a" * 99 + b"\n"

    assert len(_shown(lines * (MAX_DOCUMENT_BYTES // 100))) == MAX_DOCUMENT_BYTES // 100 * 100
    assert _shown(b"\n" * (MAX_LINES - 1)) == "\n" * (MAX_LINES - 1)
    assert _shown(b"a" * MAX_PARAGRAPH_CHARS) == "a" * MAX_PARAGRAPH_CHARS


@given(st.binary(min_size=1, max_size=200))
def test_any_octets_are_shown_whole_or_refused(content: bytes) -> None:
    try:
        shown = _shown(content)
    except NotShowableError:
        return
    assert shown == reveal(content.decode("utf-8"))


def test_a_refusal_says_nothing_of_the_text() -> None:
    with pytest.raises(NotShowableError) as refusal:
        _shown(b"secret\xff")

    assert "secret" not in str(refusal.value)
    assert refusal.value.__context__ is None
