"""Whatever arrives, the answer is a typed reason and comes soon."""

import time
from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_protocol.verify import VerificationError, verify_login, verify_signature
from signet_protocol.verify.cms import MAX_SIGNATURE_BYTES
from tests.protocol.verify.city import CONTENT, NONCE, NOW, ORIGIN, City, write_token
from tests.protocol.verify.draft import DIGEST_OIDS, Draft, algorithm, attribute, tlv

# A server may turn warnings into errors, and certificates out of form draw warnings.
pytestmark = pytest.mark.filterwarnings("error")

CITY = City()
SIGNATURE = Draft(CITY.signer(), CONTENT).build()
TOKEN = write_token(CITY.signer(), "p256")
TOKEN_DER = b64decode(str(TOKEN["unverifiedCertificate"]))

SECONDS = 1.0
"""Far above what any of these takes; a search without end would not come near it."""

some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@st.composite
def mutations(draw: st.DrawFn, original: bytes) -> bytes:
    """Return the original with a few octets changed, a piece cut out, doubled or put in."""
    octets = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(octets)))
        end = draw(st.integers(start, min(len(octets), start + 64)))
        way = draw(st.sampled_from(["change", "cut", "double", "insert", "truncate"]))
        if way == "change" and start < len(octets):
            octets[start] ^= draw(st.integers(1, 255))
        elif way == "cut":
            del octets[start:end]
        elif way == "double":
            octets[end:end] = octets[start:end]
        elif way == "insert":
            octets[start:start] = draw(st.binary(max_size=32))
        else:
            del octets[start:]
    return bytes(octets)


def judge(cms: bytes) -> bool:
    """Whether a signature is taken; anything but a typed refusal ends the test."""
    try:
        verify_signature(cms, content=CONTENT, anchors=CITY.anchors, at=NOW)
    except VerificationError:
        return False
    return True


def judge_login(token: dict[str, object]) -> bool:
    """Whether a login is taken; anything but a typed refusal ends the test."""
    try:
        verify_login(token, origin=ORIGIN, nonce=NONCE, anchors=CITY.anchors, at=NOW)
    except VerificationError:
        return False
    return True


@settings(deadline=None, max_examples=1000)
@given(mutations(SIGNATURE))
def test_a_mutated_signature_is_refused(cms: bytes) -> None:
    assert judge(cms) == (cms == SIGNATURE)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_random_octets_are_refused(cms: bytes) -> None:
    assert not judge(cms)


def test_every_cut_signature_is_refused() -> None:
    assert not any(judge(SIGNATURE[:length]) for length in range(len(SIGNATURE)))


def test_every_single_changed_octet_is_refused() -> None:
    changed = bytearray(SIGNATURE)
    for position in range(len(SIGNATURE)):
        changed[position] ^= 0x01
        assert not judge(bytes(changed)), position
        changed[position] ^= 0x01
    assert judge(bytes(changed))


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from(list(TOKEN)), some_json))
def test_a_login_of_any_types_is_refused(members: dict[str, object]) -> None:
    changed = TOKEN | members
    unused = {"appVersion"}
    same = all(changed[name] == TOKEN[name] for name in TOKEN if name not in unused)
    assert judge_login(changed) == same


@settings(deadline=None, max_examples=500)
@given(mutations(TOKEN_DER))
def test_a_login_with_a_mutated_certificate_is_refused(der: bytes) -> None:
    token = TOKEN | {"unverifiedCertificate": b64encode(der).decode("ascii")}
    assert judge_login(token) == (der == TOKEN_DER)


def nest(tag: int, depth: int) -> bytes:
    """Return elements inside each other; lengths are written from the inside out."""
    octets = b""
    for _ in range(depth):
        octets = tlv(tag, octets)
    return octets


@pytest.mark.parametrize(
    "octets",
    [
        bytes(1024 * 1024),
        bytes(MAX_SIGNATURE_BYTES),
        b"\x30\x80" * (MAX_SIGNATURE_BYTES // 2),
        b"\x30\x84\xff\xff\xff\xff" + bytes(1000),
        b"\x30\x89" + b"\xff" * 1000,
        b"\x3f" + b"\xff" * 10_000,
        nest(0x30, 20_000),
        nest(0xA0, 20_000),
        nest(0x31, 20_000),
    ],
    ids=[
        "a megabyte of zeros",
        "the largest of zeros",
        "indefinite lengths without end",
        "a length of four gigabytes",
        "a length of nine octets",
        "a tag without end",
        "nested sequences",
        "nested contexts",
        "nested sets",
    ],
)
def test_a_trap_for_parsers_is_refused_soon(octets: bytes) -> None:
    start = time.perf_counter()
    assert not judge(octets)
    assert time.perf_counter() - start < SECONDS


def test_nested_parameters_are_refused_soon() -> None:
    draft = Draft(CITY.signer(), CONTENT)
    draft.digest_algorithm = algorithm(DIGEST_OIDS["sha256"], nest(0x30, 20_000))
    start = time.perf_counter()
    assert not judge(draft.build())
    assert time.perf_counter() - start < SECONDS


def test_what_is_not_looked_at_may_be_nested_without_harm() -> None:
    draft = Draft(CITY.signer(), CONTENT)
    draft.unsigned = [attribute("1.2.3.4", nest(0x30, 20_000))]
    start = time.perf_counter()
    assert judge(draft.build())
    assert time.perf_counter() - start < SECONDS


def test_a_list_without_end_is_refused_soon() -> None:
    draft = Draft(CITY.signer(), CONTENT)
    draft.digest_algorithms = [tlv(0x30, tlv(0x06, b"\x2a"))] * 80_000
    start = time.perf_counter()
    assert not judge(draft.build())
    assert time.perf_counter() - start < SECONDS
