"""What a browser may send passes octet for octet; what RFC 6455 forbids a client ends it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.daemon.endpoints.client_frames import ClientFrames, FrameError
from tests.kit.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    closing_frame,
    masked_frame,
)

pytestmark = pytest.mark.quick

MASK = bytes(4)

ORDERLY = {
    "a text": masked_frame(TEXT, b"{}"),
    "an empty text": masked_frame(TEXT),
    "a binary message, which the endpoint refuses in its own way": masked_frame(BINARY, b"\0\1"),
    "a length in two octets": masked_frame(TEXT, b"x" * 126),
    "a length in eight octets": masked_frame(TEXT, b"x" * 2**16),
    "a message in parts with a ping between": masked_frame(TEXT, b"a", final=False)
    + masked_frame(PING, b"x" * 125)
    + masked_frame(CONTINUATION, b"b", final=False)
    + masked_frame(CONTINUATION, b"c")
    + masked_frame(TEXT, b"d"),
    "a message that begins with an empty part": masked_frame(TEXT, final=False)
    + masked_frame(CONTINUATION, b"{}"),
    "a pong that nobody asked for": masked_frame(PONG),
    "a close without a code": masked_frame(CLOSE),
    "a close with a reason": closing_frame(1000, "再见".encode()),
    "a close of an application": closing_frame(4999),
}

FORBIDDEN = {
    "no mask": b"\x81\x02{}",
    "the first reserved bit": b"\xc1\x82\0\0\0\0{}",
    "the second reserved bit": b"\xa1\x82\0\0\0\0{}",
    "the third reserved bit": b"\x91\x82\0\0\0\0{}",
    "a reserved kind of message": masked_frame(3),
    "a reserved kind of control frame": masked_frame(11),
    "a ping of 126 octets": masked_frame(PING, b"x" * 126),
    "a ping in parts": masked_frame(PING, final=False),
    "half a close code": masked_frame(CLOSE, b"\x03"),
    "a continuation of nothing": masked_frame(CONTINUATION, b"x"),
    "a message inside another": masked_frame(TEXT, b"a", final=False) + masked_frame(TEXT, b"b"),
    "a message inside one that began empty": masked_frame(TEXT, final=False)
    + masked_frame(TEXT, b"{}"),
    "a binary message inside a text": masked_frame(TEXT, b"a", final=False)
    + masked_frame(BINARY, b"b"),
    "a continuation after the end": masked_frame(TEXT, b"a") + masked_frame(CONTINUATION, b"b"),
    "a short length in two octets": b"\x81\xfe\0\x7d" + MASK,
    "no length in two octets": b"\x81\xfe\0\0" + MASK,
    "a short length in eight octets": b"\x81\xff" + (2**16 - 1).to_bytes(8, "big") + MASK,
    "a length with its first bit set": b"\x81\xff" + (2**63).to_bytes(8, "big") + MASK,
    **{
        f"close code {code}": closing_frame(code) for code in (0, 999, 1004, 1005, 1006, 1015, 2999)
    },
    **{f"close code {code}": closing_frame(code) for code in (5000, 65535)},
}


@pytest.mark.parametrize("octets", ORDERLY.values(), ids=ORDERLY.keys())
def test_what_a_browser_may_send_passes_unchanged(octets: bytes) -> None:
    assert ClientFrames().admit(octets) == octets


@pytest.mark.parametrize("octets", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_no_client_may_send_is_refused(octets: bytes) -> None:
    with pytest.raises(FrameError):
        ClientFrames().admit(octets)


@pytest.mark.parametrize("octets", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_it_is_refused_octet_by_octet_too_and_its_head_is_never_passed_on(octets: bytes) -> None:
    frames, admitted = ClientFrames(), bytearray()

    def feed() -> None:
        for octet in octets:
            admitted.extend(frames.admit(bytes((octet,))))

    with pytest.raises(FrameError):
        feed()
    assert octets.startswith(admitted)
    ClientFrames().admit(bytes(admitted))


def test_a_head_is_kept_back_until_it_is_whole() -> None:
    frames = ClientFrames()
    octets = masked_frame(TEXT, b"{}")

    assert frames.admit(octets[:5]) == b""
    assert frames.admit(octets[5:6]) == octets[:6]
    assert frames.admit(octets[6:]) == octets[6:]


def _parts(octets: bytes, cuts: list[int]) -> Iterator[bytes]:
    ends = [*sorted({cut % (len(octets) + 1) for cut in cuts}), len(octets)]
    start = 0
    for end in ends:
        yield octets[start:end]
        start = end


@given(
    st.lists(st.sampled_from([name for name in ORDERLY if "eight" not in name]), max_size=6),
    st.lists(st.integers(0, 2000), max_size=12),
)
def test_however_the_network_cuts_them_the_same_octets_arrive(
    names: list[str], cuts: list[int]
) -> None:
    octets = b"".join(ORDERLY[name] for name in names)
    frames = ClientFrames()

    assert b"".join(frames.admit(part) for part in _parts(octets, cuts)) == octets
