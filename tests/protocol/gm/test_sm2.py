"""SM2: the standard's examples, two foreign libraries, and everything that has to be refused."""

from base64 import b64decode

import pytest

from signet_protocol.gm import (
    DEFAULT_ID,
    GmDecryptionError,
    Sm2KeyError,
    Sm2PrivateKey,
    Sm2PublicKey,
)
from signet_protocol.gm.sm2 import compute_e, compute_z
from tests.protocol.gm import standard
from tests.protocol.gm.oracles import (
    Ciphertext,
    Signature,
    write_ciphertext,
    write_signature,
)

pytestmark = pytest.mark.quick

KEY = Sm2PrivateKey.from_scalar(standard.SCALAR)
PUBLIC = Sm2PublicKey.from_point(standard.POINT)
SIGNATURE = write_signature(standard.R + standard.S)
CIPHERTEXT = write_ciphertext(b"\x04" + standard.C1 + standard.C3 + standard.C2)


def flipped(octets: bytes, place: int) -> bytes:
    """Return the octets with one bit changed."""
    changed = bytearray(octets)
    changed[place] ^= 1
    return bytes(changed)


def test_the_hash_of_the_signer_is_the_one_of_the_standard() -> None:
    assert compute_z(standard.POINT, DEFAULT_ID) == standard.Z
    assert compute_e(standard.POINT, standard.MESSAGE, DEFAULT_ID) == standard.E


def test_the_signature_of_the_standard_holds() -> None:
    assert PUBLIC.verify(SIGNATURE, standard.MESSAGE, identity=DEFAULT_ID)
    assert PUBLIC.verify_digest(SIGNATURE, standard.E)


def test_the_ciphertext_of_the_standard_opens() -> None:
    assert KEY.decrypt(CIPHERTEXT) == standard.PLAINTEXT


def test_the_public_key_is_computed_from_the_private_one() -> None:
    assert KEY.public_key.point == standard.POINT
    assert KEY.public_key.spki == PUBLIC.spki
    assert KEY.scalar == standard.SCALAR


@pytest.mark.parametrize("service", standard.CLOUD_SIGNATURES)
def test_a_signature_by_a_cloud_services_module_holds(service: str) -> None:
    spki, signature = map(b64decode, standard.CLOUD_SIGNATURES[service])
    key = Sm2PublicKey.from_spki(spki)
    assert key.verify_digest(signature, standard.CLOUD_DIGEST)
    assert not key.verify_digest(signature, standard.CLOUD_DIGEST[::-1])


@pytest.mark.parametrize("identity", [b"", b"x", bytes(8191), "张三".encode()])
def test_an_identity_counts_octet_by_octet(identity: bytes) -> None:
    signature = KEY.sign(b"m", identity=identity)
    assert PUBLIC.verify(signature, b"m", identity=identity)
    assert not PUBLIC.verify(signature, b"m", identity=DEFAULT_ID)
    assert not PUBLIC.verify(KEY.sign(b"m", identity=DEFAULT_ID), b"m", identity=identity)


def test_an_identity_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="8191"):
        KEY.sign(b"m", identity=bytes(8192))


def test_a_hash_in_pieces_is_the_hash_of_the_whole() -> None:
    running = PUBLIC.hash(DEFAULT_ID)
    running.update(standard.MESSAGE[:3])
    running.update(standard.MESSAGE[3:])
    assert running.finish() == standard.E


@pytest.mark.parametrize("r", [0, standard.N, standard.N + 1, -1, 2**256])
@pytest.mark.parametrize("part", ["r", "s"])
def test_numbers_out_of_range_are_refused(part: str, r: int) -> None:
    value = Signature.load(SIGNATURE)
    value[part] = r
    assert not PUBLIC.verify_digest(value.dump(force=True), standard.E)


def test_r_plus_s_as_the_order_is_refused() -> None:
    r = int.from_bytes(standard.R, "big")
    signature = Signature({"r": r, "s": standard.N - r}).dump()
    assert not PUBLIC.verify_digest(signature, standard.E)


def test_every_octet_of_a_signature_counts() -> None:
    for place in range(len(SIGNATURE)):
        assert not PUBLIC.verify_digest(flipped(SIGNATURE, place), standard.E), place


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE + b"\0",
        SIGNATURE[:-1],
        b"\x30\x81\x46" + SIGNATURE[2:],
        b"\x30\x80" + SIGNATURE[2:] + b"\0\0",
        b"\x30\x47\x02\x22\x00" + SIGNATURE[4:],
        standard.R + standard.S,
    ],
    ids=["nothing", "more", "less", "long length", "indefinite", "padded number", "raw"],
)
def test_a_signature_that_is_not_canonical_is_refused(signature: bytes) -> None:
    assert not PUBLIC.verify_digest(signature, standard.E)


def test_another_message_or_key_is_refused() -> None:
    other = Sm2PrivateKey.generate().public_key
    assert not PUBLIC.verify(SIGNATURE, standard.MESSAGE + b" ", identity=DEFAULT_ID)
    assert not other.verify(SIGNATURE, standard.MESSAGE, identity=DEFAULT_ID)


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33), bytes(64)])
def test_a_hash_of_another_size_is_refused(digest: bytes) -> None:
    with pytest.raises(ValueError, match="32"):
        KEY.sign_digest(digest)
    assert not PUBLIC.verify_digest(SIGNATURE, digest)


def test_every_octet_of_a_ciphertext_counts() -> None:
    for place in range(len(CIPHERTEXT)):
        with pytest.raises(GmDecryptionError):
            KEY.decrypt(flipped(CIPHERTEXT, place))


@pytest.mark.parametrize("part", ["x", "y", "hash", "cipher"])
def test_a_changed_part_of_a_ciphertext_does_not_open(part: str) -> None:
    value = Ciphertext.load(CIPHERTEXT)
    old = value[part].native
    value[part] = old + 1 if isinstance(old, int) else flipped(old, 5)
    with pytest.raises(GmDecryptionError):
        KEY.decrypt(value.dump(force=True))


def test_hash_and_cipher_in_the_wrong_order_do_not_open() -> None:
    value = Ciphertext.load(CIPHERTEXT)
    value["hash"], value["cipher"] = standard.C2, standard.C3
    with pytest.raises(GmDecryptionError):
        KEY.decrypt(value.dump(force=True))


def test_a_ciphertext_for_another_key_does_not_open() -> None:
    with pytest.raises(GmDecryptionError):
        Sm2PrivateKey.generate().decrypt(CIPHERTEXT)


def test_nothing_is_not_encrypted() -> None:
    with pytest.raises(ValueError, match="nothing"):
        PUBLIC.encrypt(b"")


@pytest.mark.parametrize(
    "point",
    [
        b"",
        b"\0",
        standard.POINT[1:],
        b"\x03" + standard.POINT[1:33],
        b"\x06" + standard.POINT[1:],
        flipped(standard.POINT, 40),
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        standard.POINT + b"\0",
    ],
)
def test_what_is_no_point_of_the_curve_is_refused(point: bytes) -> None:
    with pytest.raises(Sm2KeyError):
        Sm2PublicKey.from_point(point)


@pytest.mark.parametrize("number", [0, standard.N - 1, standard.N, 2**256 - 1])
def test_a_private_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(Sm2KeyError):
        Sm2PrivateKey.from_scalar(number.to_bytes(32, "big"))


def test_the_smallest_and_the_largest_private_number_are_taken() -> None:
    for number in (1, standard.N - 2):
        key = Sm2PrivateKey.from_scalar(number.to_bytes(32, "big"))
        assert key.public_key.verify(key.sign(b"", identity=b""), b"", identity=b"")


def test_a_private_number_of_another_size_is_refused() -> None:
    with pytest.raises(Sm2KeyError):
        Sm2PrivateKey.from_scalar(bytes(31) + b"\1" + b"\1")
