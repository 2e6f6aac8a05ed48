"""The embedded software token: it signs, it counts, and it does not forget what it counted."""

import json
import stat
from collections.abc import Callable
from hashlib import new
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.daemon.verification import compute_digest
from signet_agent.model import Algorithm, Certificate, KeyUse, PinState, Token
from signet_agent.tokens import software
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.software import SoftwareKey, SoftwareProvider, create_token
from signet_agent.tokens.token_folder import MAX_TRIES, TokenFolder
from signet_protocol.gm import Sm2PrivateKey, Sm2UnavailableError
from signet_protocol.gm.gmt0009 import write_signature
from tests.kit import pki
from tests.kit.national import Sm2Authority
from tests.kit.signatures import is_signature

PIN, WRONG = b"73519284", b"73519285"
MESSAGE = b"document"
DIGEST = new("sha256", MESSAGE).digest()

Make = Callable[..., SoftwareProvider]


def _key(authority: pki.Authority, kind: pki.KeyKind, key_id: str = "01") -> SoftwareKey:
    key = pki.private_key(kind)
    return SoftwareKey(key_id, key, authority.issue(pki.CITIZEN, key.public_key()))


def _open(folder: Path) -> SoftwareProvider:
    return SoftwareProvider(OpenModule("demo", "software", str(folder)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tokens" / "citizen"


@pytest.fixture
def citizen(folder: Path, authority: pki.Authority) -> SoftwareProvider:
    create_token(
        folder,
        label="张三 样例",
        serial="YT-SMK-0073",
        pin=bytearray(PIN),
        keys=[_key(authority, "p256")],
        kind="card",
    )
    return _open(folder)


def _token(tokens: SoftwareProvider) -> Token:
    (token,) = tokens.tokens()
    return token


def _certificate(tokens: SoftwareProvider) -> Certificate:
    (certificate,) = _token(tokens).certificates
    return certificate


def _sign(tokens: SoftwareProvider, pin: bytes = PIN, *, last_try: bool = False) -> bytes:
    key = _certificate(tokens).key
    return tokens.sign(key, Algorithm.ES256, DIGEST, bytearray(pin), last_try=last_try)


def _refusal(
    tokens: SoftwareProvider, pin: bytes = PIN, *, last_try: bool = False
) -> TokenRefusalError:
    with pytest.raises(TokenRefusalError) as refused:
        _sign(tokens, pin, last_try=last_try)
    return refused.value


def test_the_token_says_what_it_is(citizen: SoftwareProvider) -> None:
    token = _token(citizen)

    assert token.uri == "software:demo/YT-SMK-0073"
    assert (token.label, token.serial, token.kind) == ("张三 样例", "YT-SMK-0073", "card")
    assert token.demo
    assert token.pin == PinState(tries=MAX_TRIES)
    assert token.certificates[0].tail == "0073"
    assert token.certificates[0].key == "software:demo/YT-SMK-0073/01"
    assert token.certificates[0].uses == (KeyUse.LOGIN, KeyUse.SIGN)


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384", "p521"])
def test_a_signature_verifies(folder: Path, authority: pki.Authority, kind: pki.KeyKind) -> None:
    keys = [_key(authority, kind)]
    create_token(folder, label="L", serial="YT-0001", pin=bytearray(PIN), keys=keys)
    tokens = _open(folder)
    certificate = _certificate(tokens)
    algorithm = certificate.algorithm
    assert algorithm is not None
    digest = new(algorithm.hash_name, MESSAGE).digest()

    value = tokens.sign(certificate.key, algorithm, digest, bytearray(PIN), last_try=False)

    assert is_signature(certificate, MESSAGE, value)
    assert not is_signature(certificate, MESSAGE + b"!", value)


def test_a_key_of_sm2_signs_e_and_lies_sealed_in_the_folder(folder: Path) -> None:
    person = Sm2Authority.create("示例 CA").issue()
    keys = [SoftwareKey("01", person.key, person.certificate)]
    create_token(folder, label="L", serial="YT-0001", pin=bytearray(PIN), keys=keys)
    tokens = _open(folder)
    certificate = _certificate(tokens)
    assert certificate.algorithm is Algorithm.SM2
    digest = compute_digest(certificate.spki, Algorithm.SM2, MESSAGE)

    value = tokens.sign(certificate.key, Algorithm.SM2, digest, bytearray(PIN), last_try=False)

    assert person.key.public_key.verify_digest(write_signature(value), digest)
    octets = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert person.key.scalar not in octets


def test_a_damaged_key_of_sm2_is_told_and_one_of_another_kind_signs_nothing(
    folder: Path, authority: pki.Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_token(
        folder, label="L", serial="YT-0001", pin=bytearray(PIN), keys=[_key(authority, "p256")]
    )
    tokens = _open(folder)
    key = _certificate(tokens).key
    with pytest.raises(TokenRefusalError) as damaged:
        tokens.sign(key, Algorithm.SM2, bytes(32), bytearray(PIN), last_try=False)
    assert damaged.value.fault is TokenFault.MODULE

    def lack(der: bytes) -> Sm2PrivateKey:
        raise Sm2UnavailableError(len(der))

    person = Sm2Authority.create("示例 CA").issue()
    sealed = software._encrypt(person.key, bytes(32))
    monkeypatch.setattr(Sm2PrivateKey, "from_pkcs8", lack)
    with pytest.raises(TokenRefusalError) as lacking:
        software._sign(sealed, bytes(32), Algorithm.SM2, bytes(32))
    assert lacking.value.fault is TokenFault.UNSUPPORTED


def test_two_keys_stand_side_by_side(folder: Path, authority: pki.Authority) -> None:
    keys = [_key(authority, "p256", "01"), _key(authority, "p384", "02")]
    create_token(folder, label="L", serial="YT-UK-4821", pin=bytearray(PIN), keys=keys)

    certificates = _token(_open(folder)).certificates

    assert [each.key[-2:] for each in certificates] == ["01", "02"]
    assert [each.algorithm for each in certificates] == [Algorithm.ES256, Algorithm.ES384]


def test_only_its_owner_can_read_the_folder(citizen: SoftwareProvider, folder: Path) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    files = {stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*") if p.is_file()}

    assert modes == {0o700, 0o600}
    assert files == {0o600}


def test_neither_pin_nor_open_key_lies_in_the_folder(
    citizen: SoftwareProvider, folder: Path
) -> None:
    _sign(citizen)
    key = pki.private_key("p256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    secret = key.private_numbers().private_value.to_bytes(32, "big")

    octets = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    assert PIN not in octets
    assert secret not in octets


def test_a_wrong_pin_costs_a_try_and_a_right_one_gives_all_back(citizen: SoftwareProvider) -> None:
    refusal = _refusal(citizen, WRONG)

    assert refusal.fault is TokenFault.PIN_INCORRECT
    assert refusal.pin == PinState(tries=MAX_TRIES - 1, wrong_before=True)
    assert _token(citizen).pin == refusal.pin
    _sign(citizen)
    assert _token(citizen).pin == PinState(tries=MAX_TRIES)


def test_the_counter_survives_a_restart(citizen: SoftwareProvider, folder: Path) -> None:
    for _ in range(3):
        _refusal(citizen, WRONG)

    assert _token(_open(folder)).pin.tries == MAX_TRIES - 3


def test_the_last_try_wants_the_persons_word(citizen: SoftwareProvider) -> None:
    for _ in range(MAX_TRIES - 1):
        _refusal(citizen, WRONG)

    refusal = _refusal(citizen)

    assert refusal.fault is TokenFault.LAST_TRY
    assert refusal.pin is not None
    assert refusal.pin.final
    assert _token(citizen).pin.tries == 1
    _sign(citizen, last_try=True)
    assert _token(citizen).pin.tries == MAX_TRIES


def test_the_last_wrong_pin_locks_for_good(citizen: SoftwareProvider, folder: Path) -> None:
    for _ in range(MAX_TRIES - 1):
        _refusal(citizen, WRONG)

    refusal = _refusal(citizen, WRONG, last_try=True)

    assert refusal.fault is TokenFault.PIN_LOCKED
    assert refusal.pin is not None
    assert refusal.pin.locked
    assert _refusal(_open(folder), last_try=True).fault is TokenFault.PIN_LOCKED


@pytest.mark.parametrize("pin", [b"", b"123", b"1" * 17])
def test_a_pin_of_impossible_length_costs_no_try(citizen: SoftwareProvider, pin: bytes) -> None:
    assert _refusal(citizen, pin).fault is TokenFault.PIN_LENGTH
    assert _token(citizen).pin.tries == MAX_TRIES


def test_the_try_is_on_the_disk_before_the_pin_is_looked_at(
    citizen: SoftwareProvider, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pull_the_plug(*_: object) -> tuple[bytes, bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(software, "_derive", pull_the_plug)
    with pytest.raises(KeyboardInterrupt):
        _sign(citizen)

    assert _token(_open(folder)).pin.tries == MAX_TRIES - 1


def test_no_pin_is_looked_at_while_the_counter_cannot_be_written(
    citizen: SoftwareProvider, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(software, "_derive", lambda *a: looked.append(a))
    (folder / "token.json.new").mkdir()

    assert _refusal(citizen).fault is TokenFault.MODULE
    assert looked == []


def test_without_a_folder_there_is_no_token(tmp_path: Path) -> None:
    tokens = _open(tmp_path / "nothing")

    assert tokens.tokens() == ()
    with pytest.raises(TokenRefusalError) as refused:
        tokens.pin_state("software:demo/YT-SMK-0073")
    assert refused.value.fault is TokenFault.REMOVED


def test_a_folder_that_went_away_is_a_removed_token(
    citizen: SoftwareProvider, folder: Path
) -> None:
    key = _certificate(citizen).key
    folder.rename(folder.with_name("pulled"))

    with pytest.raises(TokenRefusalError) as refused:
        citizen.sign(key, Algorithm.ES256, DIGEST, bytearray(PIN), last_try=False)

    assert refused.value.fault is TokenFault.REMOVED


def test_another_token_in_the_folder_is_not_taken_for_the_first(
    citizen: SoftwareProvider, folder: Path
) -> None:
    state = json.loads((folder / "token.json").read_text())
    (folder / "token.json").write_text(json.dumps(state | {"serial": "YT-SMK-0074"}))

    with pytest.raises(TokenRefusalError) as refused:
        citizen.pin_state("software:demo/YT-SMK-0073")

    assert refused.value.fault is TokenFault.REMOVED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xff",
        b'{"label":"L","serial":"../../x","kind":"card","tries":6,"salt":"","check":""}',
        b'{"label":"L","serial":"YT-1234\\n","kind":"card","tries":6,"salt":"","check":""}',
        b'{"label":"L","serial":"YT-1234","kind":"card","tries":7,"salt":"","check":""}',
        b'{"label":"L","serial":"YT-1234","kind":"card","tries":-1,"salt":"","check":""}',
        b'{"label":"L","serial":"YT-1234","kind":"stone","tries":6,"salt":"","check":""}',
    ],
)
def test_a_damaged_token_is_a_fault_of_the_module(
    citizen: SoftwareProvider, folder: Path, content: bytes
) -> None:
    uri = _token(citizen).uri
    (folder / "token.json").write_bytes(content)

    for ask in (citizen.tokens, lambda: citizen.pin_state(uri)):
        with pytest.raises(TokenRefusalError) as refused:
            ask()
        assert refused.value.fault is TokenFault.MODULE


def test_a_damaged_certificate_is_not_listed(citizen: SoftwareProvider, folder: Path) -> None:
    (folder / "certs" / "02.der").write_bytes(b"no certificate")
    (folder / "certs" / "notes.der").write_bytes((folder / "certs" / "01.der").read_bytes())

    assert [each.key[-2:] for each in _token(citizen).certificates] == ["01"]


def test_certificates_that_cannot_be_read_are_a_fault_of_the_module(
    citizen: SoftwareProvider, folder: Path
) -> None:
    (folder / "certs" / "02.der").mkdir()

    with pytest.raises(TokenRefusalError) as refused:
        citizen.tokens()

    assert refused.value.fault is TokenFault.MODULE


@pytest.mark.parametrize("key_id", ["02", "", "0A", "0", "..", "notes"])
def test_a_key_that_is_not_there_is_named_missing(citizen: SoftwareProvider, key_id: str) -> None:
    with pytest.raises(TokenRefusalError) as refused:
        citizen.sign(
            f"software:demo/YT-SMK-0073/{key_id}",
            Algorithm.ES256,
            DIGEST,
            bytearray(PIN),
            last_try=False,
        )

    assert refused.value.fault is TokenFault.KEY_MISSING
    assert _token(citizen).pin.tries == MAX_TRIES


def test_a_damaged_key_is_no_wrong_pin(citizen: SoftwareProvider, folder: Path) -> None:
    (folder / "keys" / "01.p8").write_bytes(b"no key")

    assert _refusal(citizen).fault is TokenFault.MODULE
    assert _token(citizen).pin.tries == MAX_TRIES


def test_a_key_file_that_cannot_be_read_is_a_fault_of_the_module(
    citizen: SoftwareProvider, folder: Path
) -> None:
    (folder / "keys" / "01.p8").unlink()
    (folder / "keys" / "01.p8").mkdir()

    assert _refusal(citizen).fault is TokenFault.MODULE


def test_a_key_signs_with_its_own_algorithm_only(citizen: SoftwareProvider) -> None:
    key = _certificate(citizen).key

    with pytest.raises(TokenRefusalError) as refused:
        citizen.sign(key, Algorithm.RS256, DIGEST, bytearray(PIN), last_try=False)

    assert refused.value.fault is TokenFault.UNSUPPORTED


def test_a_key_of_a_kind_that_does_not_sign_here_is_refused(
    citizen: SoftwareProvider, folder: Path
) -> None:
    state = TokenFolder(folder).load()
    assert state is not None
    _, password = software._derive(bytearray(PIN), state.salt)
    encrypted = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(password)
    )
    (folder / "keys" / "01.p8").write_bytes(encrypted)

    assert _refusal(citizen).fault is TokenFault.UNSUPPORTED


@pytest.mark.parametrize(
    ("pin", "serial", "key_id"),
    [
        (b"123", "YT-0001", "01"),
        (b"1" * 17, "YT-0001", "01"),
        (PIN, "YT/0001", "01"),
        (PIN, "YT1", "01"),
        (PIN, "YT-0001\n", "01"),
        (PIN, "YT-0001", "../01"),
        (PIN, "YT-0001", ""),
    ],
)
def test_a_token_that_could_not_be_used_is_not_made(
    folder: Path, authority: pki.Authority, pin: bytes, serial: str, key_id: str
) -> None:
    keys = [_key(authority, "p256", key_id)]

    with pytest.raises(ValueError, match=r"PIN|id"):
        create_token(folder, label="L", serial=serial, pin=bytearray(pin), keys=keys)

    assert not folder.exists()
    assert list(folder.parent.glob("*")) == []


def test_a_token_is_never_made_over_another(citizen: SoftwareProvider, folder: Path) -> None:
    with pytest.raises(OSError, match="not empty"):
        create_token(folder, label="L", serial="YT-0001", pin=bytearray(PIN), keys=[])

    assert _token(citizen).serial == "YT-SMK-0073"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_making_a_token_leaves_the_pin_to_its_caller(folder: Path) -> None:
    pin = bytearray(PIN)

    create_token(folder, label="L", serial="YT-0001", pin=pin, keys=[])

    assert pin == bytearray(PIN)
    assert _token(_open(folder)).certificates == ()
