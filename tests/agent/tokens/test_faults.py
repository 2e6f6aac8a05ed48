"""Modules that lie, hang and die, in a token room's own process."""

import time
from collections.abc import Iterator
from threading import Thread

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from signet_agent.channel.token_messages import (
    ListTokens,
    OpenModule,
    OpenPin,
    PinKey,
    Sign,
    Signatures,
    TokenFailure,
    TokenFault,
    Tokens,
)
from signet_agent.model import Certificate
from signet_agent.tokens.slots import REOPEN_SECONDS
from tests.kit.shim.build import FaultyModule
from tests.kit.signatures import is_signature
from tests.kit.softhsm import PIN, SoftHsm, module_path
from tests.kit.token_room import RoomEndedError, TokenRoomProcess, signing_certificate

MESSAGE = b"document"
WRONG = PIN[:-1] + "5"

LOCKED, FINAL_TRY, COUNT_LOW, AT_READER = 0x40000, 0x20000, 0x10000, 0x100

RECOVERY_S = 2.0
"""A fresh room must sign within this, start included."""


@pytest.fixture
def module(shim: FaultyModule) -> OpenModule:
    return OpenModule("faulty", "pkcs11", str(shim.path))


@pytest.fixture
def room(enterprise: SoftHsm) -> Iterator[TokenRoomProcess]:
    with TokenRoomProcess(enterprise.environment) as started:
        yield started


@pytest.fixture
def certificate(room: TokenRoomProcess, module: OpenModule) -> Certificate:
    return signing_certificate(room.open(module))


def _failure(answer: object) -> TokenFailure:
    assert isinstance(answer, TokenFailure), answer
    return answer


def _signature(answer: object) -> bytes:
    assert isinstance(answer, Signatures), answer
    (value,) = answer.values
    return value


def test_a_room_signs_through_its_channel(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    value = _signature(room.sign(certificate, MESSAGE, PIN))

    assert is_signature(certificate, MESSAGE, value)
    assert (shim.calls("C_Login"), shim.calls("C_Logout")) == (1, 1)
    assert shim.calls("C_OpenSession") == shim.calls("C_CloseSession")


def test_a_room_ends_when_the_daemon_hangs_up(
    room: TokenRoomProcess, certificate: Certificate
) -> None:
    assert room.hang_up() == 0


def test_a_wrong_pin_leaves_no_session_behind(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    for _ in range(3):
        answer = _failure(room.sign(certificate, MESSAGE, WRONG))
        assert answer.fault is TokenFault.PIN_INCORRECT

    assert shim.calls("C_Login") == 3
    assert shim.calls("C_OpenSession") == shim.calls("C_CloseSession")


def test_a_replayed_pin_never_reaches_the_token(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    order = room.order(certificate, MESSAGE, PIN)
    _signature(room.ask(order))

    assert _failure(room.ask(order)).fault is TokenFault.SEALED_PIN
    assert shim.calls("C_Login") == 1


def test_a_pin_for_another_consent_never_reaches_the_token(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    order = room.order(certificate, MESSAGE, PIN)
    consent = b"another consent!"
    assert isinstance(room.ask(OpenPin(consent, certificate.token)), PinKey)
    stolen = Sign(consent, order.key, order.algorithm, order.digests, order.sealed_pin)

    assert _failure(room.ask(stolen)).fault is TokenFault.SEALED_PIN
    assert shim.calls("C_Login") == 0


def test_a_locked_token_is_not_tried(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set(f"C_GetTokenInfo flags:{LOCKED}")

    answer = _failure(room.sign(certificate, MESSAGE, PIN, last_try=True))

    assert answer.fault is TokenFault.PIN_LOCKED
    assert answer.pin is not None
    assert (answer.pin.locked, answer.pin.tries) == (True, 0)
    assert shim.calls("C_Login") == 0


def test_the_last_try_is_spent_only_when_the_person_agreed(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set(f"C_GetTokenInfo flags:{FINAL_TRY | COUNT_LOW}")

    refused = _failure(room.sign(certificate, MESSAGE, PIN))

    assert refused.fault is TokenFault.LAST_TRY
    assert refused.pin is not None
    assert (refused.pin.final, refused.pin.tries) == (True, 1)
    assert shim.calls("C_Login") == 0
    _signature(room.sign(certificate, MESSAGE, PIN, last_try=True))
    assert shim.calls("C_Login") == 1


def test_the_tokens_own_pin_lengths_count(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set("C_GetTokenInfo pins:6:7")

    answer = _failure(room.sign(certificate, MESSAGE, PIN))

    assert answer.fault is TokenFault.PIN_LENGTH
    assert answer.pin is not None
    assert (answer.pin.min_length, answer.pin.max_length) == (6, 7)
    assert shim.calls("C_Login") == 0


def test_a_pin_typed_at_the_reader_signs(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set(f"C_GetTokenInfo flags:{AT_READER}", f"C_Login typed:{PIN}")
    answer = room.ask(OpenPin(b"c" * 16, certificate.token))

    assert isinstance(answer, PinKey)
    assert answer.pin.at_reader
    assert is_signature(certificate, MESSAGE, _signature(room.sign(certificate, MESSAGE, "")))
    assert _failure(room.sign(certificate, MESSAGE, PIN)).fault is TokenFault.PIN_LENGTH
    assert shim.calls("C_Login") == 1


@pytest.mark.parametrize("code", ["0x1", "0x50", "0x200"])
def test_what_is_cancelled_at_the_reader_is_not_asked_again(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule, code: str
) -> None:
    shim.set(f"C_GetTokenInfo flags:{AT_READER}", f"C_Login {code}")

    assert _failure(room.sign(certificate, MESSAGE, "")).fault is TokenFault.DECLINED
    assert shim.calls("C_Login") == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("C_Login 0xa0", TokenFault.PIN_INCORRECT),
        ("C_Login 0xa2", TokenFault.PIN_LENGTH),
        ("C_Login 0xa3", TokenFault.PIN_LOCKED),
        ("C_Login 0xa4", TokenFault.PIN_LOCKED),
        ("C_Login 0x102", TokenFault.UNSUPPORTED),
        ("C_Login 0x5", TokenFault.MODULE),
        ("C_OpenSession 0xe0", TokenFault.REMOVED),
        ("C_OpenSession 0x3", TokenFault.REMOVED),
        ("C_FindObjectsInit 0xb3", TokenFault.REMOVED),
        ("C_SignInit 0x70", TokenFault.UNSUPPORTED),
        ("C_SignInit 0x68", TokenFault.UNSUPPORTED),
        ("C_Sign 0x32", TokenFault.REMOVED),
        ("C_Sign 0x82", TokenFault.REMOVED),
        ("C_Sign 0x101", TokenFault.REMOVED),
        ("C_Sign 0x30", TokenFault.MODULE),
        ("C_Sign 0x31", TokenFault.MODULE),
        ("C_Sign 0x80000001", TokenFault.MODULE),
    ],
)
def test_return_values_become_what_a_person_can_act_on(
    enterprise: SoftHsm, module: OpenModule, shim: FaultyModule, fault: str, told: TokenFault
) -> None:
    with TokenRoomProcess(enterprise.environment) as room:
        certificate = signing_certificate(room.open(module))
        shim.set(fault)

        answer = _failure(room.sign(certificate, MESSAGE, PIN))

        assert answer.fault is told
        function, code = fault.split()
        assert answer.detail == f"{function} 0x{int(code, 16):08x}"
        if told is TokenFault.PIN_LOCKED:
            assert answer.pin is not None
            assert answer.pin.locked
        shim.set()
        assert is_signature(certificate, MESSAGE, _signature(room.sign(certificate, MESSAGE, PIN)))


def test_a_failing_logout_leaves_no_login(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set("C_Logout 0x5")

    _signature(room.sign(certificate, MESSAGE, PIN))

    # A login left behind would make the wrong PIN count for nothing.
    assert _failure(room.sign(certificate, MESSAGE, WRONG)).fault is TokenFault.PIN_INCORRECT


def test_a_token_pulled_while_the_person_reads_is_removed(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule, enterprise: SoftHsm
) -> None:
    order = room.order(certificate, MESSAGE, PIN)
    enterprise.pull()

    assert _failure(room.ask(order)).fault is TokenFault.REMOVED
    assert shim.calls("C_Login") == 0
    assert _failure(room.ask(OpenPin(b"c" * 16, certificate.token))).fault is TokenFault.REMOVED


def test_a_token_pulled_while_it_signs_is_removed_and_signs_when_it_is_back(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set("C_Sign pull")

    assert _failure(room.sign(certificate, MESSAGE, PIN)).fault is TokenFault.REMOVED
    assert room.list() == ()
    shim.set()
    assert signing_certificate(room.list()) == certificate
    _signature(room.sign(certificate, MESSAGE, PIN))


def test_a_token_whose_files_go_while_it_signs_is_removed(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule, enterprise: SoftHsm
) -> None:
    order = room.order(certificate, MESSAGE, PIN)
    shim.set("C_SignInit sleep:800")

    def pull_once_it_signs() -> None:
        while not shim.calls("C_SignInit"):
            time.sleep(0.01)
        enterprise.pull()

    hand = Thread(target=pull_once_it_signs)
    hand.start()

    answer = _failure(room.ask(order))
    hand.join()

    assert answer.fault is TokenFault.REMOVED
    assert shim.calls("C_Login") == 1


def test_a_garbage_signature_is_passed_on_for_the_daemon_to_refuse(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set("C_Sign garbage")

    value = _signature(room.sign(certificate, MESSAGE, PIN))

    assert len(value) == 256
    assert not is_signature(certificate, MESSAGE, value)


def test_a_signature_longer_than_its_buffer_is_cut(
    room: TokenRoomProcess, certificate: Certificate, shim: FaultyModule
) -> None:
    shim.set("C_Sign shorten:99999999")

    assert len(_signature(room.sign(certificate, MESSAGE, PIN))) == 1024


def test_a_curve_signature_of_odd_length_is_the_modules_fault(
    citizen_token: SoftHsm, module: OpenModule, shim: FaultyModule
) -> None:
    with TokenRoomProcess(citizen_token.environment) as room:
        certificate = signing_certificate(room.open(module))
        shim.set("C_Sign shorten:63")

        assert _failure(room.sign(certificate, MESSAGE, PIN)).fault is TokenFault.MODULE


def test_python_pkcs11_alone_fails_on_vendor_key_types(
    citizen_token: SoftHsm, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", str(citizen_token.configuration))
    shim.set("C_GetAttributeValue vendor-key")
    library = pkcs11.lib(str(shim.path))
    with library.get_token(token_label="市民卡").open() as session:
        (key,) = session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY})
        with pytest.raises(ValueError, match="KeyType"):
            key[Attribute.KEY_TYPE]
    library.finalize()


def test_vendor_key_types_hide_nothing(
    citizen_token: SoftHsm, module: OpenModule, shim: FaultyModule
) -> None:
    shim.set("C_GetAttributeValue vendor-key")
    with TokenRoomProcess(citizen_token.environment) as room:
        certificate = signing_certificate(room.open(module))

        value = _signature(room.sign(certificate, MESSAGE, PIN))

    assert is_signature(certificate, MESSAGE, value)


def test_more_slots_than_a_machine_has_are_the_modules_fault(
    room: TokenRoomProcess, module: OpenModule, shim: FaultyModule
) -> None:
    shim.set("C_GetSlotList count:0x10000000000")

    assert _failure(room.ask(module)).fault is TokenFault.MODULE


@pytest.mark.parametrize(
    "function",
    ["C_GetFunctionList", "C_Initialize", "C_GetInfo", "C_GetSlotList", "C_GetSlotInfo"],
)
def test_a_module_that_fails_at_once_is_opened_when_it_recovers(
    room: TokenRoomProcess, module: OpenModule, shim: FaultyModule, function: str
) -> None:
    shim.set(f"{function} 0x5")

    assert _failure(room.ask(module)).fault is TokenFault.MODULE
    shim.set()
    assert isinstance(room.ask(ListTokens()), Tokens)


def test_a_module_that_always_fails_is_not_initialised_in_a_loop(
    room: TokenRoomProcess, module: OpenModule, shim: FaultyModule
) -> None:
    room.open(module)
    begin = time.monotonic()
    shim.set("C_GetSlotList 0x5")

    for _ in range(20):
        assert _failure(room.ask(ListTokens())).fault is TokenFault.MODULE

    assert shim.calls("C_Initialize") <= 2 + (time.monotonic() - begin) / REOPEN_SECONDS


def test_a_token_that_cannot_be_read_does_not_hide_the_others(
    room: TokenRoomProcess, module: OpenModule, shim: FaultyModule
) -> None:
    shim.set("C_FindObjectsInit 0x5")

    assert room.open(module) == ()
    shim.set()
    assert len(room.list()) == 1


def test_a_failing_reading_of_slots_is_cured_by_another_initialisation(
    room: TokenRoomProcess, module: OpenModule, shim: FaultyModule
) -> None:
    room.open(module)
    time.sleep(REOPEN_SECONDS)
    shim.set("C_GetSlotList 0x5")
    assert _failure(room.ask(ListTokens())).fault is TokenFault.MODULE
    before = shim.calls("C_Initialize")

    shim.set()

    assert len(room.list()) == 1
    assert (before, shim.calls("C_Initialize")) == (2, 2)


@pytest.mark.parametrize(
    "function",
    [
        "C_OpenSession",
        "C_Login",
        "C_FindObjectsInit",
        "C_FindObjects",
        "C_SignInit",
        "C_Sign",
        "C_Logout",
        "C_CloseSession",
    ],
)
def test_a_crash_ends_the_room_and_a_fresh_one_signs(
    enterprise: SoftHsm, module: OpenModule, shim: FaultyModule, function: str
) -> None:
    with TokenRoomProcess(enterprise.environment) as room:
        certificate = signing_certificate(room.open(module))
        order = room.order(certificate, MESSAGE, PIN)
        shim.set(f"{function} crash")
        with pytest.raises(RoomEndedError):
            room.ask(order)
        assert room.wait() < 0

    shim.set()
    _assert_a_fresh_room_signs(enterprise, module)


def test_a_hang_ends_with_the_room_and_a_fresh_one_signs(
    enterprise: SoftHsm, module: OpenModule, shim: FaultyModule
) -> None:
    with TokenRoomProcess(enterprise.environment) as room:
        certificate = signing_certificate(room.open(module))
        order = room.order(certificate, MESSAGE, PIN)
        shim.set("C_Sign hang")
        with pytest.raises(TimeoutError):
            room.ask(order, deadline_s=0.5)
        room.kill()

    shim.set()
    _assert_a_fresh_room_signs(enterprise, module)


def _assert_a_fresh_room_signs(hsm: SoftHsm, module: OpenModule) -> None:
    begin = time.monotonic()
    with TokenRoomProcess(hsm.environment) as room:
        certificate = signing_certificate(room.open(module))
        value = _signature(room.sign(certificate, MESSAGE, PIN))
        assert time.monotonic() - begin < RECOVERY_S
    assert is_signature(certificate, MESSAGE, value)


def test_two_modules_live_in_two_rooms(
    enterprise: SoftHsm, citizen_token: SoftHsm, module: OpenModule, shim: FaultyModule
) -> None:
    honest = OpenModule("softhsm", "pkcs11", str(module_path()))
    with (
        TokenRoomProcess(enterprise.environment) as broken,
        TokenRoomProcess(citizen_token.environment) as sound,
    ):
        broken.open(module)
        certificate = signing_certificate(sound.open(honest))
        shim.set("C_GetSlotList hang")
        with pytest.raises(TimeoutError):
            broken.ask(ListTokens(), deadline_s=0.3)

        assert is_signature(certificate, MESSAGE, _signature(sound.sign(certificate, MESSAGE, PIN)))
