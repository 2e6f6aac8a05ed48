"""Text that is signed without attributes is text and nothing else."""

import pytest

from signet_protocol.plain_text import LOGIN_LENGTHS, SM2_LOGIN_PREFIX, is_plain_text

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    "text", ["", "a", "表\t一\r\n表二", "x" * 63, "x" * 65, " SIGNET-SM2-LOGIN"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_text_is_text(text: str, encoding: str) -> None:
    assert is_plain_text(text.encode(encoding))


@pytest.mark.parametrize("octet", [*range(9), 11, 12, *range(14, 32), 127])
def test_a_control_character_is_not(octet: int) -> None:
    assert not is_plain_text(b"text" + bytes([octet]))


@pytest.mark.parametrize("length", sorted(LOGIN_LENGTHS))
def test_what_is_as_long_as_a_login_is_not(length: int) -> None:
    assert not is_plain_text(b"x" * length)


def test_what_begins_like_a_login_with_sm2_is_not() -> None:
    assert not is_plain_text(SM2_LOGIN_PREFIX)
    assert not is_plain_text(SM2_LOGIN_PREFIX + b" and more")
