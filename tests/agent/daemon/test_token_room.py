"""A token room that fails costs one call: the next one gets a fresh room."""

import asyncio

import pytest
from msgspec.structs import replace

from signet_agent.channel.token_messages import (
    ContentKey,
    ListTokens,
    OpenModule,
    OpenPin,
    PinKey,
    Sign,
    Signatures,
    TokenAnswer,
    TokenFailure,
    TokenFault,
    Tokens,
    Unwrap,
)
from signet_agent.daemon.keyring import Keyring, PinNotTakenError
from signet_agent.daemon.token_room import (
    AT_READER_DEADLINE_S,
    NEXT_SIGNATURE_DEADLINE_S,
    SIGN_DEADLINE_S,
    TokenRoom,
)
from signet_agent.errors import PersonDeclinedError, RoomError, TokenError
from signet_agent.model import Algorithm, KeyPadding, PinState
from signet_protocol.errors import ErrorCode
from tests.kit.played_room import PlayedRoom, starting

pytestmark = pytest.mark.quick

MODULE = OpenModule("one", "pkcs11", "/lib/one.so")
UNWRAP = Unwrap(b"", "pkcs11:one/1/01", KeyPadding.PKCS1, b"", 1, b"")
KEY = ContentKey(b"k")
SIGN = Sign(b"", "pkcs11:one/1/01", Algorithm.RS256, (b"",), b"")


Played = PlayedRoom[TokenAnswer]


def played(*rooms: Played) -> tuple[TokenRoom, list[Played]]:
    start, waiting = starting(*rooms)
    return TokenRoom(MODULE, start), waiting


async def test_nothing_is_loaded_before_the_first_question() -> None:
    room, waiting = played(Played([Tokens(())]))
    assert len(waiting) == 1
    await room.end()
    assert await room.tokens() == ()
    assert waiting == []


async def test_the_module_is_opened_once_and_listed_afterwards() -> None:
    one = Played([Tokens(()), Tokens(()), PinKey(b"k", PinState()), Signatures((b"s",))])
    room, _ = played(one)
    await room.tokens()
    await room.tokens()
    assert await room.open_pin(b"c", "t") == PinKey(b"k", PinState())
    assert await room.sign(SIGN) == (b"s",)
    assert one.questions == [MODULE, ListTokens(), OpenPin(b"c", "t"), SIGN]
    await room.end()
    assert one.ended


async def test_a_pin_can_be_opened_in_a_room_that_must_start_first() -> None:
    room, _ = played(Played([Tokens(()), PinKey(b"k", PinState())]))
    assert (await room.open_pin(b"c", "t")).public == b"k"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (TokenFault.REMOVED, ErrorCode.TOKEN_REMOVED),
        (TokenFault.KEY_MISSING, ErrorCode.TOKEN_REMOVED),
        (TokenFault.BUSY, ErrorCode.TOKEN_BUSY),
        (TokenFault.UNSUPPORTED, ErrorCode.TOKEN_CERTIFICATE_UNSUITABLE),
        (TokenFault.MODULE, ErrorCode.TOKEN_FAULT),
        (TokenFault.SEALED_PIN, ErrorCode.TOKEN_FAULT),
    ],
)
async def test_a_failure_has_its_code(fault: TokenFault, code: ErrorCode) -> None:
    room, _ = played(Played([Tokens(()), TokenFailure(fault, "CKR_X")]))
    with pytest.raises(TokenError) as caught:
        await room.sign(SIGN)
    assert caught.value.code is code
    assert "CKR_X" in caught.value.detail


@pytest.mark.parametrize(
    ("fault", "pin", "locked"),
    [
        (TokenFault.PIN_INCORRECT, PinState(tries=2), False),
        (TokenFault.PIN_INCORRECT, None, False),
        (TokenFault.PIN_LENGTH, PinState(), False),
        (TokenFault.LAST_TRY, PinState(final=True), False),
        (TokenFault.PIN_LOCKED, None, True),
    ],
)
async def test_a_pin_that_is_not_taken_lets_the_person_go_on(
    fault: TokenFault, pin: PinState | None, locked: bool
) -> None:
    room, _ = played(Played([Tokens(()), TokenFailure(fault, pin=pin)]))
    with pytest.raises(PinNotTakenError) as caught:
        await room.sign(SIGN)
    assert caught.value.pin.locked is locked
    assert pin is None or caught.value.pin == pin


async def test_a_person_who_types_at_the_reader_is_given_the_time() -> None:
    here, there = PinKey(b"k", PinState()), PinKey(b"k", PinState(at_reader=True))
    one = Played([Tokens(()), there, Signatures((b"s",)), here, Signatures((b"s",))])
    room, _ = played(one)
    for _ in range(2):
        await room.open_pin(b"c", "t")
        await room.sign(SIGN)
    assert one.deadlines[2] == AT_READER_DEADLINE_S
    assert one.deadlines[4] == SIGN_DEADLINE_S


async def test_a_content_key_is_unwrapped_in_its_time() -> None:
    one = Played([Tokens(()), ContentKey(b"k"), PinKey(b"k", PinState(at_reader=True)), KEY])
    room, _ = played(one)
    assert await room.unwrap(UNWRAP) == b"k"
    await room.open_pin(b"c", "t")
    await room.unwrap(UNWRAP)
    assert [one.deadlines[1], one.deadlines[3]] == [SIGN_DEADLINE_S, AT_READER_DEADLINE_S]


async def test_what_is_cancelled_at_the_reader_is_the_persons_word() -> None:
    room, _ = played(Played([Tokens(()), TokenFailure(TokenFault.DECLINED, "6401")]))
    with pytest.raises(PersonDeclinedError) as caught:
        await room.sign(SIGN)
    assert caught.value.code is ErrorCode.USER_REFUSED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RoomError("crash"), ErrorCode.TOKEN_FAULT),
        (RoomError("hang", ErrorCode.TOKEN_TIMEOUT), ErrorCode.TOKEN_TIMEOUT),
    ],
)
async def test_a_room_that_dies_costs_one_call(error: RoomError, code: ErrorCode) -> None:
    room, waiting = played(Played([Tokens(()), error]), Played([Tokens(()), Signatures((b"s",))]))
    with pytest.raises(TokenError) as caught:
        await room.sign(SIGN)
    assert caught.value.code is code
    assert await room.sign(SIGN) == (b"s",)
    assert waiting == []


async def test_a_list_gets_more_time() -> None:
    one = Played([Tokens(()), Signatures((b"s",)), Signatures((b"s",) * 11)])
    room, _ = played(one)
    await room.sign(SIGN)
    await room.sign(replace(SIGN, digests=(b"",) * 11))
    assert one.deadlines[-2:] == [SIGN_DEADLINE_S, SIGN_DEADLINE_S + 10 * NEXT_SIGNATURE_DEADLINE_S]


@pytest.mark.parametrize(("count", "lives"), [(1, True), (2, False)])
async def test_a_page_that_goes_ends_the_room_in_the_middle_of_its_list(
    count: int, *, lives: bool
) -> None:
    one = Played([Tokens(()), asyncio.CancelledError()])
    room, _ = played(one)
    with pytest.raises(asyncio.CancelledError):
        await room.sign(replace(SIGN, digests=(b"",) * count))
    assert one.alive is lives


async def test_two_pages_at_once_start_one_room() -> None:
    room, waiting = played(Played([Tokens(()), Tokens(()), PinKey(b"k", PinState())]), Played([]))
    await asyncio.gather(room.tokens(), room.tokens(), room.open_pin(b"c", "t"))
    assert len(waiting) == 1


async def test_a_room_that_speaks_out_of_turn_is_killed() -> None:
    one = Played([Tokens(()), Tokens(())])
    room, _ = played(one)
    with pytest.raises(TokenError, match="out of turn"):
        await room.sign(SIGN)
    assert not one.alive


async def test_a_key_of_a_store_that_policy_does_not_name_is_absent() -> None:
    room, _ = played(Played([Tokens(())]))
    ring = Keyring([room])
    with pytest.raises(TokenError) as caught:
        await ring.open_pin(b"", "pkcs11:two/1")
    assert caught.value.code is ErrorCode.TOKEN_ABSENT
