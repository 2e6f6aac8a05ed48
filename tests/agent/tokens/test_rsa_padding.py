"""Paddings of content keys, made by the library and taken off by us."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from signet_agent.model import KeyPadding
from signet_agent.tokens.rsa_padding import unpad
from tests.kit import pki
from tests.kit.envelope import encrypted_key

pytestmark = pytest.mark.quick

CONTENT_KEY = bytes(range(16))


def _block(encrypted: bytes) -> bytes:
    """Return what a card makes of an encrypted key: plain RSA."""
    key = pki.private_key("rsa2048", 2)
    assert isinstance(key, rsa.RSAPrivateKey)
    numbers = key.private_numbers()
    number = pow(int.from_bytes(encrypted, "big"), numbers.d, numbers.public_numbers.n)
    return number.to_bytes(256, "big")


def _padded(kind: KeyPadding, message: bytes = CONTENT_KEY) -> bytes:
    return _block(encrypted_key(pki.private_key("rsa2048", 2).public_key(), kind, message))


@pytest.mark.parametrize("kind", KeyPadding)
@pytest.mark.parametrize("message", [b"", CONTENT_KEY, b"\0\1\0\1" * 8])
def test_what_the_library_pads_comes_out_again(kind: KeyPadding, message: bytes) -> None:
    assert unpad(_padded(kind, message), kind) == message


@pytest.mark.parametrize("kind", KeyPadding)
@pytest.mark.parametrize("other", KeyPadding)
def test_a_padding_of_another_kind_is_refused(kind: KeyPadding, other: KeyPadding) -> None:
    if kind is other:
        assert unpad(_padded(kind), other) == CONTENT_KEY
        return
    with pytest.raises(ValueError, match="padding"):
        unpad(_padded(kind), other)


def test_another_hash_in_the_mask_than_in_the_label_is_refused() -> None:
    mixed = padding.OAEP(padding.MGF1(hashes.SHA384()), hashes.SHA256(), None)
    public = pki.private_key("rsa2048", 2).public_key()
    assert isinstance(public, rsa.RSAPublicKey)

    with pytest.raises(ValueError, match="padding"):
        unpad(_block(public.encrypt(CONTENT_KEY, mixed)), KeyPadding.OAEP_SHA256)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        bytes(256),
        b"\0\2" + b"f" * 7 + b"\0" + b"m" * 246,
        b"\0\2" + b"f" * 254,
        b"\0\1" + b"\xff" * 8 + b"\0" + b"m" * 245,
        b"\1\2" + b"f" * 8 + b"\0" + b"m" * 245,
    ],
)
@pytest.mark.parametrize("kind", KeyPadding)
def test_blocks_that_are_padded_wrongly_are_refused(kind: KeyPadding, block: bytes) -> None:
    with pytest.raises(ValueError, match="padding"):
        unpad(block, kind)
