"""SM3 and SM4: the standards' examples, a foreign library, and every way to cut the input."""

import gmssl_pyx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_protocol.gm import GmDecryptionError
from signet_protocol.gm.sm3 import Sm3, sm3
from signet_protocol.gm.sm4 import (
    Sm4CbcDecryptor,
    Sm4CbcEncryptor,
    decrypt_sm4_blocks,
    decrypt_sm4_cbc,
    encrypt_sm4_blocks,
    encrypt_sm4_cbc,
)
from tests.protocol.gm.standard import SM3_EXAMPLES, SM4_BLOCK, SM4_CIPHERTEXT, SM4_KEY

pytestmark = pytest.mark.quick

IV = bytes(range(16))
PIECES = st.lists(st.binary(max_size=70), max_size=8)


@pytest.mark.parametrize("message", SM3_EXAMPLES)
def test_sm3_gives_the_examples_of_the_standard(message: bytes) -> None:
    assert sm3(message).hex() == SM3_EXAMPLES[message]


@given(PIECES)
def test_sm3_in_pieces_is_what_another_library_says_of_the_whole(pieces: list[bytes]) -> None:
    running = Sm3()
    for piece in pieces:
        running.update(piece)
    assert running.finish() == gmssl_pyx.sm3_hash(b"".join(pieces))


def test_sm4_gives_the_example_of_the_standard() -> None:
    assert encrypt_sm4_blocks(SM4_KEY, SM4_BLOCK) == SM4_CIPHERTEXT
    assert decrypt_sm4_blocks(SM4_KEY, SM4_CIPHERTEXT) == SM4_BLOCK


def test_sm4_gives_the_long_example_of_the_standard() -> None:
    block = SM4_BLOCK
    for _ in range(1000):
        block = encrypt_sm4_blocks(SM4_KEY, block)
    assert decrypt_sm4_blocks(SM4_KEY, block) != block
    for _ in range(1000):
        block = decrypt_sm4_blocks(SM4_KEY, block)
    assert block == SM4_BLOCK


@given(PIECES.filter(any))  # the other library does not encrypt nothing
def test_sm4_in_pieces_is_what_another_library_says_of_the_whole(pieces: list[bytes]) -> None:
    encryptor, decryptor = Sm4CbcEncryptor(SM4_KEY, IV), Sm4CbcDecryptor(SM4_KEY, IV)
    written = [*map(encryptor.update, pieces), encryptor.finish()]
    assert b"".join(written) == gmssl_pyx.sm4_cbc_padding_encrypt(SM4_KEY, IV, b"".join(pieces))
    read = [*map(decryptor.update, written), decryptor.finish()]
    assert b"".join(read) == b"".join(pieces)


@given(st.binary(min_size=1, max_size=80))
def test_what_another_library_encrypted_opens(plaintext: bytes) -> None:
    ciphertext = gmssl_pyx.sm4_cbc_padding_encrypt(SM4_KEY, IV, plaintext)
    assert decrypt_sm4_cbc(SM4_KEY, IV, ciphertext) == plaintext


def test_nothing_is_one_block_of_padding() -> None:
    assert decrypt_sm4_cbc(SM4_KEY, IV, encrypt_sm4_cbc(SM4_KEY, IV, b"")) == b""


@pytest.mark.parametrize("ciphertext", [b"", bytes(15), bytes(17), bytes(32)])
def test_a_ciphertext_that_is_not_whole_does_not_open(ciphertext: bytes) -> None:
    with pytest.raises(GmDecryptionError):
        decrypt_sm4_cbc(SM4_KEY, IV, ciphertext)


@pytest.mark.parametrize("tail", [b"\0", b"\x11" * 16, b"\x01\x02", b"\x10" * 15])
def test_wrong_padding_does_not_open(tail: bytes) -> None:
    block = bytes(16 - len(tail)) + tail
    whole = encrypt_sm4_blocks(SM4_KEY, bytes(a ^ b for a, b in zip(block, IV, strict=True)))
    with pytest.raises(GmDecryptionError):
        decrypt_sm4_cbc(SM4_KEY, IV, whole)


@pytest.mark.parametrize(("key", "iv"), [(b"", IV), (bytes(17), IV), (SM4_KEY, bytes(15))])
def test_a_key_or_initial_value_of_another_size_is_refused(key: bytes, iv: bytes) -> None:
    with pytest.raises(ValueError, match="Invalid"):
        encrypt_sm4_cbc(key, iv, b"")
