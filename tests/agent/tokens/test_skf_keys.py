"""What an SKF token opens, and the keys and certificates that come onto it."""

from collections.abc import Iterator
from secrets import token_bytes

import pytest

from signet_agent.channel.token_messages import TokenFault
from signet_agent.model import Algorithm, KeyUse, Token
from signet_agent.tokens.skf import SkfEnvelope, SkfProvider
from signet_agent.tokens.skf_library import CHUNK_BYTES, SkfError
from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey
from signet_protocol.gm.gmt0009 import (
    read_ciphertext,
    read_enveloped_key,
    write_enveloped_key,
    write_signature,
)
from signet_protocol.gm.gmt0010 import read_envelope, seal
from signet_protocol.gm.sm2 import compute_e
from tests.skf.build import SoftSkf
from tests.skf.devices import PIN, Pair
from tests.skf.people import GmPeople
from tests.skf.provider import (
    MESSAGE,
    certificate_of,
    open_provider,
    open_sealed,
    refusal_of,
)


@pytest.fixture
def provider(skf: SoftSkf) -> SkfProvider:
    return open_provider(skf)


@pytest.fixture
def token(provider: SkfProvider) -> Token:
    (token,) = provider.tokens()
    return token


@pytest.mark.parametrize("size", [1, 15, 16, 17, CHUNK_BYTES, 5 * CHUNK_BYTES + 3])
def test_an_envelope_opens_and_its_session_key_stays_on_the_token(
    provider: SkfProvider, token: Token, gm_people: GmPeople, skf: SoftSkf, size: int
) -> None:
    content = token_bytes(size)

    assert open_sealed(provider, token, gm_people, content) == content
    assert skf.calls("SKF_ImportSessionKey") == skf.calls("SKF_CloseHandle") == 1
    assert skf.calls("SKF_ECCPrvKeyDecrypt") == 0


def _sealed(people: GmPeople, change: str) -> SkfEnvelope:
    envelope = read_envelope(seal(MESSAGE, [people.open.certificate]))
    wrapped, content = envelope.recipients[0].wrapped_key, envelope.ciphertext
    if change == "other key":
        wrapped = Sm2PrivateKey.generate().public_key.encrypt(bytes(16))
    elif change == "other session key":
        wrapped = people.open.key.public_key.encrypt(bytes(16))
    elif change == "no ciphertext":
        wrapped = b"0"
    elif change == "short vector":
        return SkfEnvelope(wrapped, envelope.iv[:-1], content)
    elif change == "half a block":
        content = content[:-1]
    return SkfEnvelope(wrapped, envelope.iv, content)


@pytest.mark.parametrize(
    "change", ["other key", "other session key", "no ciphertext", "short vector", "half a block"]
)
def test_why_an_envelope_does_not_open_is_told_to_nobody(
    provider: SkfProvider, token: Token, gm_people: GmPeople, change: str
) -> None:
    key = certificate_of(token, Algorithm.SM2, KeyUse.OPEN).key
    sealed = _sealed(gm_people, change)
    pin = bytearray(PIN.encode())

    refusal = refusal_of(lambda: provider.open_envelope(key, sealed, pin, last_try=False))

    assert (refusal.fault, refusal.detail) == (TokenFault.ENVELOPE, "")


def test_a_signing_key_opens_nothing(
    provider: SkfProvider, token: Token, gm_people: GmPeople, skf: SoftSkf
) -> None:
    key = certificate_of(token, Algorithm.SM2).key
    sealed, pin = _sealed(gm_people, ""), bytearray(PIN.encode())

    refusal = refusal_of(lambda: provider.open_envelope(key, sealed, pin, last_try=False))

    assert refusal.fault is TokenFault.UNSUPPORTED
    assert skf.calls("SKF_VerifyPIN") == 0


def test_a_bare_ciphertext_opens_by_the_makers_function_only(
    skf: SoftSkf, gm_people: GmPeople
) -> None:
    ciphertext = gm_people.open.key.public_key.encrypt(MESSAGE)
    for decrypt in ("", "SKF_NobodyHasThis"):
        plain = open_provider(skf, decrypt=decrypt)
        key = certificate_of(plain.tokens()[0], Algorithm.SM2, KeyUse.OPEN).key
        pin = bytearray(PIN.encode())
        refusal = refusal_of(lambda: plain.open_ciphertext(key, ciphertext, pin, last_try=False))  # noqa: B023 -- asked at once
        assert refusal.fault is TokenFault.UNSUPPORTED

    able = open_provider(skf, decrypt="SKF_ECCPrvKeyDecrypt")
    able.tokens()
    pin = bytearray(PIN.encode())
    assert able.open_ciphertext(key, ciphertext, pin, last_try=False) == MESSAGE


# --- keys and certificates that come onto the token -----------------------------------------------


@pytest.fixture
def fresh(provider: SkfProvider, token: Token) -> Iterator[int]:
    """Return a container with a new signing key, the person logged in."""
    key = certificate_of(token, Algorithm.SM2).key
    with provider.logged_in(key, bytearray(PIN.encode()), last_try=False) as container:
        yield container


def test_a_new_signing_key_is_the_one_that_signs(provider: SkfProvider, fresh: int) -> None:
    point = provider.library.generate_sm2_key(fresh)

    value = provider.library.sign_sm2(fresh, compute_e(point, MESSAGE, DEFAULT_ID))

    public = Sm2PublicKey.from_point(point)
    assert public.verify(write_signature(value), MESSAGE, identity=DEFAULT_ID)


def test_an_encryption_pair_comes_in_under_the_signing_key(
    provider: SkfProvider, fresh: int
) -> None:
    signing = Sm2PublicKey.from_point(provider.library.generate_sm2_key(fresh))
    pair = Sm2PrivateKey.generate()
    der = write_enveloped_key(pair, token_bytes(16), signing.encrypt)
    enveloped = read_enveloped_key(der)

    wrapped = read_ciphertext(enveloped.wrapped_key)
    provider.library.import_sm2_key(fresh, enveloped.point, enveloped.private_key, wrapped)

    assert provider.library.public_key(fresh, sign=False) == pair.public_key.point
    opened = provider.library.decrypt_sm4(
        fresh, read_ciphertext(pair.public_key.encrypt(bytes(16))), bytes(16), bytes(32)
    )
    assert len(opened) == 32


def test_an_encryption_pair_under_another_key_is_refused(
    provider: SkfProvider, fresh: int, gm_people: GmPeople
) -> None:
    pair, stranger = Sm2PrivateKey.generate(), Sm2PrivateKey.generate()
    der = write_enveloped_key(pair, token_bytes(16), stranger.public_key.encrypt)
    enveloped = read_enveloped_key(der)
    wrapped = read_ciphertext(enveloped.wrapped_key)

    with pytest.raises(SkfError, match="SKF_ImportECCKeyPair"):
        provider.library.import_sm2_key(fresh, enveloped.point, enveloped.private_key, wrapped)
    assert provider.library.public_key(fresh, sign=False) == gm_people.open.key.public_key.point


def test_a_certificate_is_written_and_read(
    provider: SkfProvider, fresh: int, gm_people: GmPeople
) -> None:
    der = Pair.of(gm_people.sign.key, gm_people.authority.certificate).certificate
    provider.library.write_certificate(fresh, der, sign=False)

    assert provider.library.certificate(fresh, sign=False) == der
