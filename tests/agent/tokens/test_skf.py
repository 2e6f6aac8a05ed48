"""The SKF provider over the software library, within this process."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

import pytest

from signet_agent.channel.token_messages import OpenModule, SkfForm, TokenFault
from signet_agent.model import Algorithm, Certificate, KeyUse, PinState, Token
from signet_agent.tokens import skf as skf_module
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.skf import SkfEnvelope, SkfProvider
from signet_agent.tokens.skf_library import CHUNK_BYTES, SkfError, SkfLibrary
from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey
from signet_protocol.gm.gmt0009 import (
    read_ciphertext,
    read_enveloped_key,
    write_enveloped_key,
    write_signature,
)
from signet_protocol.gm.gmt0010 import read_envelope, seal
from signet_protocol.gm.sm2 import compute_e
from tests.kit import pki
from tests.kit.signatures import is_signature
from tests.protocol.gm.oracles import ORACLES
from tests.protocol.gm.people import openssl
from tests.skf.build import SoftSkf
from tests.skf.devices import (
    APPLICATION,
    CONTAINER,
    MAX_TRIES,
    PIN,
    SERIAL,
    Container,
    Pair,
    insert,
    plug_in,
    pull,
    set_tries,
    tries,
)
from tests.skf.people import GmPeople

MESSAGE = b"document"
WRONG = PIN[:-1] + "0"
VARIANTS = [(4, True), (8, True), (4, False), (8, False)]
"""ULONG's octets, and whether structures are packed."""


def _open(skf: SoftSkf, **form: object) -> SkfProvider:
    return SkfProvider(_module(skf, **form), lambda _: None)


def _module(skf: SoftSkf, **form: object) -> OpenModule:
    return OpenModule("gm", "skf", str(skf.path), skf=SkfForm(**form))  # type: ignore[arg-type]  # the tests' own words


@pytest.fixture
def provider(skf: SoftSkf) -> SkfProvider:
    return _open(skf)


@pytest.fixture
def token(provider: SkfProvider) -> Token:
    (token,) = provider.tokens()
    return token


@pytest.fixture
def application(skf: SoftSkf) -> Path:
    return skf.devices / SERIAL / APPLICATION


def _certificate(token: Token, algorithm: Algorithm, use: KeyUse = KeyUse.SIGN) -> Certificate:
    return next(c for c in token.certificates if c.algorithm is algorithm and use in c.uses)


def _sign(provider: SkfProvider, certificate: Certificate, pin: str = PIN) -> bytes:
    assert certificate.algorithm is not None
    digest = sha256(MESSAGE).digest()
    if certificate.algorithm is Algorithm.SM2:
        digest = compute_e(Sm2PublicKey.from_spki(certificate.spki).point, MESSAGE, DEFAULT_ID)
    entered = bytearray(pin.encode())
    return provider.sign(certificate.key, certificate.algorithm, digest, entered, last_try=False)


def _refusal(ask: Callable[[], object]) -> TokenRefusalError:
    with pytest.raises(TokenRefusalError) as refused:
        ask()
    return refused.value


def test_a_token_is_listed_with_its_certificates(token: Token, gm_people: GmPeople) -> None:
    assert (token.label, token.serial, token.kind) == ("国密 Key", SERIAL, "usb-key")
    assert token.uri == f"skf:gm/{APPLICATION}:{SERIAL}"
    assert token.pin == PinState(tries=MAX_TRIES)
    found = [(c.algorithm, c.uses) for c in token.certificates]
    assert found == [
        (Algorithm.SM2, (KeyUse.LOGIN, KeyUse.SIGN)),
        (Algorithm.SM2, (KeyUse.OPEN,)),
        (Algorithm.RS256, (KeyUse.LOGIN, KeyUse.SIGN)),
    ]
    assert token.certificates[0].spki == gm_people.sign.key.public_key.spki
    assert token.certificates[0].tail == SERIAL[-4:]


@pytest.mark.parametrize("oracle", ORACLES)
def test_an_sm2_signature_holds_for_everybody(
    provider: SkfProvider, token: Token, gm_people: GmPeople, oracle: object
) -> None:
    signature = write_signature(_sign(provider, _certificate(token, Algorithm.SM2)))

    public = gm_people.sign.key.public_key
    assert public.verify(signature, MESSAGE, identity=DEFAULT_ID)
    assert not public.verify(signature, MESSAGE, identity=b"")
    assert oracle.verify(public.point, MESSAGE, DEFAULT_ID, signature)  # type: ignore[attr-defined]  # both oracles have it


def test_openssl_verifies_an_sm2_signature(
    provider: SkfProvider, token: Token, gm_people: GmPeople, tmp_path: Path
) -> None:
    value, message = tmp_path / "signature", tmp_path / "message"
    value.write_bytes(write_signature(_sign(provider, _certificate(token, Algorithm.SM2))))
    message.write_bytes(MESSAGE)

    given = ("-inkey", gm_people.sign.key_file, "-rawin", "-in", message, "-sigfile", value)
    options = ("-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
    assert b"Verified" in openssl("pkeyutl", "-verify", *given, *options)


def test_an_rsa_signature_holds(provider: SkfProvider, token: Token) -> None:
    certificate = _certificate(token, Algorithm.RS256)

    assert is_signature(certificate, MESSAGE, _sign(provider, certificate))


def test_a_library_that_takes_a_bare_hash_gets_one(skf: SoftSkf) -> None:
    skf.set("SKF_RSASignData bare")
    provider = _open(skf, digest_info=False)
    certificate = _certificate(provider.tokens()[0], Algorithm.RS256)

    assert is_signature(certificate, MESSAGE, _sign(provider, certificate))


@pytest.mark.parametrize(("ulong_size", "packed"), VARIANTS)
def test_every_shape_of_library_is_used_as_policy_says(
    tmp_path: Path, gm_people: GmPeople, ulong_size: int, packed: bool
) -> None:
    words = [*([f"-DULONG_BYTES={ulong_size}"]), *(["-DNATURAL_ALIGNMENT"] if not packed else [])]
    skf = SoftSkf.compile(tmp_path / "skf", *words)
    plug_in(skf, {APPLICATION: {CONTAINER: gm_people.container()}})
    provider = _open(skf, ulong_size=ulong_size, packed=packed)
    (token,) = provider.tokens()

    value = _sign(provider, _certificate(token, Algorithm.SM2))

    public = gm_people.sign.key.public_key
    assert public.verify(write_signature(value), MESSAGE, identity=DEFAULT_ID)
    assert token.serial == SERIAL
    assert _open_envelope(provider, token, gm_people, MESSAGE) == MESSAGE


@pytest.mark.parametrize(("ulong_size", "packed"), VARIANTS[1:])
def test_a_wrong_shape_in_policy_is_an_error_and_not_a_crash(
    skf: SoftSkf, ulong_size: int, packed: bool
) -> None:
    provider = _open(skf, ulong_size=ulong_size, packed=packed)

    for _ in range(3):
        try:
            listed = provider.tokens()
        except TokenRefusalError as refusal:
            assert refusal.fault is TokenFault.MODULE  # noqa: PT017 -- a list without a token is as good
        else:
            assert SERIAL not in [token.serial for token in listed] or not packed


def test_a_login_ends_with_the_signature(provider: SkfProvider, token: Token, skf: SoftSkf) -> None:
    _sign(provider, _certificate(token, Algorithm.SM2))

    assert skf.calls("SKF_VerifyPIN") == skf.calls("SKF_ClearSecureState") == 1
    for opens, closes in (
        ("SKF_ConnectDev", "SKF_DisConnectDev"),
        ("SKF_OpenApplication", "SKF_CloseApplication"),
        ("SKF_OpenContainer", "SKF_CloseContainer"),
    ):
        assert skf.calls(opens) == skf.calls(closes)


def test_wrong_pins_are_counted_and_the_last_try_needs_the_persons_word(
    provider: SkfProvider, token: Token, skf: SoftSkf, application: Path
) -> None:
    certificate = _certificate(token, Algorithm.SM2)
    for left in range(MAX_TRIES - 1, 0, -1):
        refusal = _refusal(lambda: _sign(provider, certificate, WRONG))
        assert refusal.fault is TokenFault.PIN_INCORRECT
        assert refusal.pin == PinState(tries=left, final=left == 1, wrong_before=True)
    assert provider.pin_state(token.uri).final

    assert _refusal(lambda: _sign(provider, certificate)).fault is TokenFault.LAST_TRY
    assert (tries(application), skf.calls("SKF_VerifyPIN")) == (1, MAX_TRIES - 1)

    entered = bytearray(PIN.encode())
    provider.sign(certificate.key, Algorithm.SM2, bytes(32), entered, last_try=True)
    assert provider.pin_state(token.uri) == PinState(tries=MAX_TRIES)


def test_the_last_wrong_try_locks(
    provider: SkfProvider, token: Token, skf: SoftSkf, application: Path
) -> None:
    certificate = _certificate(token, Algorithm.SM2)
    set_tries(application, 1)
    entered = bytearray(WRONG.encode())

    refusal = _refusal(
        lambda: provider.sign(certificate.key, Algorithm.SM2, bytes(32), entered, last_try=True)
    )

    assert refusal.fault is TokenFault.PIN_LOCKED
    assert refusal.pin == PinState(tries=0, locked=True, wrong_before=True)
    before = skf.calls("SKF_VerifyPIN")
    assert _refusal(lambda: _sign(provider, certificate)).fault is TokenFault.PIN_LOCKED
    assert skf.calls("SKF_VerifyPIN") == before


@pytest.mark.parametrize("pin", ["123", "1" * 17, "48205937\0", "482\00005"])
def test_a_pin_that_cannot_be_one_is_not_tried(
    provider: SkfProvider, token: Token, skf: SoftSkf, pin: str
) -> None:
    certificate = _certificate(token, Algorithm.SM2)

    assert _refusal(lambda: _sign(provider, certificate, pin)).fault is TokenFault.PIN_LENGTH
    assert skf.calls("SKF_VerifyPIN") == 0


def test_a_pin_that_the_token_finds_too_short_costs_no_try(
    provider: SkfProvider, token: Token, application: Path
) -> None:
    refusal = _refusal(lambda: _sign(provider, _certificate(token, Algorithm.SM2), "4820"))

    assert (refusal.fault, refusal.pin) == (TokenFault.PIN_LENGTH, PinState(tries=MAX_TRIES))
    assert tries(application) == MAX_TRIES


def test_an_encryption_key_does_not_sign(provider: SkfProvider, token: Token, skf: SoftSkf) -> None:
    certificate = _certificate(token, Algorithm.SM2, KeyUse.OPEN)

    assert _refusal(lambda: _sign(provider, certificate)).fault is TokenFault.UNSUPPORTED
    assert skf.calls("SKF_VerifyPIN") == 0


def test_two_applications_are_two_tokens_with_pins_of_their_own(
    skf: SoftSkf, gm_people: GmPeople
) -> None:
    two = {
        name: {CONTAINER: gm_people.container()} for name in ("ca-one", "ca/two".replace("/", "二"))
    }
    folder = plug_in(skf, two, serial="YT-GM-0002")
    set_tries(folder / "ca-one", 2)
    provider = _open(skf)

    one, other, _ = sorted(provider.tokens(), key=lambda each: each.serial)

    assert one.uri != other.uri
    assert {one.pin.tries, other.pin.tries} == {2, MAX_TRIES}
    for each in (one, other):
        value = write_signature(_sign(provider, _certificate(each, Algorithm.SM2)))
        assert gm_people.sign.key.public_key.verify(value, MESSAGE, identity=DEFAULT_ID)


def test_two_devices_of_one_name_and_number_show_once(skf: SoftSkf, gm_people: GmPeople) -> None:
    folder = plug_in(skf, {APPLICATION: {}}, serial="ZZ")
    (folder / "info").write_text(f"国密 Key\n{SERIAL}\n", "utf-8")

    (token,) = _open(skf).tokens()

    assert len(token.certificates) == 3


def test_a_certificate_of_another_key_is_not_listed(skf: SoftSkf, gm_people: GmPeople) -> None:
    stranger = Pair.of(Sm2PrivateKey.generate(), gm_people.sign.certificate)
    bare = Pair(gm_people.open.key, b"")
    broken = Pair(gm_people.open.key, b"no certificate")
    folder = plug_in(
        skf,
        {"app": {"a": Container(stranger, bare), "b": Container(broken), "c": Container()}},
        serial="YT-GM-0003",
    )
    (folder / "app" / "d").mkdir()
    (folder / "app" / "d" / "sign.cer").write_bytes(
        Pair.of(stranger.key, gm_people.sign.certificate).certificate
    )

    listed = {token.serial: token for token in _open(skf).tokens()}

    assert listed["YT-GM-0003"].certificates == ()
    assert len(listed[SERIAL].certificates) == 3


def test_certificates_are_kept_for_a_while_and_read_again(
    provider: SkfProvider, token: Token, skf: SoftSkf, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = skf.calls("SKF_ExportCertificate")
    provider.tokens()
    assert skf.calls("SKF_ExportCertificate") == before
    monkeypatch.setattr(skf_module, "KEPT_SECONDS", 0.0)

    assert provider.tokens() == (token,)
    assert skf.calls("SKF_ExportCertificate") == 2 * before


def test_a_pulled_token_is_removed_and_found_again(
    provider: SkfProvider, token: Token, skf: SoftSkf
) -> None:
    certificate = _certificate(token, Algorithm.SM2)
    pull(skf)

    assert provider.tokens() == ()
    assert _refusal(lambda: provider.pin_state(token.uri)).fault is TokenFault.REMOVED
    assert _refusal(lambda: _sign(provider, certificate)).fault is TokenFault.REMOVED
    insert(skf)
    assert len(_sign(provider, certificate)) == 64


def test_a_token_that_came_back_under_another_name_is_found(
    provider: SkfProvider, token: Token, skf: SoftSkf
) -> None:
    (skf.devices / SERIAL).rename(skf.devices / "other-name")

    assert len(_sign(provider, _certificate(token, Algorithm.SM2))) == 64


def test_another_token_under_a_known_name_is_not_used(
    provider: SkfProvider, token: Token, skf: SoftSkf
) -> None:
    (skf.devices / SERIAL / "info").write_text("国密 Key\nYT-GM-9999\n", "utf-8")

    refusal = _refusal(lambda: _sign(provider, _certificate(token, Algorithm.SM2)))

    assert refusal.fault is TokenFault.REMOVED
    assert skf.calls("SKF_VerifyPIN") == 0


# --- envelopes --------------------------------------------------------------------------------


def _open_envelope(provider: SkfProvider, token: Token, people: GmPeople, content: bytes) -> bytes:
    envelope = read_envelope(seal(content, [people.open.certificate]))
    wrapped = envelope.recipients[0].wrapped_key
    sealed = SkfEnvelope(wrapped, envelope.iv, envelope.ciphertext)
    key = _certificate(token, Algorithm.SM2, KeyUse.OPEN).key
    return provider.open_envelope(key, sealed, bytearray(PIN.encode()), last_try=False)


@pytest.mark.parametrize("size", [1, 15, 16, 17, CHUNK_BYTES, 5 * CHUNK_BYTES + 3])
def test_an_envelope_opens_and_its_session_key_stays_on_the_token(
    provider: SkfProvider, token: Token, gm_people: GmPeople, skf: SoftSkf, size: int
) -> None:
    content = token_bytes(size)

    assert _open_envelope(provider, token, gm_people, content) == content
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
    elif change == "half a block":
        content = content[:-1]
    return SkfEnvelope(wrapped, envelope.iv, content)


@pytest.mark.parametrize(
    "change", ["other key", "other session key", "no ciphertext", "half a block"]
)
def test_why_an_envelope_does_not_open_is_told_to_nobody(
    provider: SkfProvider, token: Token, gm_people: GmPeople, change: str
) -> None:
    key = _certificate(token, Algorithm.SM2, KeyUse.OPEN).key
    sealed = _sealed(gm_people, change)
    pin = bytearray(PIN.encode())

    refusal = _refusal(lambda: provider.open_envelope(key, sealed, pin, last_try=False))

    assert (refusal.fault, refusal.detail) == (TokenFault.ENVELOPE, "")


def test_a_signing_key_opens_nothing(
    provider: SkfProvider, token: Token, gm_people: GmPeople, skf: SoftSkf
) -> None:
    key = _certificate(token, Algorithm.SM2).key
    sealed, pin = _sealed(gm_people, ""), bytearray(PIN.encode())

    refusal = _refusal(lambda: provider.open_envelope(key, sealed, pin, last_try=False))

    assert refusal.fault is TokenFault.UNSUPPORTED
    assert skf.calls("SKF_VerifyPIN") == 0


def test_a_bare_ciphertext_opens_by_the_makers_function_only(
    skf: SoftSkf, gm_people: GmPeople
) -> None:
    ciphertext = gm_people.open.key.public_key.encrypt(MESSAGE)
    for decrypt in ("", "SKF_NobodyHasThis"):
        plain = _open(skf, decrypt=decrypt)
        key = _certificate(plain.tokens()[0], Algorithm.SM2, KeyUse.OPEN).key
        pin = bytearray(PIN.encode())
        refusal = _refusal(lambda: plain.open_ciphertext(key, ciphertext, pin, last_try=False))  # noqa: B023 -- asked at once
        assert refusal.fault is TokenFault.UNSUPPORTED

    able = _open(skf, decrypt="SKF_ECCPrvKeyDecrypt")
    able.tokens()
    pin = bytearray(PIN.encode())
    assert able.open_ciphertext(key, ciphertext, pin, last_try=False) == MESSAGE


# --- keys and certificates that come onto the token -----------------------------------------------


@pytest.fixture
def fresh(provider: SkfProvider, token: Token) -> Iterator[int]:
    """Return a container with a new signing key, the person logged in."""
    key = _certificate(token, Algorithm.SM2).key
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


# --- what cannot be loaded ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "form", "detail"),
    [
        ("libsoftskf.so", {}, "the library's path is not absolute"),
        ("/nowhere/libsoftskf.so", {}, "OSError"),
        ("/lib/x86_64-linux-gnu/libc.so.6", {}, "AttributeError"),
        ("/lib/x86_64-linux-gnu/libc.so.6", {"convention": "stdcall"}, "ValueError"),
    ],
)
def test_what_is_no_library_is_refused(path: str, form: dict[str, object], detail: str) -> None:
    module = OpenModule("gm", "skf", path, skf=SkfForm(**form))  # type: ignore[arg-type]  # the rows above

    refusal = _refusal(lambda: SkfProvider(module, lambda _: None))

    assert (refusal.fault, refusal.detail) == (TokenFault.MODULE, detail)


def test_a_library_is_watched_only_where_policy_says_that_it_tells(skf: SoftSkf) -> None:
    watched: list[SkfLibrary] = []
    SkfProvider(_module(skf), watched.append)
    assert watched == []

    provider = SkfProvider(_module(skf, events=True), watched.append)

    assert watched == [provider.library]


def test_a_key_that_is_of_another_kind_of_certificate_is_unsupported(
    provider: SkfProvider, token: Token
) -> None:
    key, pin = token.certificates[0].key, bytearray(PIN.encode())

    refusal = _refusal(lambda: provider.sign(key, Algorithm.ES256, bytes(32), pin, last_try=False))

    assert refusal.fault is TokenFault.UNSUPPORTED


def test_a_short_rsa_key_is_listed_but_signs_nothing(
    skf: SoftSkf, authority: pki.Authority
) -> None:
    key = pki.private_key("rsa1024")
    pair = Pair.of(key, authority.issue(pki.ENTERPRISE, key.public_key()))
    plug_in(skf, {"app": {"short": Container(pair)}}, serial="YT-GM-1024")

    listed = {token.serial: token for token in _open(skf).tokens()}

    assert [c.algorithm for c in listed["YT-GM-1024"].certificates] == [None]
