"""A sealed PIN opens once, for its consent, in the room whose key it was sealed to."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.channel import sealed_pin
from signet_agent.channel.sealed_pin import (
    MAX_PIN_BYTES,
    PinBox,
    SealError,
    seal_pin,
    wipe,
)
from signet_agent.channel.token_messages import SEALED_PIN_BYTES

pytestmark = pytest.mark.quick

CONSENT = b"consent-consent!"


@given(st.binary(max_size=MAX_PIN_BYTES))
def test_what_was_sealed_opens(pin: bytes) -> None:
    box = PinBox(CONSENT)
    sealed = seal_pin(bytearray(pin), box.public, CONSENT)
    assert len(sealed) == SEALED_PIN_BYTES
    assert box.open(sealed) == pin


def test_a_box_opens_once() -> None:
    box = PinBox(CONSENT)
    sealed = seal_pin(bytearray(b"1234"), box.public, CONSENT)
    box.open(sealed)
    with pytest.raises(SealError):
        box.open(sealed)


def test_a_failed_opening_spends_the_key_too() -> None:
    box = PinBox(CONSENT)
    sealed = seal_pin(bytearray(b"1234"), box.public, CONSENT)
    with pytest.raises(SealError):
        box.open(bytes(SEALED_PIN_BYTES))
    with pytest.raises(SealError):
        box.open(sealed)


def test_another_consent_does_not_open_it() -> None:
    box = PinBox(CONSENT)
    with pytest.raises(SealError):
        box.open(seal_pin(bytearray(b"1234"), box.public, b"another consent."))


def test_another_box_does_not_open_it() -> None:
    sealed = seal_pin(bytearray(b"1234"), PinBox(CONSENT).public, CONSENT)
    with pytest.raises(SealError):
        PinBox(CONSENT).open(sealed)


@pytest.mark.parametrize("place", range(0, SEALED_PIN_BYTES, 7))
def test_any_changed_octet_keeps_it_shut(place: int) -> None:
    box = PinBox(CONSENT)
    sealed = bytearray(seal_pin(bytearray(b"1234"), box.public, CONSENT))
    sealed[place] ^= 1
    with pytest.raises(SealError):
        box.open(bytes(sealed))


def test_a_wrong_length_is_not_tried() -> None:
    with pytest.raises(SealError):
        PinBox(CONSENT).open(b"short")


def test_a_length_that_no_pin_has_is_refused_although_the_seal_is_good() -> None:
    box = PinBox(CONSENT)
    key = X25519PrivateKey.generate()
    ephemeral = key.public_key().public_bytes_raw()
    shared = key.exchange(X25519PublicKey.from_public_bytes(box.public))
    padded = bytes([MAX_PIN_BYTES + 1]) + bytes(MAX_PIN_BYTES)
    cipher = sealed_pin._cipher(shared, ephemeral, box.public, CONSENT)
    with pytest.raises(SealError):
        box.open(ephemeral + cipher.encrypt(bytes(12), padded, CONSENT))


def test_a_pin_too_long_or_a_key_that_is_none_is_not_sealed() -> None:
    with pytest.raises(SealError):
        seal_pin(bytearray(MAX_PIN_BYTES + 1), PinBox(CONSENT).public, CONSENT)
    with pytest.raises(SealError):
        seal_pin(bytearray(b"1234"), b"no key", CONSENT)
    with pytest.raises(SealError):
        seal_pin(bytearray(b"1234"), bytes(32), CONSENT)


def test_wiping_overwrites_in_place() -> None:
    buffer = bytearray(b"1234")
    view = memoryview(buffer)
    wipe(buffer)
    assert bytes(view) == bytes(4)
