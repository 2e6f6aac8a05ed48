"""DER as the signature format writes and reads it, held against a general ASN.1 library."""

import pytest
from asn1crypto.core import Integer, OctetString
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.documents.formats.der import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    encode,
    encode_integer,
    encode_time,
    read_element,
    read_sequence,
)

pytestmark = pytest.mark.quick

LAST_SECOND_OF_UTC_TIME = 2_524_607_999  # 2049-12-31T23:59:59Z


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_a_length_takes_the_fewest_octets(size: int) -> None:
    content = bytes(size)

    assert encode(OCTET_STRING, content) == OctetString(content).dump()


@given(st.integers(min_value=0, max_value=2**600))
def test_an_integer_takes_the_fewest_octets(value: int) -> None:
    assert encode_integer(value) == Integer(value).dump()


def test_parts_stand_in_a_row() -> None:
    assert encode(SEQUENCE, b"\x05\x00", b"\x05\x00") == bytes.fromhex("300405000500")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, b"\x17\x0d700101000000Z"),
        (1_794_464_432, b"\x17\x0d261112062032Z"),
        (LAST_SECOND_OF_UTC_TIME, b"\x17\x0d491231235959Z"),
        (LAST_SECOND_OF_UTC_TIME + 1, b"\x18\x0f20500101000000Z"),
        (253_402_300_799, b"\x18\x0f99991231235959Z"),
    ],
)
def test_a_time_changes_its_type_in_2050(seconds: int, expected: bytes) -> None:
    assert encode_time(seconds) == expected


@pytest.mark.parametrize("seconds", [-1, 253_402_300_800, 2**80])
def test_a_time_outside_of_four_digit_years_is_refused(seconds: int) -> None:
    with pytest.raises(DerError):
        encode_time(seconds)


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=3))
def test_what_is_written_is_read_at_its_place(content: bytes, before: int) -> None:
    data = bytes(before) + encode(OCTET_STRING, content)

    element = read_element(data, before, len(data))

    assert (element.tag, element.start, element.end) == (OCTET_STRING, before, len(data))
    assert data[element.content : element.end] == content


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", ""),
        ("an identifier alone", "30"),
        ("a high tag number", "1f810100"),
        ("an indefinite length", "30800000"),
        ("a reserved length", "30ff00"),
        ("a length in five octets", "30850000000001"),
        ("a length with a leading zero", "30820080" + "00" * 128),
        ("a long form for a short length", "30817f" + "00" * 127),
        ("a length without its octets", "3082"),
        ("a length beyond the end", "300401"),
    ],
)
def test_what_is_not_der_is_refused(what: str, data: str) -> None:
    octets = bytes.fromhex(data)

    with pytest.raises(DerError):
        read_element(octets, 0, len(octets))


def test_an_element_may_not_reach_out_of_its_container() -> None:
    octets = bytes.fromhex("0402aabb")

    with pytest.raises(DerError):
        read_element(octets, 0, 3)


def test_a_sequence_is_read_in_order() -> None:
    octets = bytes.fromhex("020101" + "0401aa" + "0500")

    elements = read_sequence(octets, 0, len(octets), (INTEGER, OCTET_STRING))

    assert [element.end for element in elements] == [3, 6]


@pytest.mark.parametrize("tags", [(OCTET_STRING,), (INTEGER, INTEGER)])
def test_another_tag_than_expected_is_refused(tags: tuple[int, ...]) -> None:
    octets = bytes.fromhex("020101" + "0401aa")

    with pytest.raises(DerError):
        read_sequence(octets, 0, len(octets), tags)
