"""Nothing is released that the certificate's key did not sign, octet for octet."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signet_agent.daemon.verification import compute_digest, verify_signature
from signet_agent.errors import TokenError
from signet_agent.model import Algorithm
from signet_protocol.errors import ErrorCode
from signet_protocol.gm.gmt0009 import read_signature
from signet_protocol.gm.sm2 import compute_z
from signet_protocol.gm.sm3 import sm3
from tests.kit.national import sm2_key
from tests.kit.pki import KeyKind, PrivateKey, private_key

pytestmark = pytest.mark.quick

OCTETS = b"signed attributes"
KEYS: dict[Algorithm, KeyKind] = {
    Algorithm.RS256: "rsa2048",
    Algorithm.ES256: "p256",
    Algorithm.ES384: "p384",
    Algorithm.ES512: "p521",
}
HASHES = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}


def spki(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sign(key: PrivateKey, algorithm: Algorithm, octets: bytes = OCTETS) -> bytes:
    digest = HASHES[algorithm.hash_name]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), digest)
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(digest)))
    half = (key.curve.key_size + 7) // 8
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def refuse(key: bytes, algorithm: Algorithm, signature: bytes) -> str:
    with pytest.raises(TokenError) as caught:
        verify_signature(key, algorithm, OCTETS, signature)
    assert caught.value.code is ErrorCode.TOKEN_FAULT
    return caught.value.detail


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_the_keys_own_signature_passes(algorithm: Algorithm) -> None:
    key = private_key(KEYS[algorithm])
    verify_signature(spki(key), algorithm, OCTETS, sign(key, algorithm))


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_a_signature_of_another_key_over_other_octets_or_changed_is_refused(
    algorithm: Algorithm,
) -> None:
    key, other = private_key(KEYS[algorithm]), private_key(KEYS[algorithm], 1)
    good = sign(key, algorithm)
    changed = bytes([good[0] ^ 1]) + good[1:]
    for bad in (sign(other, algorithm), sign(key, algorithm, b"other"), changed):
        assert "does not verify" in refuse(spki(key), algorithm, bad)


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_a_signature_of_the_wrong_length_is_refused(algorithm: Algorithm) -> None:
    key = private_key(KEYS[algorithm])
    good = sign(key, algorithm)
    for bad in (b"", good[:-1], good + b"\0", good * 2):
        assert "does not verify" in refuse(spki(key), algorithm, bad)


def test_ecdsa_is_taken_as_two_halves_and_not_as_der() -> None:
    key = private_key("p256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    refuse(spki(key), Algorithm.ES256, key.sign(OCTETS, ec.ECDSA(SHA256())))


def test_the_octets_are_hashed_here_and_a_prehashed_lie_does_not_pass() -> None:
    key = private_key("rsa2048")
    signature = sign(key, Algorithm.RS256, hashlib.sha256(OCTETS).digest())
    refuse(spki(key), Algorithm.RS256, signature)


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("rsa2048", Algorithm.ES256), ("p256", Algorithm.RS256)]
)
def test_an_algorithm_of_another_kind_of_key_is_refused(
    kind: KeyKind, algorithm: Algorithm
) -> None:
    assert "does not fit" in refuse(spki(private_key(kind)), algorithm, bytes(64))


def test_a_key_that_cannot_be_read_is_refused() -> None:
    refuse(b"no key", Algorithm.RS256, bytes(256))


def test_sm2_signs_a_hash_that_begins_with_key_and_identity() -> None:
    key = sm2_key()
    digest = compute_digest(key.public_key.spki, Algorithm.SM2, OCTETS)
    assert digest == sm3(compute_z(key.public_key.point, b"1234567812345678") + OCTETS)
    signature = read_signature(key.sign_digest(digest))
    verify_signature(key.public_key.spki, Algorithm.SM2, OCTETS, signature)
    plain = hashlib.sha256(OCTETS).digest()
    assert compute_digest(b"any", Algorithm.RS256, OCTETS) == plain


def test_a_signature_of_sm2_that_is_changed_short_der_or_anothers_is_refused() -> None:
    key = sm2_key()
    der = key.sign(OCTETS, identity=b"1234567812345678")
    good = read_signature(der)
    foreign = read_signature(key.sign(OCTETS, identity=b""))
    changed = bytes([good[0] ^ 1]) + good[1:]
    for bad in (b"", good[:-1], good + b"\0", bytes(64), der, foreign, changed):
        assert "does not verify" in refuse(key.public_key.spki, Algorithm.SM2, bad)


def test_a_key_that_is_none_of_sm2_is_refused() -> None:
    assert "SM2" in refuse(spki(private_key("p256")), Algorithm.SM2, bytes(64))
    with pytest.raises(TokenError):
        compute_digest(b"no key", Algorithm.SM2, OCTETS)
