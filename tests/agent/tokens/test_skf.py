"""The SKF provider over the software library, within this process."""

from pathlib import Path

import pytest

from signet_agent.channel.token_messages import OpenModule, SkfForm, TokenFault
from signet_agent.model import Algorithm, KeyPadding, KeyUse, PinState, Token
from signet_agent.tokens import skf as skf_module
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.skf import SkfProvider
from signet_agent.tokens.skf_library import SkfLibrary
from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey
from signet_protocol.gm.gmt0009 import write_signature
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
from tests.skf.provider import (
    MESSAGE,
    certificate_of,
    library_module,
    open_provider,
    open_sealed,
    refusal_of,
    sign_with,
)

WRONG = PIN[:-1] + "0"
VARIANTS = [(4, True), (8, True), (4, False), (8, False)]
"""ULONG's octets, and whether structures are packed."""


@pytest.fixture
def provider(skf: SoftSkf) -> SkfProvider:
    return open_provider(skf)


@pytest.fixture
def token(provider: SkfProvider) -> Token:
    (token,) = provider.tokens()
    return token


@pytest.fixture
def application(skf: SoftSkf) -> Path:
    return skf.devices / SERIAL / APPLICATION


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
    signature = write_signature(sign_with(provider, certificate_of(token, Algorithm.SM2)))

    public = gm_people.sign.key.public_key
    assert public.verify(signature, MESSAGE, identity=DEFAULT_ID)
    assert not public.verify(signature, MESSAGE, identity=b"")
    assert oracle.verify(public.point, MESSAGE, DEFAULT_ID, signature)  # type: ignore[attr-defined]  # both oracles have it


def test_openssl_verifies_an_sm2_signature(
    provider: SkfProvider, token: Token, gm_people: GmPeople, tmp_path: Path
) -> None:
    value, message = tmp_path / "signature", tmp_path / "message"
    value.write_bytes(write_signature(sign_with(provider, certificate_of(token, Algorithm.SM2))))
    message.write_bytes(MESSAGE)

    given = ("-inkey", gm_people.sign.key_file, "-rawin", "-in", message, "-sigfile", value)
    options = ("-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
    assert b"Verified" in openssl("pkeyutl", "-verify", *given, *options)


def test_an_rsa_signature_holds(provider: SkfProvider, token: Token) -> None:
    certificate = certificate_of(token, Algorithm.RS256)

    assert is_signature(certificate, MESSAGE, sign_with(provider, certificate))


def test_a_library_that_takes_a_bare_hash_gets_one(skf: SoftSkf) -> None:
    skf.set("SKF_RSASignData bare")
    provider = open_provider(skf, digest_info=False)
    certificate = certificate_of(provider.tokens()[0], Algorithm.RS256)

    assert is_signature(certificate, MESSAGE, sign_with(provider, certificate))


@pytest.mark.parametrize(("ulong_size", "packed"), VARIANTS)
def test_every_shape_of_library_is_used_as_policy_says(
    tmp_path: Path, gm_people: GmPeople, ulong_size: int, packed: bool
) -> None:
    words = [*([f"-DULONG_BYTES={ulong_size}"]), *(["-DNATURAL_ALIGNMENT"] if not packed else [])]
    skf = SoftSkf.compile(tmp_path / "skf", *words)
    plug_in(skf, {APPLICATION: {CONTAINER: gm_people.container()}})
    provider = open_provider(skf, ulong_size=ulong_size, packed=packed)
    (token,) = provider.tokens()

    value = sign_with(provider, certificate_of(token, Algorithm.SM2))

    public = gm_people.sign.key.public_key
    assert public.verify(write_signature(value), MESSAGE, identity=DEFAULT_ID)
    assert token.serial == SERIAL
    assert open_sealed(provider, token, gm_people, MESSAGE) == MESSAGE


@pytest.mark.parametrize(("ulong_size", "packed"), VARIANTS[1:])
def test_a_wrong_shape_in_policy_is_an_error_and_not_a_crash(
    skf: SoftSkf, ulong_size: int, packed: bool
) -> None:
    provider = open_provider(skf, ulong_size=ulong_size, packed=packed)

    for _ in range(3):
        try:
            listed = provider.tokens()
        except TokenRefusalError as refusal:
            assert refusal.fault is TokenFault.MODULE  # noqa: PT017 -- a list without a token is as good
        else:
            assert SERIAL not in [token.serial for token in listed] or not packed


def test_a_login_ends_with_the_signature(provider: SkfProvider, token: Token, skf: SoftSkf) -> None:
    sign_with(provider, certificate_of(token, Algorithm.SM2))

    assert skf.calls("SKF_VerifyPIN") == skf.calls("SKF_ClearSecureState") == 1
    for opens, closes in (
        ("SKF_ConnectDev", "SKF_DisConnectDev"),
        ("SKF_OpenApplication", "SKF_CloseApplication"),
        ("SKF_OpenContainer", "SKF_CloseContainer"),
    ):
        assert skf.calls(opens) == skf.calls(closes)


def test_a_list_is_signed_by_one_login(
    provider: SkfProvider, token: Token, gm_people: GmPeople, skf: SoftSkf
) -> None:
    public, messages = gm_people.sign.key.public_key, [MESSAGE, b"", MESSAGE + b"!"]
    digests = [compute_e(public.point, message, DEFAULT_ID) for message in messages]
    key, pin = certificate_of(token, Algorithm.SM2).key, bytearray(PIN.encode())

    values = provider.sign(key, Algorithm.SM2, digests, pin, last_try=False)

    assert skf.calls("SKF_VerifyPIN") == 1
    for message, value in zip(messages, values, strict=True):
        assert public.verify(write_signature(value), message, identity=DEFAULT_ID)


def test_an_rsa_key_is_listed_for_what_the_standard_does_with_it(
    skf: SoftSkf, authority: pki.Authority
) -> None:
    key = pki.private_key("rsa2048", 2)
    pair = Pair.of(
        key, authority.issue(pki.CITIZEN, key.public_key(), usage=pki.BOTH | pki.ENCRYPTION)
    )
    plug_in(skf, {"app": {"one": Container(pair, pair)}}, serial="YT-GM-2048")

    listed = {token.serial: token for token in open_provider(skf).tokens()}

    uses = [c.uses for c in listed["YT-GM-2048"].certificates]
    assert uses == [(KeyUse.LOGIN, KeyUse.SIGN)] * 2


@pytest.mark.parametrize("algorithm", [Algorithm.SM2, Algorithm.RS256])
def test_no_key_gives_out_a_session_key(
    provider: SkfProvider, token: Token, skf: SoftSkf, algorithm: Algorithm
) -> None:
    key, pin = certificate_of(token, algorithm).key, bytearray(PIN.encode())

    refusal = refusal_of(
        lambda: provider.unwrap(key, bytes(256), KeyPadding.PKCS1, pin, last_try=False)
    )

    assert refusal.fault is TokenFault.UNSUPPORTED
    assert skf.calls("SKF_VerifyPIN") == 0


def test_wrong_pins_are_counted_and_the_last_try_needs_the_persons_word(
    provider: SkfProvider, token: Token, skf: SoftSkf, application: Path
) -> None:
    certificate = certificate_of(token, Algorithm.SM2)
    for left in range(MAX_TRIES - 1, 0, -1):
        refusal = refusal_of(lambda: sign_with(provider, certificate, WRONG))
        assert refusal.fault is TokenFault.PIN_INCORRECT
        assert refusal.pin == PinState(tries=left, final=left == 1, wrong_before=True)
    assert provider.pin_state(token.uri).final

    assert refusal_of(lambda: sign_with(provider, certificate)).fault is TokenFault.LAST_TRY
    assert (tries(application), skf.calls("SKF_VerifyPIN")) == (1, MAX_TRIES - 1)

    entered = bytearray(PIN.encode())
    provider.sign(certificate.key, Algorithm.SM2, (bytes(32),), entered, last_try=True)
    assert provider.pin_state(token.uri) == PinState(tries=MAX_TRIES)


def test_the_last_wrong_try_locks(
    provider: SkfProvider, token: Token, skf: SoftSkf, application: Path
) -> None:
    certificate = certificate_of(token, Algorithm.SM2)
    set_tries(application, 1)
    entered = bytearray(WRONG.encode())

    refusal = refusal_of(
        lambda: provider.sign(certificate.key, Algorithm.SM2, (bytes(32),), entered, last_try=True)
    )

    assert refusal.fault is TokenFault.PIN_LOCKED
    assert refusal.pin == PinState(tries=0, locked=True, wrong_before=True)
    before = skf.calls("SKF_VerifyPIN")
    assert refusal_of(lambda: sign_with(provider, certificate)).fault is TokenFault.PIN_LOCKED
    assert skf.calls("SKF_VerifyPIN") == before


@pytest.mark.parametrize("pin", ["123", "1" * 17, "48205937\0", "482\00005"])
def test_a_pin_that_cannot_be_one_is_not_tried(
    provider: SkfProvider, token: Token, skf: SoftSkf, pin: str
) -> None:
    certificate = certificate_of(token, Algorithm.SM2)

    assert refusal_of(lambda: sign_with(provider, certificate, pin)).fault is TokenFault.PIN_LENGTH
    assert skf.calls("SKF_VerifyPIN") == 0


def test_a_pin_that_the_token_finds_too_short_costs_no_try(
    provider: SkfProvider, token: Token, application: Path
) -> None:
    refusal = refusal_of(lambda: sign_with(provider, certificate_of(token, Algorithm.SM2), "4820"))

    assert (refusal.fault, refusal.pin) == (TokenFault.PIN_LENGTH, PinState(tries=MAX_TRIES))
    assert tries(application) == MAX_TRIES


def test_an_encryption_key_does_not_sign(provider: SkfProvider, token: Token, skf: SoftSkf) -> None:
    certificate = certificate_of(token, Algorithm.SM2, KeyUse.OPEN)

    assert refusal_of(lambda: sign_with(provider, certificate)).fault is TokenFault.UNSUPPORTED
    assert skf.calls("SKF_VerifyPIN") == 0


def test_two_applications_are_two_tokens_with_pins_of_their_own(
    skf: SoftSkf, gm_people: GmPeople
) -> None:
    two = {
        name: {CONTAINER: gm_people.container()} for name in ("ca-one", "ca/two".replace("/", "二"))
    }
    folder = plug_in(skf, two, serial="YT-GM-0002")
    set_tries(folder / "ca-one", 2)
    provider = open_provider(skf)

    one, other, _ = sorted(provider.tokens(), key=lambda each: each.serial)

    assert one.uri != other.uri
    assert {one.pin.tries, other.pin.tries} == {2, MAX_TRIES}
    for each in (one, other):
        value = write_signature(sign_with(provider, certificate_of(each, Algorithm.SM2)))
        assert gm_people.sign.key.public_key.verify(value, MESSAGE, identity=DEFAULT_ID)


def test_two_devices_of_one_name_and_number_show_once(skf: SoftSkf, gm_people: GmPeople) -> None:
    folder = plug_in(skf, {APPLICATION: {}}, serial="ZZ")
    (folder / "info").write_text(f"国密 Key\n{SERIAL}\n", "utf-8")

    (token,) = open_provider(skf).tokens()

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

    listed = {token.serial: token for token in open_provider(skf).tokens()}

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
    certificate = certificate_of(token, Algorithm.SM2)
    pull(skf)

    assert provider.tokens() == ()
    assert refusal_of(lambda: provider.pin_state(token.uri)).fault is TokenFault.REMOVED
    assert refusal_of(lambda: sign_with(provider, certificate)).fault is TokenFault.REMOVED
    insert(skf)
    assert len(sign_with(provider, certificate)) == 64


def test_a_token_that_came_back_under_another_name_is_found(
    provider: SkfProvider, token: Token, skf: SoftSkf
) -> None:
    (skf.devices / SERIAL).rename(skf.devices / "other-name")

    assert len(sign_with(provider, certificate_of(token, Algorithm.SM2))) == 64


def test_another_token_under_a_known_name_is_not_used(
    provider: SkfProvider, token: Token, skf: SoftSkf
) -> None:
    (skf.devices / SERIAL / "info").write_text("国密 Key\nYT-GM-9999\n", "utf-8")

    refusal = refusal_of(lambda: sign_with(provider, certificate_of(token, Algorithm.SM2)))

    assert refusal.fault is TokenFault.REMOVED
    assert skf.calls("SKF_VerifyPIN") == 0


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

    refusal = refusal_of(lambda: SkfProvider(module, lambda _: None))

    assert (refusal.fault, refusal.detail) == (TokenFault.MODULE, detail)


def test_a_library_is_watched_only_where_policy_says_that_it_tells(skf: SoftSkf) -> None:
    watched: list[SkfLibrary] = []
    SkfProvider(library_module(skf), watched.append)
    assert watched == []

    provider = SkfProvider(library_module(skf, events=True), watched.append)

    assert watched == [provider.library]


def test_a_key_that_is_of_another_kind_of_certificate_is_unsupported(
    provider: SkfProvider, token: Token
) -> None:
    key, pin = token.certificates[0].key, bytearray(PIN.encode())

    refusal = refusal_of(
        lambda: provider.sign(key, Algorithm.ES256, (bytes(32),), pin, last_try=False)
    )

    assert refusal.fault is TokenFault.UNSUPPORTED


def test_a_short_rsa_key_is_listed_but_signs_nothing(
    skf: SoftSkf, authority: pki.Authority
) -> None:
    key = pki.private_key("rsa1024")
    pair = Pair.of(key, authority.issue(pki.ENTERPRISE, key.public_key()))
    plug_in(skf, {"app": {"short": Container(pair)}}, serial="YT-GM-1024")

    listed = {token.serial: token for token in open_provider(skf).tokens()}

    assert [c.algorithm for c in listed["YT-GM-1024"].certificates] == [None]


@pytest.mark.parametrize(
    "lie",
    [
        "SKF_EnumDev code:0x0A000001",
        "SKF_EnumDev size:20000",
        "SKF_EnumDev unterminated",
        "SKF_GetDevInfo code:0x0A000001",
        "SKF_EnumApplication unterminated",
        "SKF_GetPINInfo left:7",
        "SKF_ExportCertificate code:0x0A000001",
        "SKF_ExportPublicKey code:0x0A000001",
    ],
)
def test_a_library_that_lies_hides_nothing_for_good(skf: SoftSkf, lie: str) -> None:
    provider = open_provider(skf)
    skf.set(lie)
    assert refusal_of(provider.tokens).fault is TokenFault.MODULE

    skf.set()
    assert len(provider.tokens()) == 1


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (["SKF_VerifyPIN code:0x0A000025"], TokenFault.PIN_LOCKED),
        (["SKF_VerifyPIN code:0x0A000001"], TokenFault.MODULE),
        (["SKF_GetDevInfo code:0x0A000001"], TokenFault.MODULE),
        (["SKF_ECCSignData code:0x0A000001", "SKF_EnumDev code:0x0A000001"], TokenFault.MODULE),
        (["SKF_ECCSignData pull"], TokenFault.REMOVED),
    ],
)
def test_a_token_that_fails_when_it_signs_is_told(
    provider: SkfProvider, token: Token, skf: SoftSkf, faults: list[str], told: TokenFault
) -> None:
    skf.set(*faults)

    refusal = refusal_of(lambda: sign_with(provider, certificate_of(token, Algorithm.SM2)))

    assert refusal.fault is told
    assert (refusal.pin is not None) == (told is TokenFault.PIN_LOCKED)


def test_more_than_there_can_be_is_refused(skf: SoftSkf) -> None:
    many = {f"c{number}": Container() for number in range(65)}
    folder = plug_in(skf, {"app": many}, serial="YT-GM-0065")
    (skf.devices / SERIAL).rename(skf.devices / ".away")
    assert refusal_of(open_provider(skf).tokens).fault is TokenFault.MODULE

    for number in range(64):
        (folder.parent / f"d{number}").mkdir()
    refusal = refusal_of(open_provider(skf).tokens)
    assert refusal.detail == "more devices than a machine has"
