"""SKF libraries that lie, hang and die, in a token room's own process."""

import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

import pytest
from msgspec.structs import replace

from signet_agent import app
from signet_agent.channel.sealed_pin import seal_pin
from signet_agent.channel.token_messages import (
    ListTokens,
    OpenModule,
    OpenPin,
    PinKey,
    Sign,
    Signatures,
    SkfForm,
    TokenAnswer,
    TokenFailure,
    TokenFault,
    Tokens,
)
from signet_agent.daemon import token_room
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.errors import TokenError
from signet_agent.model import Algorithm, Certificate, Token
from signet_protocol.errors import ErrorCode
from signet_protocol.gm import DEFAULT_ID, Sm2PublicKey
from signet_protocol.gm.gmt0009 import write_signature
from signet_protocol.gm.sm2 import compute_e
from tests.kit.signatures import is_signature
from tests.kit.token_room import RoomEndedError, TokenRoomProcess, signing_certificate
from tests.skf.build import SoftSkf
from tests.skf.devices import APPLICATION, PIN, SERIAL, insert, pull, set_tries, tries
from tests.skf.provider import open_provider

MESSAGE = b"document"
WRONG = PIN[:-1] + "0"

PUBLIC_FUNCTIONS = ("SKF_EnumDev", "SKF_ConnectDev", "SKF_GetDevInfo", "SKF_EnumApplication")
SIGNING_FUNCTIONS = (
    "SKF_ConnectDev",
    "SKF_OpenApplication",
    "SKF_GetPINInfo",
    "SKF_VerifyPIN",
    "SKF_OpenContainer",
    "SKF_ECCSignData",
    "SKF_CloseContainer",
    "SKF_ClearSecureState",
    "SKF_DisConnectDev",
)


@pytest.fixture
def module(skf: SoftSkf) -> OpenModule:
    return OpenModule("gm", "skf", str(skf.path))


@pytest.fixture
def room() -> Iterator[TokenRoomProcess]:
    with TokenRoomProcess(name="skf") as started:
        yield started


@pytest.fixture
def certificate(room: TokenRoomProcess, module: OpenModule) -> Certificate:
    return signing_certificate(room.open(module))


def _e(certificate: Certificate) -> bytes:
    return compute_e(Sm2PublicKey.from_spki(certificate.spki).point, MESSAGE, DEFAULT_ID)


def _order(room: TokenRoomProcess, certificate: Certificate, pin: str = PIN) -> Sign:
    return replace(room.order(certificate, MESSAGE, pin), digests=(_e(certificate),))


def _sign(room: TokenRoomProcess, certificate: Certificate, pin: str = PIN) -> TokenAnswer:
    return room.ask(_order(room, certificate, pin))


def _failure(answer: TokenAnswer) -> TokenFailure:
    assert isinstance(answer, TokenFailure), answer
    return answer


def _assert_signs(room: TokenRoomProcess, certificate: Certificate) -> None:
    answer = _sign(room, certificate)
    assert isinstance(answer, Signatures), answer
    _assert_holds(certificate, *answer.values)


def _assert_holds(certificate: Certificate, value: bytes) -> None:
    public = Sm2PublicKey.from_spki(certificate.spki)
    assert public.verify(write_signature(value), MESSAGE, identity=DEFAULT_ID)


def test_a_room_signs_with_sm2_and_rsa(room: TokenRoomProcess, module: OpenModule) -> None:
    (token,) = room.open(module)
    _assert_signs(room, signing_certificate((token,)))

    rsa = next(c for c in token.certificates if c.algorithm is Algorithm.RS256)
    answer = room.sign(rsa, MESSAGE, PIN)

    assert isinstance(answer, Signatures)
    assert is_signature(rsa, MESSAGE, *answer.values)


def test_in_its_room_a_library_reaches_neither_network_nor_programs(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf
) -> None:
    skf.set("SKF_EnumDev escape")
    open_provider(skf).tokens()
    assert skf.calls("escaped:tcp") == skf.calls("escaped:program") == 1

    certificate = signing_certificate(room.open(module))

    assert skf.calls("escaped:tcp") == skf.calls("escaped:program") == 1
    _assert_signs(room, certificate)


def test_a_room_ends_when_the_daemon_hangs_up(
    room: TokenRoomProcess, certificate: Certificate
) -> None:
    assert room.hang_up() == 0


def test_a_wrong_pin_is_counted_and_shown(
    room: TokenRoomProcess, certificate: Certificate, skf: SoftSkf
) -> None:
    answer = _failure(_sign(room, certificate, WRONG))

    assert (answer.fault, answer.detail) == (
        TokenFault.PIN_INCORRECT,
        "SKF_VerifyPIN 0x0a000024",
    )
    assert answer.pin is not None
    assert (answer.pin.tries, answer.pin.wrong_before) == (5, True)
    _assert_signs(room, certificate)


def test_a_replayed_pin_never_reaches_the_token(
    room: TokenRoomProcess, certificate: Certificate, skf: SoftSkf
) -> None:
    order = _order(room, certificate)
    assert isinstance(room.ask(order), Signatures)

    assert _failure(room.ask(order)).fault is TokenFault.SEALED_PIN
    assert skf.calls("SKF_VerifyPIN") == 1


def test_the_last_try_is_spent_only_when_the_person_agreed(
    room: TokenRoomProcess, certificate: Certificate, skf: SoftSkf
) -> None:
    application = skf.devices / SERIAL / APPLICATION
    set_tries(application, 1)

    assert _failure(_sign(room, certificate, WRONG)).fault is TokenFault.LAST_TRY
    assert tries(application) == 1
    answer = _failure(room.ask(replace(_order(room, certificate, WRONG), last_try=True)))
    assert answer.fault is TokenFault.PIN_LOCKED
    assert tries(application) == 0


@pytest.mark.parametrize(
    ("function", "code", "told"),
    [
        ("SKF_VerifyPIN", 0x0A000024, TokenFault.PIN_INCORRECT),
        ("SKF_VerifyPIN", 0x0A000025, TokenFault.PIN_LOCKED),
        ("SKF_VerifyPIN", 0x0A000026, TokenFault.PIN_INCORRECT),
        ("SKF_VerifyPIN", 0x0A000027, TokenFault.PIN_LENGTH),
        ("SKF_VerifyPIN", 0x0A000029, TokenFault.UNSUPPORTED),
        ("SKF_VerifyPIN", 0x0A000001, TokenFault.MODULE),
        ("SKF_ConnectDev", 0x0A000023, TokenFault.REMOVED),
        ("SKF_GetDevInfo", 0x0A000005, TokenFault.REMOVED),
        ("SKF_OpenApplication", 0x0A00002E, TokenFault.REMOVED),
        ("SKF_ECCSignData", 0x0A000003, TokenFault.UNSUPPORTED),
        ("SKF_ECCSignData", 0x0A00000A, TokenFault.UNSUPPORTED),
        ("SKF_ECCSignData", 0x0A00000F, TokenFault.TIMEOUT),
        ("SKF_ECCSignData", 0x0A00001B, TokenFault.KEY_MISSING),
        ("SKF_ECCSignData", 0x0A000023, TokenFault.REMOVED),
        ("SKF_ECCSignData", 0x0A00002D, TokenFault.REMOVED),
        ("SKF_ECCSignData", 0x0A000001, TokenFault.MODULE),
        ("SKF_ECCSignData", 0x0A0000FF, TokenFault.MODULE),
        ("SKF_ECCSignData", 0x80000001, TokenFault.MODULE),
        ("SKF_ECCSignData", 1, TokenFault.MODULE),
    ],
)
def test_return_values_become_what_a_person_can_act_on(
    module: OpenModule, skf: SoftSkf, function: str, code: int, told: TokenFault
) -> None:
    with TokenRoomProcess(name="skf") as room:
        certificate = signing_certificate(room.open(module))
        order = _order(room, certificate)
        skf.set(f"{function} code:{code}")

        answer = _failure(room.ask(order))

        assert answer.fault is told
        if told is TokenFault.PIN_LOCKED:
            assert answer.pin is not None
            assert (answer.pin.locked, answer.pin.tries) == (True, 0)
        skf.set()
        room.list()
        _assert_signs(room, certificate)


@pytest.mark.parametrize(
    "lie",
    [
        "SKF_EnumDev size:4294967295",
        "SKF_EnumDev size:16385",
        "SKF_EnumDev size:3",
        "SKF_EnumDev unterminated",
        "SKF_EnumApplication size:99999",
        "SKF_EnumApplication unterminated",
        "SKF_EnumContainer size:99999",
        "SKF_EnumContainer unterminated",
        "SKF_ExportCertificate size:4000000000",
        "SKF_ExportPublicKey size:131",
        "SKF_ExportPublicKey size:70000",
        "SKF_GetPINInfo left:7",
        "SKF_GetPINInfo left:4294967295",
        "SKF_GetDevInfo code:0x0A000001",
    ],
)
def test_a_library_that_lies_is_a_fault_and_costs_one_question(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf, lie: str
) -> None:
    skf.set(lie)

    assert _failure(room.ask(module)).fault is TokenFault.MODULE
    skf.set()
    _assert_signs(room, signing_certificate(room.list()))


@pytest.mark.parametrize(
    ("lie", "listed"),
    [
        ("SKF_ExportCertificate size:0", 0),
        ("SKF_ExportCertificate size:20", 0),
        ("SKF_ExportCertificate size:60000", 0),
        ("SKF_ExportCertificate garbage", 0),
        ("SKF_ExportPublicKey other", 0),
        ("SKF_EnumContainer twice", 3),
        ("SKF_EnumApplication twice", 3),
        ("SKF_EnumDev twice", 3),
        ("SKF_GetDevInfo unterminated", 3),
    ],
)
def test_what_can_be_believed_is_listed_once(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf, lie: str, listed: int
) -> None:
    skf.set(lie)

    (token,) = room.open(module)

    assert len(token.certificates) == listed
    if listed:
        _assert_signs(room, signing_certificate((token,)))


def test_texts_that_fill_their_fields_end_there(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf
) -> None:
    skf.set("SKF_GetDevInfo unterminated")

    (token,) = room.open(module)

    assert (token.label, token.serial) == ("L" * 32, "7" * 32)


def test_a_counter_that_lies_keeps_the_pin_from_the_token(
    room: TokenRoomProcess, certificate: Certificate, skf: SoftSkf
) -> None:
    order = _order(room, certificate)
    skf.set("SKF_GetPINInfo left:4000000000")

    assert _failure(room.ask(order)).fault is TokenFault.MODULE
    assert skf.calls("SKF_VerifyPIN") == 0


@pytest.mark.parametrize("fault", ["SKF_ECCSignData garbage", "SKF_RSASignData size:5000"])
def test_a_signature_that_is_none_is_a_fault(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf, fault: str
) -> None:
    (token,) = room.open(module)
    wanted = Algorithm.SM2 if "ECC" in fault else Algorithm.RS256
    certificate = next(c for c in token.certificates if c.algorithm is wanted)
    skf.set(fault)

    assert _failure(room.sign(certificate, MESSAGE, PIN)).fault is TokenFault.MODULE
    skf.set()
    assert isinstance(room.sign(certificate, MESSAGE, PIN), Signatures)


def test_a_token_pulled_while_the_person_reads_is_removed(
    room: TokenRoomProcess, certificate: Certificate, skf: SoftSkf
) -> None:
    order = _order(room, certificate)
    pull(skf)

    assert _failure(room.ask(order)).fault is TokenFault.REMOVED
    assert skf.calls("SKF_VerifyPIN") == 0
    assert _failure(room.ask(OpenPin(b"c" * 16, certificate.token))).fault is TokenFault.REMOVED


def test_a_token_pulled_while_it_signs_is_removed_and_signs_when_it_is_back(
    room: TokenRoomProcess, certificate: Certificate, skf: SoftSkf
) -> None:
    skf.set("SKF_ECCSignData pull")

    assert _failure(_sign(room, certificate)).fault is TokenFault.REMOVED
    assert room.list() == ()
    skf.set()
    insert(skf)
    assert signing_certificate(room.list()) == certificate
    _assert_signs(room, certificate)


@pytest.mark.parametrize("function", [*PUBLIC_FUNCTIONS, "SKF_ExportCertificate"])
def test_a_crash_while_listing_ends_the_room_and_a_fresh_one_signs(
    module: OpenModule, skf: SoftSkf, function: str
) -> None:
    skf.set(f"{function} crash")
    with TokenRoomProcess(name="skf") as room:
        with pytest.raises(RoomEndedError):
            room.ask(module)
        assert room.wait() < 0

    skf.set()
    _assert_a_fresh_room_signs(module)


@pytest.mark.parametrize("function", SIGNING_FUNCTIONS)
def test_a_crash_while_signing_ends_the_room_and_a_fresh_one_signs(
    module: OpenModule, skf: SoftSkf, function: str
) -> None:
    with TokenRoomProcess(name="skf") as room:
        certificate = signing_certificate(room.open(module))
        order = _order(room, certificate)
        skf.set(f"{function} crash")
        with pytest.raises(RoomEndedError):
            room.ask(order)
        assert room.wait() < 0

    skf.set()
    _assert_a_fresh_room_signs(module)


@pytest.mark.parametrize("function", ["SKF_VerifyPIN", "SKF_ECCSignData"])
def test_a_hang_ends_with_the_room_and_a_fresh_one_signs(
    module: OpenModule, skf: SoftSkf, function: str
) -> None:
    with TokenRoomProcess(name="skf") as room:
        certificate = signing_certificate(room.open(module))
        order = _order(room, certificate)
        skf.set(f"{function} hang")
        with pytest.raises(TimeoutError):
            room.ask(order, deadline_s=0.3)
        room.kill()

    skf.set()
    _assert_a_fresh_room_signs(module)


def _assert_a_fresh_room_signs(module: OpenModule) -> None:
    with TokenRoomProcess(name="skf") as room:
        _assert_signs(room, signing_certificate(room.open(module)))


def test_a_token_that_fails_does_not_hide_another(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf
) -> None:
    (skf.devices / "broken").mkdir()

    (token,) = room.open(module)

    assert token.serial == SERIAL


def test_more_devices_than_a_machine_has_are_the_librarys_fault(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf
) -> None:
    for number in range(64):
        (skf.devices / f"d{number}").mkdir()

    assert _failure(room.ask(module)).fault is TokenFault.MODULE


def test_more_applications_than_a_token_has_are_the_librarys_fault(
    room: TokenRoomProcess, module: OpenModule, skf: SoftSkf
) -> None:
    for number in range(16):
        (skf.devices / SERIAL / f"a{number}").mkdir()

    assert _failure(room.ask(module)).fault is TokenFault.MODULE


# --- as the daemon uses the room ---------------------------------------------------------------


def _rooms(skf: SoftSkf) -> token_room.TokenRoom:
    policy = f'version = 1\n[[skf]]\nname = "gm"\npath = "{skf.path}"\n'
    (room,) = app.token_rooms(parse_policy(policy))
    return room


async def _sign_as_daemon(room: token_room.TokenRoom, tokens: tuple[Token, ...]) -> bytes:
    certificate = signing_certificate(tokens)
    consent = token_bytes(16)
    key: PinKey = await room.open_pin(consent, certificate.token)
    sealed = seal_pin(bytearray(PIN.encode()), key.public, consent)
    assert certificate.algorithm is not None
    digests = (_e(certificate),)
    order = Sign(consent, certificate.key, certificate.algorithm, digests, sealed)
    (value,) = await room.sign(order)
    return value


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("SKF_ECCSignData crash", ErrorCode.TOKEN_FAULT),
        ("SKF_ECCSignData hang", ErrorCode.TOKEN_TIMEOUT),
        ("SKF_ECCSignData code:0x0A00000F", ErrorCode.TOKEN_TIMEOUT),
        ("SKF_ECCSignData code:0x0A000023", ErrorCode.TOKEN_REMOVED),
        ("SKF_ECCSignData garbage", ErrorCode.TOKEN_FAULT),
        ("SKF_ECCSignData code:0x0A000003", ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE),
    ],
)
async def test_the_daemon_survives_and_its_next_call_signs(
    skf: SoftSkf, monkeypatch: pytest.MonkeyPatch, fault: str, code: ErrorCode
) -> None:
    room = _rooms(skf)
    tokens = await room.tokens()
    if "hang" in fault:
        monkeypatch.setattr(token_room, "SIGN_DEADLINE_S", 0.3)
    skf.set(fault)
    with pytest.raises(TokenError) as caught:
        await _sign_as_daemon(room, tokens)
    assert caught.value.code is code

    skf.set()
    monkeypatch.undo()
    value = await _sign_as_daemon(room, await room.tokens())

    _assert_holds(signing_certificate(tokens), value)
    await room.end()


def test_a_room_that_watches_says_when_a_token_comes_and_goes(
    module: OpenModule, skf: SoftSkf
) -> None:
    with TokenRoomProcess(name="skf") as room:
        (token,) = room.open(replace(module, skf=SkfForm(events=True)))
        pull(skf)
        room.hear_change()
        assert room.list() == ()
        insert(skf)
        room.hear_change()

        assert room.list() == (token,)
        assert room.hang_up() == 0


def test_listing_works_while_the_watch_sleeps_in_the_library(
    module: OpenModule, skf: SoftSkf
) -> None:
    with TokenRoomProcess(name="skf") as room:
        certificate = signing_certificate(room.open(replace(module, skf=SkfForm(events=True))))
        while not skf.calls("SKF_WaitForDevEvent"):
            time.sleep(0.01)

        _assert_signs(room, certificate)
        assert isinstance(room.ask(ListTokens()), Tokens)


def test_a_library_that_is_not_there_is_a_fault(room: TokenRoomProcess, tmp_path: Path) -> None:
    answer = room.ask(OpenModule("gm", "skf", str(tmp_path / "nothing.so")))

    assert _failure(answer).fault is TokenFault.MODULE
