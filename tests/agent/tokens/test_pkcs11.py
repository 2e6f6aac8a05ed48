"""PKCS#11 against the real SoftHSM2, loaded into this process."""

import time
from collections.abc import Callable, Iterator
from hashlib import new
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, ObjectClass

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, Certificate, KeyUse, PinState, Token
from signet_agent.tokens import pkcs11 as provider
from signet_agent.tokens import slots
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.cryptoki import Cryptoki, CryptokiError, TokenInfo
from signet_agent.tokens.pkcs11 import Pkcs11Provider
from signet_agent.tokens.slots import token_uri
from signet_agent.tokens.token_objects import read_certificates
from tests.kit import pki
from tests.kit.signatures import is_signature
from tests.kit.softhsm import PIN, SoftHsm, TokenKey, dual_pair, key_pair, module_path, single_key

Provide = Callable[[SoftHsm], Pkcs11Provider]

MESSAGE = b"document"
WRONG = PIN[:-1] + "5"


def _certificate(tokens: tuple[Token, ...], use: KeyUse = KeyUse.SIGN) -> Certificate:
    return next(c for token in tokens for c in token.certificates if use in c.uses)


def _sign(
    tokens: Pkcs11Provider, certificate: Certificate, pin: str = PIN, *, last_try: bool = False
) -> bytes:
    algorithm = certificate.algorithm
    assert algorithm is not None
    digest = new(algorithm.hash_name, MESSAGE).digest()
    buffer = bytearray(pin.encode())
    (value,) = tokens.sign(certificate.key, algorithm, [digest], buffer, last_try=last_try)
    return value


def _signs_a_list(tokens: Pkcs11Provider, certificate: Certificate) -> bool:
    """Sign three messages in one order, and return whether each signature is its own."""
    assert certificate.algorithm is not None
    messages = [MESSAGE, b"", MESSAGE + b"!"]
    digests = [new(certificate.algorithm.hash_name, each).digest() for each in messages]
    values = tokens.sign(
        certificate.key, certificate.algorithm, digests, bytearray(PIN.encode()), last_try=False
    )
    return all(
        is_signature(certificate, message, value)
        for message, value in zip(messages, values, strict=True)
    )


def _refusal(tokens: Pkcs11Provider, certificate: Certificate, pin: str = PIN) -> TokenRefusalError:
    with pytest.raises(TokenRefusalError) as refused:
        _sign(tokens, certificate, pin)
    return refused.value


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let modules be initialised again at once, and certificates be read every time."""
    monkeypatch.setattr(slots, "REOPEN_SECONDS", 0.0)
    monkeypatch.setattr(provider, "KEPT_SECONDS", 0.0)


def test_a_token_is_listed_with_its_certificates(
    provide: Provide, enterprise_token: SoftHsm
) -> None:
    (token,) = provide(enterprise_token).tokens()

    assert token.uri == f"pkcs11:softhsm/{token.serial}"
    assert token.label == "云汀样例科技"
    assert not token.demo
    assert (token.pin.min_length, token.pin.max_length) == (4, 63)
    assert [each.uses for each in token.certificates] == [
        (KeyUse.LOGIN, KeyUse.SIGN),
        (KeyUse.OPEN,),
    ]
    assert [each.key for each in token.certificates] == [f"{token.uri}/01", f"{token.uri}/02"]
    assert all(each.token == token.uri for each in token.certificates)


def test_an_rsa_signature_verifies(provide: Provide, enterprise_token: SoftHsm) -> None:
    tokens = provide(enterprise_token)
    certificate = _certificate(tokens.tokens())

    value = _sign(tokens, certificate)

    assert certificate.algorithm is Algorithm.RS256
    assert is_signature(certificate, MESSAGE, value)
    assert not is_signature(certificate, MESSAGE + b"!", value)


def test_a_list_is_signed_by_one_login(
    provide: Provide, enterprise_token: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = provide(enterprise_token)
    certificate = _certificate(tokens.tokens())
    logins = []
    enter = Cryptoki._enter_pin

    def count(cryptoki: Cryptoki, session: int, user: int, pin: bytearray) -> None:
        logins.append(user)
        enter(cryptoki, session, user, pin)

    monkeypatch.setattr(Cryptoki, "_enter_pin", count)
    assert _signs_a_list(tokens, certificate)
    assert len(logins) == 1


def test_elliptic_curve_signatures_verify(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    hsm = SoftHsm.create(tmp_path / "hsm")
    kinds: list[pki.KeyKind] = ["p256", "p384", "p521"]
    keys = [single_key(authority, kind)[0] for kind in kinds]
    numbered = [
        key_pair(f"0{n}", key.private, x509.load_der_x509_certificate(key.certificate))
        for n, key in enumerate(keys)
    ]
    hsm.add_token("curves", numbered)
    tokens = provide(hsm)
    (token,) = tokens.tokens()

    signed = {each.algorithm: (each, _sign(tokens, each)) for each in token.certificates}

    assert set(signed) == {Algorithm.ES256, Algorithm.ES384, Algorithm.ES512}
    assert all(is_signature(each, MESSAGE, value) for each, value in signed.values())


def test_a_wrong_pin_is_told_with_the_state_after_it(provide: Provide, enterprise: SoftHsm) -> None:
    tokens = provide(enterprise)
    certificate = _certificate(tokens.tokens())

    refusal = _refusal(tokens, certificate, WRONG)

    assert refusal.fault is TokenFault.PIN_INCORRECT
    assert refusal.detail == "C_Login 0x000000a0"
    assert refusal.pin is not None
    assert refusal.pin.wrong_before
    assert tokens.pin_state(certificate.token).wrong_before
    assert is_signature(certificate, MESSAGE, _sign(tokens, certificate))
    assert not tokens.pin_state(certificate.token).wrong_before


@pytest.mark.parametrize("pin", ["", "123", "1" * 64])
def test_a_pin_of_impossible_length_is_not_tried(
    provide: Provide, enterprise: SoftHsm, pin: str
) -> None:
    tokens = provide(enterprise)
    certificate = _certificate(tokens.tokens())

    assert _refusal(tokens, certificate, pin).fault is TokenFault.PIN_LENGTH
    assert not tokens.pin_state(certificate.token).wrong_before


def test_nobody_else_can_sign_after_a_signature(
    provide: Provide, enterprise_token: SoftHsm
) -> None:
    tokens = provide(enterprise_token)
    _sign(tokens, _certificate(tokens.tokens()))
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    token = pkcs11.lib(str(module_path())).get_token(token_label="云汀样例科技")

    with token.open() as session:
        assert list(session.get_objects(wanted)) == []
    with token.open(user_pin=PIN) as session:
        assert len(list(session.get_objects(wanted))) == 2


def test_a_wrong_pin_leaves_no_login_and_no_session(provide: Provide, enterprise: SoftHsm) -> None:
    tokens = provide(enterprise)
    certificate = _certificate(tokens.tokens())
    for _ in range(3):
        _refusal(tokens, certificate, WRONG)

    # The very next session of the process is the first one of the token again.
    token = pkcs11.lib(str(module_path())).get_token(token_label="云汀样例科技")
    with token.open(user_pin=PIN):
        pass


def test_a_login_that_was_left_behind_does_not_stand_in_for_the_pin(
    provide: Provide, enterprise: SoftHsm
) -> None:
    tokens = provide(enterprise)
    certificate = _certificate(tokens.tokens())
    token = pkcs11.lib(str(module_path())).get_token(token_label="云汀样例科技")

    forgotten = token.open(user_pin=PIN)

    assert _refusal(tokens, certificate, WRONG).fault is TokenFault.PIN_INCORRECT
    assert is_signature(certificate, MESSAGE, _sign(tokens, certificate))
    del forgotten


def test_an_always_authenticate_key_gets_the_pin_for_each_signature(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    key = pki.private_key("p256")
    issued = authority.issue(pki.CITIZEN, key.public_key()).public_bytes(Encoding.DER)
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("careful", [TokenKey("01", key, issued, always_authenticate=True)])
    tokens = provide(hsm)
    certificate = _certificate(tokens.tokens())

    assert is_signature(certificate, MESSAGE, _sign(tokens, certificate))
    assert _signs_a_list(tokens, certificate)


def test_the_signing_one_of_two_keys_with_one_id_is_taken(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    sign, opens = dual_pair(authority)
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("twins", [sign])
    hsm.add_token("other", [opens])
    tokens = provide(hsm)
    certificate = _certificate(tokens.tokens())
    lib = pkcs11.lib(str(module_path()))
    with lib.get_token(token_label="twins").open(rw=True, user_pin=PIN) as session:
        session.generate_keypair(
            pkcs11.KeyType.RSA,
            2048,
            id=b"\x01",
            store=True,
            private_template={Attribute.SIGN: False},
            public_template={Attribute.ID: b"\x77"},
        )

    for _ in range(2):
        assert is_signature(certificate, MESSAGE, _sign(tokens, certificate))


def test_a_missing_private_key_is_named_so(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    key = pki.private_key("p256")
    rsa = authority.issue(pki.ENTERPRISE, pki.private_key("rsa2048", 1).public_key())
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("lost", [TokenKey("01", key, rsa.public_bytes(Encoding.DER))])
    tokens = provide(hsm)

    refusal = _refusal(tokens, _certificate(tokens.tokens()))

    assert refusal.fault is TokenFault.KEY_MISSING


def test_a_pulled_token_is_told_apart_from_a_broken_one(
    provide: Provide, enterprise: SoftHsm
) -> None:
    tokens = provide(enterprise)
    certificate = _certificate(tokens.tokens())

    enterprise.pull()

    assert _refusal(tokens, certificate).fault is TokenFault.REMOVED
    with pytest.raises(TokenRefusalError) as refused:
        tokens.pin_state(certificate.token)
    assert refused.value.fault is TokenFault.REMOVED
    assert tokens.tokens() == ()


@pytest.mark.usefixtures("prompt")
def test_a_token_that_comes_back_signs_without_a_restart(
    provide: Provide, enterprise: SoftHsm
) -> None:
    tokens = provide(enterprise)
    certificate = _certificate(tokens.tokens())

    enterprise.pull()
    assert tokens.tokens() == ()
    enterprise.insert()

    assert _certificate(tokens.tokens()) == certificate
    assert is_signature(certificate, MESSAGE, _sign(tokens, certificate))


@pytest.mark.usefixtures("prompt")
def test_an_inserted_token_is_noticed(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    hsm = SoftHsm.create(tmp_path / "hsm")
    tokens = provide(hsm)
    assert tokens.tokens() == ()

    hsm.add_token("new", single_key(authority))

    assert [token.label for token in tokens.tokens()] == ["new"]


def test_a_module_named_again_sees_a_second_token(
    provide: Provide, enterprise: SoftHsm, authority: pki.Authority
) -> None:
    assert len(provide(enterprise).tokens()) == 1

    enterprise.add_token("second", single_key(authority))

    assert len(provide(enterprise).tokens()) == 2


def test_an_empty_module_is_not_initialised_all_the_time(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    hsm = SoftHsm.create(tmp_path / "hsm")
    tokens = provide(hsm)
    hsm.add_token("new", single_key(authority))

    assert tokens.tokens() == ()


def test_certificates_are_read_again_after_a_while(
    provide: Provide,
    enterprise: SoftHsm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = provide(enterprise)
    readings: list[str] = []

    def counted(session: pkcs11.Session, token: str) -> Iterator[Certificate]:
        readings.append(token)
        return read_certificates(session, token)

    monkeypatch.setattr(provider, "read_certificates", counted)

    first = tokens.tokens()
    assert tokens.tokens() == first
    assert len(readings) == 1
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + 6)
    assert tokens.tokens() == first
    assert len(readings) == 2


def test_two_slots_with_one_serial_number_get_two_names() -> None:
    info = TokenInfo("card", "0001", 0, 4, 8)

    first = token_uri("module", info, ())
    second = token_uri("module", info, {first})

    assert (first, second) == ("pkcs11:module/0001", "pkcs11:module/2.0001")


@pytest.mark.parametrize(
    ("serial", "label", "ending"),
    [("a/b c", "L", "a%2Fb%20c"), ("", "标", "%E6%A0%87"), ("", "", "0")],
)
def test_odd_serial_numbers_stay_one_part_of_the_name(serial: str, label: str, ending: str) -> None:
    assert token_uri("module", TokenInfo(label, serial, 0, 4, 8), ()) == f"pkcs11:module/{ending}"


@pytest.mark.parametrize(
    ("flags", "shortest", "longest", "state"),
    [
        (0, 6, 12, PinState(min_length=6, max_length=12)),
        (0x10000, 4, 8, PinState(wrong_before=True, max_length=8)),
        (0x30000, 4, 8, PinState(tries=1, final=True, wrong_before=True, max_length=8)),
        (0x20000, 4, 8, PinState(tries=1, final=True, wrong_before=True, max_length=8)),
        (0x40000, 4, 8, PinState(tries=0, locked=True, max_length=8)),
        (0x60000, 4, 8, PinState(tries=0, locked=True, max_length=8)),
        (0, 0, 0, PinState(min_length=1, max_length=63)),
        (0, 2**64 - 1, 2**64 - 1, PinState(min_length=1, max_length=63)),
        (0, 9, 8, PinState(min_length=1, max_length=8)),
    ],
)
def test_flags_and_lengths_become_the_state_of_the_pin(
    flags: int, shortest: int, longest: int, state: PinState
) -> None:
    info = TokenInfo("L", "S", flags, shortest, longest)

    assert provider._pin_state(info) == state


@pytest.mark.parametrize(
    ("value", "fixed"),
    [
        (b"r" * 32 + b"s" * 32, b"r" * 32 + b"s" * 32),
        (b"r" * 31 + b"s" * 31, b"\0" + b"r" * 31 + b"\0" + b"s" * 31),
        (b"rs", bytes(31) + b"r" + bytes(31) + b"s"),
        (b"", None),
        (b"x" * 63, None),
        (b"x" * 66, None),
    ],
)
def test_both_halves_of_a_signature_have_the_size_of_the_curve(
    value: bytes, fixed: bytes | None
) -> None:
    if fixed is not None:
        assert provider._fixed_length(value, Algorithm.ES256) == fixed
        return
    with pytest.raises(TokenRefusalError) as refused:
        provider._fixed_length(value, Algorithm.ES256)
    assert refused.value.fault is TokenFault.MODULE


@pytest.mark.parametrize(
    "path", ["libsofthsm2.so", "./libsofthsm2.so", "/nowhere/libsofthsm2.so", __file__]
)
def test_a_module_that_cannot_be_loaded_is_refused(path: str) -> None:
    with pytest.raises(TokenRefusalError) as refused:
        Pkcs11Provider(OpenModule("odd", "pkcs11", path))

    assert refused.value.fault is TokenFault.MODULE
    assert "/" not in refused.value.detail


def test_a_library_that_is_no_module_is_refused(tmp_path: Path) -> None:
    # Any library will do that has no C_GetFunctionList.
    path = next(Path("/usr/lib").glob("*/libz.so*"), None) or next(Path("/lib").glob("*/libm.so*"))

    with pytest.raises(TokenRefusalError) as refused:
        Pkcs11Provider(OpenModule("odd", "pkcs11", str(path)))

    assert refused.value.fault is TokenFault.MODULE


def test_a_failed_call_names_function_and_return_value(
    provide: Provide, enterprise_token: SoftHsm
) -> None:
    provide(enterprise_token)
    cryptoki = Cryptoki(str(module_path()))

    with pytest.raises(CryptokiError, match=r"^C_GetTokenInfo 0x00000003$"):
        cryptoki.token_info(99)
