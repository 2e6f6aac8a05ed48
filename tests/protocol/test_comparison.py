"""The sixteen digits that page and window both show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_protocol.comparison import comparison_code

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("document", "code"),
    [
        # SHA-256 begins e3b0c442 98fc1c14, in decimal 16406829232824261652.
        (b"", "6829 2328 2426 1652"),
        # SHA-256 begins ba7816bf 8f01cfea, in decimal 13436514500253700074.
        (b"abc", "6514 5002 5370 0074"),
    ],
)
def test_the_code_is_that_of_the_published_digest(document: bytes, code: str) -> None:
    assert comparison_code(document) == code


def test_a_small_number_keeps_its_leading_zeros() -> None:
    # One code in ten begins with a zero, so two hundred are more than enough.
    codes = [comparison_code(str(number).encode()) for number in range(200)]
    assert any(code.startswith("0") for code in codes)
    assert {len(code) for code in codes} == {19}


@given(st.binary(max_size=64))
def test_every_code_is_four_groups_of_four_digits(document: bytes) -> None:
    groups = comparison_code(document).split(" ")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert all(group.isdecimal() and group.isascii() for group in groups)
