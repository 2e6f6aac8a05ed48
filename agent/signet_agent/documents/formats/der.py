"""Distinguished Encoding Rules (ITU-T X.690), as far as a signature needs them.

Written by hand because it is on the way of every signature: a general ASN.1 library takes ten
times as long as the RSA signature it wraps.
"""

import time
from typing import NamedTuple

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31
CONTEXT_0 = 0xA0
"""[0], constructed: an explicit tag, or the implicit tag of a SEQUENCE or SET."""
CONTEXT_4 = 0xA4
"""[4], constructed: ``directoryName`` of a GeneralName (RFC 5280, section 4.2.1.6)."""

_LONG_FORM = 0x80
_HIGH_TAG_NUMBER = 0x1F
_MAX_LENGTH_OCTETS = 4
"""Lengths up to 4 GiB; nothing that reaches this room comes near."""

_FIRST_UTC_YEAR, _LAST_UTC_YEAR = 1950, 2049
_END_OF_TIME = 253_402_300_800
"""10000-01-01T00:00:00Z: GeneralizedTime has four digits for the year."""


class DerError(ValueError):
    """The octets are not DER of the expected form; whoever made them is at fault."""


class Element(NamedTuple):
    """Where one element lies: identifier octet, start of it, of its content, and end."""

    tag: int
    start: int
    content: int
    end: int


def encode(tag: int, *parts: bytes) -> bytes:
    """Return one element whose content is the parts in a row (X.690, sections 8.1 and 10.1)."""
    content = b"".join(parts)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content


def encode_integer(value: int) -> bytes:
    """Return a non-negative INTEGER in the fewest octets (X.690, section 8.3)."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def encode_time(seconds: int) -> bytes:
    """Return a Time: UTCTime from 1950 to 2049, else GeneralizedTime (RFC 5652, section 11.3).

    Raises:
        DerError: the time lies before 1970 or after 9999.
    """
    if not 0 <= seconds < _END_OF_TIME:
        message = "a time before 1970 or after 9999"
        raise DerError(message)
    moment = time.gmtime(seconds)
    if _FIRST_UTC_YEAR <= moment.tm_year <= _LAST_UTC_YEAR:
        return encode(UTC_TIME, time.strftime("%y%m%d%H%M%SZ", moment).encode("ascii"))
    return encode(GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ", moment).encode("ascii"))


def read_element(data: bytes, offset: int, end: int) -> Element:
    """Return the element at an offset, without looking into it.

    Raises:
        DerError: the identifier has a high tag number, or the length is indefinite, not minimal,
            or reaches beyond ``end``.
    """
    if end - offset < 2:  # noqa: PLR2004 -- one octet of identifier, one of length
        message = "an element is cut off"
        raise DerError(message)
    tag, length = data[offset], data[offset + 1]
    content = offset + 2
    if tag & _HIGH_TAG_NUMBER == _HIGH_TAG_NUMBER:
        message = "a high tag number"
        raise DerError(message)
    if length >= _LONG_FORM:
        count = length - _LONG_FORM
        octets = data[content : content + count]
        content += count
        length = int.from_bytes(octets, "big")
        if not 0 < count <= _MAX_LENGTH_OCTETS or octets[:1] == b"\0" or length < _LONG_FORM:
            message = "an indefinite or not minimal length"
            raise DerError(message)
    if content + length > end:
        message = "an element is longer than what holds it"
        raise DerError(message)
    return Element(tag, offset, content, content + length)


def read_sequence(data: bytes, start: int, end: int, tags: tuple[int, ...]) -> list[Element]:
    """Return the first elements between two offsets, which must carry these tags in order.

    Raises:
        DerError: an element is missing, or carries another tag.
    """
    elements = []
    for tag in tags:
        element = read_element(data, start, end)
        if element.tag != tag:
            message = f"tag {element.tag:#04x} where {tag:#04x} belongs"
            raise DerError(message)
        elements.append(element)
        start = element.end
    return elements
