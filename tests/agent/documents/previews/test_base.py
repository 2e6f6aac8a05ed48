"""Marks: what has no shape of its own is shown, and no two texts look the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.documents.previews.base import (
    MAX_SHOWN_BYTES,
    NotShowableError,
    mark,
    require_bounds,
    reveal,
)

pytestmark = pytest.mark.quick

DEFAULT_IGNORABLE = [
    *(0x00AD, 0x034F, 0x061C, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x115F, 0x1161),
    *range(0x17B4, 0x17B6),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0080),
    *range(0xE0100, 0xE01F0),
]
"""DerivedCoreProperties.txt of Unicode 14; of the unassigned end of its last range, a part."""

UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from([chr(each) for each in DEFAULT_IGNORABLE]),
        st.sampled_from("⟦⟧U+0 1\n\t\r\u3000\u0301\u0338\u20dd税"),
    )
)


def test_ordinary_writing_stays_as_it_is() -> None:
    text = "本期应补税额：48,627.65 元（含 13 %）\n\t\u3000Überweisung à São Paulo, Việt Nam ①②"

    assert reveal(text) == text


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\u202e", "⟦U+202E⟧"),
        ("\u2066", "⟦U+2066⟧"),
        ("\u200f", "⟦U+200F⟧"),
        ("\u061c", "⟦U+061C⟧"),
        ("\u200b", "⟦U+200B⟧"),
        ("\ufeff", "⟦U+FEFF⟧"),
        ("\r", "⟦U+000D⟧"),
        ("\x1b", "⟦U+001B⟧"),
        ("\x7f", "⟦U+007F⟧"),
        ("\u0085", "⟦U+0085⟧"),
        ("\u00a0", "⟦U+00A0⟧"),
        ("\u2028", "⟦U+2028⟧"),
        ("\u2800", "⟦U+2800⟧"),
        ("\ue000", "⟦U+E000⟧"),
        ("\U000e0041", "⟦U+E0041⟧"),
        ("⟦", "⟦U+27E6⟧"),
    ],
)
def test_what_cannot_be_seen_is_marked_in_its_place(hidden: str, shown: str) -> None:
    assert reveal(f"a{hidden}b") == f"a{shown}b"


def test_every_default_ignorable_character_is_marked() -> None:
    shown = [reveal(chr(code)) for code in DEFAULT_IGNORABLE]

    assert shown == [mark(f"U+{code:04X}") for code in DEFAULT_IGNORABLE]


def test_line_and_tab_are_marked_where_there_is_no_place_for_them() -> None:
    assert reveal("a\n\tb", keep="") == "a⟦U+000A⟧⟦U+0009⟧b"


def test_two_combining_marks_stay_and_a_tower_is_marked() -> None:
    assert reveal("e\u0302\u0301") == "e\u0302\u0301"
    assert reveal("5" + "\u0338" * 4) == "5\u0338\u0338⟦U+0338⟧⟦U+0338⟧"


@given(TEXTS)
def test_nothing_invisible_survives(text: str) -> None:
    shown = reveal(text)

    for character in shown:
        assert character in "\n\t" or unicodedata.category(character) not in UNSEEN_CATEGORIES
        assert ord(character) not in DEFAULT_IGNORABLE


@given(TEXTS, TEXTS)
def test_no_two_texts_become_the_same(one: str, other: str) -> None:
    assert (reveal(one) == reveal(other)) == (one == other)


@given(TEXTS)
def test_a_text_can_be_read_back_from_what_is_shown(text: str) -> None:
    parts = reveal(text).split("⟦")
    read = parts[0]
    for part in parts[1:]:
        code, _, rest = part.partition("⟧")
        read += chr(int(code.removeprefix("U+"), 16)) + rest

    assert read == text


def test_a_text_of_nothing_but_hidden_characters_is_marked_fast() -> None:
    every = "".join(map(chr, [*range(0xE000, 0xF8FF), *DEFAULT_IGNORABLE]))

    assert reveal(every).count("⟦") == len(every)


def test_what_is_shown_has_a_bound_in_octets() -> None:
    require_bounds(["税" * (MAX_SHOWN_BYTES // 6), "税" * (MAX_SHOWN_BYTES // 6)])

    with pytest.raises(NotShowableError):
        require_bounds(["税" * (MAX_SHOWN_BYTES // 6), "税" * (MAX_SHOWN_BYTES // 6 + 1)])
