"""Only the canonical spelling of a form is read; RFC 8785 judged by another implementation."""

import json
import time
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.documents.previews.base import NotShowableError
from signet_agent.documents.previews.canonical import MAX_INTEGER, read_canonical
from signet_protocol.messages import MAX_DOCUMENT_BYTES

LONG_S = 2.0
"""A refusal takes milliseconds; this is for a machine that does much else beside."""

NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.integers(-MAX_INTEGER, MAX_INTEGER),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=6)


@given(DOCUMENTS)
def test_what_another_implementation_writes_is_read(document: dict[str, Any]) -> None:
    assert read_canonical(rfc8785.dumps(document)) == document


@given(DOCUMENTS)
def test_any_other_spelling_is_refused(document: dict[str, Any]) -> None:
    canonical = rfc8785.dumps(document)
    for spelling in (
        json.dumps(document, ensure_ascii=False).encode(),
        json.dumps(document).encode(),
        json.dumps(document, indent=1).encode(),
        canonical + b"\n",
        b" " + canonical,
        b"\xef\xbb\xbf" + canonical,
    ):
        if spelling != canonical:
            with pytest.raises(NotShowableError):
                read_canonical(spelling)


@given(st.binary(max_size=60))
def test_any_octets_are_canonical_or_refused(content: bytes) -> None:
    try:
        document = read_canonical(content)
    except NotShowableError:
        return
    assert rfc8785.dumps(document) == content


def test_names_are_ordered_by_utf_16() -> None:
    # U+1F600 begins with D83D, below U+E000; by code points it would come after.
    assert list(read_canonical('{"\U0001f600":1,"\ue000":2}'.encode())) == ["\U0001f600", "\ue000"]
    with pytest.raises(NotShowableError):
        read_canonical('{"\ue000":2,"\U0001f600":1}'.encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":1}',
        b'{"x":{"a":1,"a":2}}',
        b'{"b":1,"a":2}',
        b'{"a" :1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":1E400}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\t"}',
        b'{"a":"\\u001F"}',
        b'{"a":"\\u0009"}',
        b'{"a":1}{"a":1}',
        b"{'a':1}",
        b'{"a":tru}',
    ],
)
def test_what_is_not_one_canonical_object_is_refused(content: bytes) -> None:
    with pytest.raises(NotShowableError):
        read_canonical(content)


def test_every_escape_of_the_standard_is_read() -> None:
    content = b'{"a":"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f\x7f"}'

    assert read_canonical(content) == {"a": '\b\t\n\f\r"\\\0\x1f\x7f'}


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("arrays in arrays", b'{"a":' + b"[" * 100_000),
        ("closed arrays in arrays", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("objects in objects", b'{"a":' * 50_000),
        ("a number of 5,000 digits", b'{"a":' + b"9" * 5000 + b"}"),
        ("a number as long as a document", b'{"a":' + b"9" * 262_000 + b"}"),
        ("a fraction as long as a document", b'{"a":0.' + b"9" * 262_000 + b"}"),
        ("a million commas", b'{"a":[' + b"," * 262_000 + b"]}"),
        ("the same name again and again", b"{" + b'"a":1,' * 43_000 + b'"a":1}'),
        ("more than a document", b'{"a":"' + b"a" * MAX_DOCUMENT_BYTES + b'"}'),
    ],
)
def test_a_hostile_form_is_refused_fast(what: str, content: bytes) -> None:
    before = time.perf_counter()

    with pytest.raises(NotShowableError) as refusal:
        read_canonical(content)

    assert time.perf_counter() - before < LONG_S
    assert "9" not in str(refusal.value)


def test_a_refusal_says_nothing_of_the_form() -> None:
    with pytest.raises(NotShowableError) as refusal:
        read_canonical(b'{"salary":12 000}')

    assert "salary" not in str(refusal.value)
    assert refusal.value.__suppress_context__
