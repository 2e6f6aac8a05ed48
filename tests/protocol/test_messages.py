"""The small judgements that messages are built on."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_protocol.messages import decode_base64, is_file_name, is_nonce, is_request_id

pytestmark = pytest.mark.quick

NONCE = base64.b64encode(bytes(range(32))).decode("ascii")


@pytest.mark.parametrize("value", [0, 2**53 - 1, "a", "!", "~" * 64, "0"])
def test_a_request_id_is_short_and_printable_or_a_safe_integer(value: object) -> None:
    assert is_request_id(value)


@pytest.mark.parametrize(
    "value",
    [True, False, -1, 2**53, 1.0, None, "", " ", "a\n", "\x7f", "é", "a" * 65, [], {}, b"a"],
)
def test_everything_else_is_no_request_id(value: object) -> None:
    assert not is_request_id(value)


@pytest.mark.parametrize(
    "nonce",
    [NONCE, NONCE.rstrip("=") + "A", "A" * 44, "A" * 128, "-_" * 22, "A" * 126 + "=="],
)
def test_a_nonce_of_256_bits_is_taken(nonce: str) -> None:
    assert is_nonce(nonce)


@pytest.mark.parametrize(
    "nonce",
    [
        "",
        NONCE[:-1],
        "A" * 43,
        "A" * 129,
        # 44 characters that hold only 31 octets.
        "A" * 42 + "==",
        "A" * 43 + "\n",
        "A" * 43 + " ",
        "A" * 43 + "税",
        "A" * 20 + "=" + "A" * 23,
        "A" * 44 + "===",
    ],
)
def test_a_weaker_nonce_or_another_alphabet_is_not_taken(nonce: str) -> None:
    assert not is_nonce(nonce)


@given(st.binary())
def test_canonical_base64_comes_back_as_its_octets(octets: bytes) -> None:
    assert decode_base64(base64.b64encode(octets).decode("ascii")) == octets


@pytest.mark.parametrize(
    "text", ["A", "AA", "AA=", "AAA", "AB==", "AAB=", "AAAA\n", "AA AA", "-_-_", "AA==AA==", "税"]
)
def test_any_other_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_base64(text)


@pytest.mark.parametrize(
    "name", ["", "a.zip", "施工图（一期）　终稿.zip", "Ελλάδα 1", "𠮷.pdf", "⟦.txt"]
)
def test_a_name_that_shows_itself_is_taken(name: str) -> None:
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(f"a{mark}b" for mark in "\0\t\n\r\x1b\x7f\x85\xa0\xad"),
        *(f"a{mark}b" for mark in "\u200b\u200e\u2028\u202e\u2066\ufeff\ud800"),
        "a\U000e0041b",
    ],
)
def test_a_name_that_could_pretend_to_be_another_is_refused(name: str) -> None:
    assert not is_file_name(name)
