"""What a browser may send passes octet for octet; what RFC 6455 forbids a client ends it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.daemon.endpoints.client_frames import ClientFrames, FrameError

pytestmark = pytest.mark.quick

MASK = bytes((0x11, 0x22, 0x33, 0x44))
TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Return a frame as a client sends it: masked, its length in the shortest form."""
    size = len(payload)
    if size < 126:
        length = bytes((0x80 | size,))
    elif size < 2**16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    masked = bytes(octet ^ MASK[index % 4] for index, octet in enumerate(payload))
    return bytes((final << 7 | opcode,)) + length + MASK + masked


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


ORDERLY = {
    "a text": frame(TEXT, b"{}"),
    "an empty text": frame(TEXT),
    "a binary message, which the endpoint refuses in its own way": frame(BINARY, b"\0\1"),
    "a length in two octets": frame(TEXT, b"x" * 126),
    "a length in eight octets": frame(TEXT, b"x" * 2**16),
    "a message in parts with a ping between": frame(TEXT, b"a", final=False)
    + frame(PING, b"x" * 125)
    + frame(CONTINUATION, b"b", final=False)
    + frame(CONTINUATION, b"c")
    + frame(TEXT, b"d"),
    "a message that begins with an empty part": frame(TEXT, final=False)
    + frame(CONTINUATION, b"{}"),
    "a pong that nobody asked for": frame(PONG),
    "a close without a code": frame(CLOSE),
    "a close with a reason": closing(1000, "再见".encode()),
    "a close of an application": closing(4999),
}

FORBIDDEN = {
    "no mask": b"\x81\x02{}",
    "the first reserved bit": b"\xc1\x82\0\0\0\0{}",
    "the second reserved bit": b"\xa1\x82\0\0\0\0{}",
    "the third reserved bit": b"\x91\x82\0\0\0\0{}",
    "a reserved kind of message": frame(3),
    "a reserved kind of control frame": frame(11),
    "a ping of 126 octets": frame(PING, b"x" * 126),
    "a ping in parts": frame(PING, final=False),
    "half a close code": frame(CLOSE, b"\x03"),
    "a continuation of nothing": frame(CONTINUATION, b"x"),
    "a message inside another": frame(TEXT, b"a", final=False) + frame(TEXT, b"b"),
    "a message inside one that began empty": frame(TEXT, final=False) + frame(TEXT, b"{}"),
    "a binary message inside a text": frame(TEXT, b"a", final=False) + frame(BINARY, b"b"),
    "a continuation after the end": frame(TEXT, b"a") + frame(CONTINUATION, b"b"),
    "a short length in two octets": b"\x81\xfe\0\x7d" + MASK,
    "no length in two octets": b"\x81\xfe\0\0" + MASK,
    "a short length in eight octets": b"\x81\xff" + (2**16 - 1).to_bytes(8, "big") + MASK,
    "a length with its first bit set": b"\x81\xff" + (2**63).to_bytes(8, "big") + MASK,
    **{f"close code {code}": closing(code) for code in (0, 999, 1004, 1005, 1006, 1015, 2999)},
    **{f"close code {code}": closing(code) for code in (5000, 65535)},
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
    octets = frame(TEXT, b"{}")

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
