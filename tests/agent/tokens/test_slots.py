"""What a module says of its slots, and what becomes of it when it lies; within this process."""

from collections.abc import Callable, Iterator
from hashlib import sha256

import pkcs11
import pytest
from pkcs11 import Attribute

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, Token
from signet_agent.tokens import slots
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.pkcs11 import Pkcs11Provider
from signet_agent.tokens.token_objects import read_certificates
from tests.kit import pki
from tests.kit.shim.build import FaultyModule
from tests.kit.softhsm import PIN, SoftHsm, module_path, single_key

DIGEST = sha256(b"document").digest()


@pytest.fixture
def tokens(
    enterprise: SoftHsm, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pkcs11Provider]:
    monkeypatch.setenv("SOFTHSM2_CONF", str(enterprise.configuration))
    yield Pkcs11Provider(OpenModule("faulty", "pkcs11", str(shim.path)))
    shim.set()
    pkcs11.lib(str(shim.path)).finalize()


@pytest.fixture
def token(tokens: Pkcs11Provider) -> Token:
    (token,) = tokens.tokens()
    return token


def _refusal(ask: Callable[[], object]) -> TokenRefusalError:
    with pytest.raises(TokenRefusalError) as refused:
        ask()
    return refused.value


def test_a_module_that_fails_is_asked_again_after_another_initialisation(
    tokens: Pkcs11Provider, token: Token, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim.set("C_GetSlotList 0x5")
    assert _refusal(tokens.tokens).detail == "CryptokiError"
    before = shim.calls("C_Initialize")
    monkeypatch.setattr(slots, "REOPEN_SECONDS", 0.0)

    refusal = _refusal(tokens.tokens)

    assert (refusal.fault, refusal.detail) == (TokenFault.MODULE, "CryptokiError")
    assert shim.calls("C_Initialize") == before + 1


def test_a_module_that_cannot_be_initialised_again_recovers_later(
    tokens: Pkcs11Provider, token: Token, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "REOPEN_SECONDS", 0.0)
    shim.set("C_GetSlotList 0x5", "C_Initialize 0x5")
    for _ in range(2):
        assert _refusal(tokens.tokens).fault is TokenFault.MODULE
    shim.set()

    assert tokens.tokens() == (token,)


def test_a_token_whose_objects_cannot_be_read_is_left_out(
    tokens: Pkcs11Provider, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim.set("C_FindObjects 0x30")
    assert tokens.tokens() == ()
    shim.set()

    assert len(tokens.tokens()) == 1


@pytest.mark.parametrize("hidden", [pkcs11.AttributeSensitive, pkcs11.AttributeTypeInvalid])
def test_an_object_that_hides_its_id_belongs_to_no_key(hidden: type[Exception]) -> None:
    class Hidden(pkcs11.Object):
        def __getitem__(self, attribute: Attribute) -> bytes:
            raise hidden

    class Session(pkcs11.Session):
        def get_objects(self, attrs: object = None) -> Iterator[pkcs11.Object]:
            yield Hidden()

    assert list(read_certificates(Session(), "pkcs11:module/0001")) == []


def test_a_silent_slot_makes_everything_doubtful(
    tokens: Pkcs11Provider, token: Token, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim.set("C_GetTokenInfo 0x5")
    assert tokens.tokens() == ()
    before = shim.calls("C_Initialize")
    shim.set()
    monkeypatch.setattr(slots, "REOPEN_SECONDS", 0.0)

    assert tokens.tokens() == (token,)
    assert shim.calls("C_Initialize") == before + 1


def test_a_token_that_answers_again_is_found_by_another_look(
    tokens: Pkcs11Provider, token: Token, shim: FaultyModule
) -> None:
    shim.set("C_GetTokenInfo 0xe0")
    assert tokens.tokens() == ()
    shim.set()

    assert tokens.pin_state(token.uri) == token.pin


def test_too_many_slots_are_refused(tokens: Pkcs11Provider, shim: FaultyModule) -> None:
    shim.set("C_GetSlotList count:65")

    assert _refusal(tokens.tokens).fault is TokenFault.MODULE


@pytest.mark.parametrize(
    ("faults", "fault"),
    [
        (("C_Login 0xa0",), TokenFault.PIN_INCORRECT),
        (("C_Login 0xa4",), TokenFault.PIN_LOCKED),
        (("C_Sign 0x31",), TokenFault.MODULE),
        (("C_Sign pull",), TokenFault.REMOVED),
    ],
)
def test_a_failed_signature_is_told_after_another_look(
    tokens: Pkcs11Provider,
    token: Token,
    shim: FaultyModule,
    faults: tuple[str, ...],
    fault: TokenFault,
) -> None:
    shim.set(*faults)
    key, pin = token.certificates[0].key, bytearray(PIN.encode())

    refusal = _refusal(lambda: tokens.sign(key, Algorithm.RS256, [DIGEST], pin, last_try=False))

    assert refusal.fault is fault


def test_a_module_that_hands_out_no_functions_is_refused(shim: FaultyModule) -> None:
    shim.set("C_GetFunctionList 0x5")

    refusal = _refusal(lambda: Pkcs11Provider(OpenModule("faulty", "pkcs11", str(shim.path))))

    assert refusal.fault is TokenFault.MODULE


def test_tokens_of_another_label_than_policy_names_are_left_alone(
    enterprise: SoftHsm, authority: pki.Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    enterprise.add_token("second", single_key(authority))
    monkeypatch.setenv("SOFTHSM2_CONF", str(enterprise.configuration))
    module = OpenModule("softhsm", "pkcs11", str(module_path()), tokens="样例")

    assert [token.label for token in Pkcs11Provider(module).tokens()] == ["云汀样例科技"]
    pkcs11.lib(str(module_path())).finalize()
