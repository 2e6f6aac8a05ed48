from decimal import Decimal

import pytest

from portal.forms.values import MAX_TEXT_CHARS, InputError, Kind, plain, read, shown
from portal.texts import catalogue, say

pytestmark = pytest.mark.quick

FAULTS = [say(key, limit=MAX_TEXT_CHARS) for key in catalogue() if key.startswith("fault.")]


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("money", "1,286,400.00", Decimal("1286400.00")),
        ("money", " １２３．５ 元", Decimal("123.50")),
        ("money", "−17600", Decimal("-17600.00")),
        ("money", "¥20000", Decimal("20000.00")),
        ("percent", "60", Decimal("60.00")),
        ("integer", "1 286", Decimal(1286)),
        ("text", " 退货\r\n冲减 ", "退货\n冲减"),
        ("code", "样广许〔2025〕0018", "样广许〔2025〕0018"),
        ("date", "2026-11-12", "2026-11-12"),
        ("url", "www.sample-e.example", "www.sample-e.example"),
        ("url", "https://shop.sample.example:8443/a?b=c", "https://shop.sample.example:8443/a?b=c"),
        ("declaration", "是", "是"),
    ],
)
def test_what_people_type_is_read(kind: Kind, typed: str, value: object) -> None:
    assert read(kind, typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("money", "1.234"),
        ("money", "abc"),
        ("money", "1e9"),
        ("money", "NaN"),
        ("money", "9" * 14),
        ("money", ""),
        ("integer", "-1"),
        ("integer", "1.0"),
        ("integer", "9" * 10),
        ("text", "a" * (MAX_TEXT_CHARS + 1)),
        ("text", "看\u202e不见"),
        ("text", "a\x00b"),
        ("date", "2026-02-30"),
        ("date", "12.11.2026"),
        ("url", "javascript:alert(1)"),
        ("url", "sample"),
        ("url", "http://a b.example"),
        ("declaration", "否"),
    ],
)
def test_what_cannot_be_read_is_told_to_the_person(kind: Kind, typed: str) -> None:
    with pytest.raises(InputError) as caught:
        read(kind, typed)

    assert str(caught.value) in FAULTS


def test_texts_are_composed() -> None:
    assert read("text", "e\u0301") == "é"


@pytest.mark.parametrize(
    ("kind", "value", "signed", "on_page"),
    [
        ("money", Decimal(1286400), "1286400.00", "1,286,400.00"),
        ("money", Decimal(-17600), "-17600.00", "-17,600.00"),
        ("money", Decimal("-0.5"), "-0.50", "-0.50"),
        ("money", Decimal(0), "0.00", "0.00"),
        ("integer", Decimal(27), "27", "27"),
        ("integer", Decimal("1E+3"), "1000", "1,000"),
        ("text", "退货", "退货", "退货"),
    ],
)
def test_a_value_is_plain_when_signed_and_grouped_on_the_page(
    kind: Kind, value: Decimal | str, signed: str, on_page: str
) -> None:
    assert (plain(kind, value), shown(kind, value)) == (signed, on_page)
