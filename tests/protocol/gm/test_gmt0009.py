"""The data formats: what is read, what is refused, and the older ciphertexts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_protocol.gm import GmDecryptionError, GmFormatError, Sm2PrivateKey
from signet_protocol.gm.gmt0009 import (
    decrypt_any,
    read_ciphertext,
    read_enveloped_key,
    read_signature,
    write_ciphertext,
    write_enveloped_key,
    write_signature,
)
from signet_protocol.gm.sm4 import encrypt_sm4_blocks
from tests.protocol.gm import oracles, standard

pytestmark = pytest.mark.quick

KEY = Sm2PrivateKey.from_scalar(standard.SCALAR)
RAW = standard.R + standard.S
POINT = b"\x04" + standard.C1
DER = oracles.write_ciphertext(POINT + standard.C3 + standard.C2)
NUMBERS = st.integers(1, standard.N - 1)

FORMS = {
    "DER": DER,
    "04 C1 C3 C2": POINT + standard.C3 + standard.C2,
    "04 C1 C2 C3": POINT + standard.C2 + standard.C3,
    "C1 C3 C2": standard.C1 + standard.C3 + standard.C2,
    "C1 C2 C3": standard.C1 + standard.C2 + standard.C3,
}


@given(NUMBERS, NUMBERS)
def test_a_signature_is_written_as_another_library_writes_it(r: int, s: int) -> None:
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert write_signature(raw) == oracles.write_signature(raw)
    assert read_signature(write_signature(raw)) == raw


@pytest.mark.parametrize("number", [0, standard.N, 2**256 - 1])
def test_numbers_out_of_range_are_neither_read_nor_written(number: int) -> None:
    for raw in (number.to_bytes(32, "big") + standard.S, standard.R + number.to_bytes(32, "big")):
        with pytest.raises(GmFormatError):
            write_signature(raw)
        with pytest.raises(GmFormatError):
            read_signature(oracles.write_signature(raw))


@pytest.mark.parametrize("raw", [b"", RAW[:-1], RAW + b"\0"])
def test_a_raw_signature_of_another_size_is_refused(raw: bytes) -> None:
    with pytest.raises(GmFormatError):
        write_signature(raw)


def test_signatures_and_ciphertexts_that_are_not_strict_der_are_refused() -> None:
    for read, der in ((read_signature, write_signature(RAW)), (read_ciphertext, DER)):
        long, indefinite = b"\x30\x81" + der[1:], b"\x30\x80" + der[2:] + b"\0\0"
        for wrong in (b"", der + b"\0", der[:-1], long, indefinite, RAW):
            with pytest.raises(GmFormatError):
                read(wrong)


def test_a_ciphertext_is_read_and_written_as_another_library_does() -> None:
    assert read_ciphertext(DER) == (POINT, standard.C3, standard.C2)
    assert write_ciphertext(POINT, standard.C3, standard.C2) == DER


def test_a_coordinate_that_does_not_fit_is_refused() -> None:
    form = oracles.Ciphertext({"x": 2**256, "y": 1, "hash": bytes(32), "cipher": b"x"})
    with pytest.raises(GmFormatError, match="coordinate"):
        read_ciphertext(form.dump())


@pytest.mark.parametrize(("c1", "c3"), [(POINT[1:], standard.C3), (POINT, standard.C3[1:])])
def test_parts_of_another_size_are_not_written(c1: bytes, c3: bytes) -> None:
    with pytest.raises(GmFormatError):
        write_ciphertext(c1, c3, standard.C2)


@pytest.mark.parametrize("form", FORMS)
def test_every_older_form_of_a_ciphertext_opens(form: str) -> None:
    assert decrypt_any(FORMS[form], KEY.decrypt) == standard.PLAINTEXT


@pytest.mark.parametrize("form", FORMS)
def test_no_changed_octet_opens_in_any_form(form: str) -> None:
    for place in range(len(FORMS[form])):
        changed = bytearray(FORMS[form])
        changed[place] ^= 0x80
        with pytest.raises(GmDecryptionError):
            decrypt_any(bytes(changed), KEY.decrypt)


@given(st.binary(max_size=150))
def test_noise_opens_in_no_form(octets: bytes) -> None:
    with pytest.raises(GmDecryptionError):
        decrypt_any(octets, KEY.decrypt)


def test_an_enveloped_key_comes_back_with_its_point() -> None:
    pair = Sm2PrivateKey.generate()
    der = write_enveloped_key(pair, bytes(16), KEY.public_key.encrypt)
    envelope = read_enveloped_key(der)
    assert envelope.point == pair.public_key.point
    assert envelope.open(KEY.decrypt).scalar == pair.scalar
    with pytest.raises(GmDecryptionError):
        envelope.open(Sm2PrivateKey.generate().decrypt)
    with pytest.raises(GmDecryptionError):
        envelope.open(lambda _: bytes(range(16)))
    with pytest.raises(GmDecryptionError):
        envelope.open(lambda _: bytes(15))


@pytest.mark.parametrize("place", ["right", "left"])
def test_a_private_key_in_64_octets_is_found_in_either_half(place: str) -> None:
    pair = Sm2PrivateKey.generate()
    halves = (bytes(32), pair.scalar) if place == "right" else (pair.scalar, bytes(32))
    envelope = read_enveloped_key(write_enveloped_key(pair, bytes(16), KEY.public_key.encrypt))
    longer = replace(envelope, private_key=encrypt_sm4_blocks(bytes(16), b"".join(halves)))
    assert longer.open(KEY.decrypt).scalar == pair.scalar


def test_a_point_of_another_key_in_the_envelope_is_refused() -> None:
    pair = Sm2PrivateKey.generate()
    der = write_enveloped_key(pair, bytes(16), KEY.public_key.encrypt)
    other = der.replace(pair.public_key.point, standard.POINT)
    with pytest.raises(GmDecryptionError):
        read_enveloped_key(other).open(KEY.decrypt)


def test_an_envelope_by_another_cipher_is_left_to_the_token() -> None:
    der = write_enveloped_key(KEY, bytes(16), KEY.public_key.encrypt)
    other = der.replace(bytes.fromhex("2a811ccf55016801"), bytes.fromhex("2a811ccf55016701"))
    assert other != der
    with pytest.raises(GmFormatError, match="SM4"):
        read_enveloped_key(other).open(KEY.decrypt)


def test_a_point_of_another_size_in_the_envelope_is_refused() -> None:
    der = write_enveloped_key(KEY, bytes(16), KEY.public_key.encrypt)
    padded = der.replace(b"\x03\x42\x00\x04", b"\x03\x42\x01\x04")
    assert padded != der
    with pytest.raises(GmFormatError):
        read_enveloped_key(padded)
