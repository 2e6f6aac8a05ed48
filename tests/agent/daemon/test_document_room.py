"""A document room that fails costs one document, and never decides what is signed."""

import asyncio

import pytest

from signet_agent.channel.document_messages import (
    Bind,
    Bound,
    DocumentAnswer,
    DocumentFailure,
    DocumentFault,
    Finish,
    Finished,
    Show,
    Shown,
)
from signet_agent.daemon.document_room import FORMATS, DocumentRoom
from signet_agent.daemon.operations.base import SignedOctets
from signet_agent.errors import PageError, RoomError
from signet_agent.model import Algorithm, Paper
from signet_protocol.errors import ErrorCode
from tests.kit.played_room import PlayedRoom, starting

pytestmark = pytest.mark.quick

SHOWN = Shown(Paper(text="one"))

Played = PlayedRoom[DocumentAnswer]


def played(*rooms: Played) -> tuple[DocumentRoom, list[Played]]:
    start, waiting = starting(*rooms)
    return DocumentRoom(start), waiting


async def shown(room: DocumentRoom) -> Shown:
    return await room.show("text/plain", b"one", {})


async def test_each_step_is_one_question() -> None:
    one = Played([SHOWN, Bound(b"1attributes"), Finished(b"signed")])
    room, _ = played(one)
    await room.end()
    assert await shown(room) == SHOWN
    octets = await room.bind("cades-b", b"digest", b"der", Algorithm.ES384, 7)
    signed = SignedOctets(octets, b"der", Algorithm.ES384, b"rs")
    assert await room.finish("cades-b", signed, b"one") == b"signed"
    assert one.questions == [
        Show("text/plain", b"one", {}),
        Bind("cades-b", b"digest", b"der", Algorithm.ES384, 7),
        Finish("cades-b", b"1attributes", b"der", Algorithm.ES384, b"rs", b"one"),
    ]
    await room.end()
    assert one.ended


async def test_a_greeting_and_a_call_at_once_start_one_room() -> None:
    room, waiting = played(Played([SHOWN]), Played([]))
    await asyncio.gather(room.prepare(), shown(room))
    assert len(waiting) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (DocumentFault.UNSUPPORTED, ErrorCode.PAGE_FORMAT_UNSUPPORTED),
        (DocumentFault.UNSUITABLE, ErrorCode.PAGE_DOCUMENT_UNSUITABLE),
    ],
)
async def test_what_cannot_be_prepared_is_the_pages_to_cure(
    fault: DocumentFault, code: ErrorCode
) -> None:
    room, _ = played(Played([DocumentFailure(fault, "row 3"), SHOWN]))
    with pytest.raises(PageError) as caught:
        await shown(room)
    assert (caught.value.code, caught.value.detail) == (code, "row 3")
    assert await shown(room) == SHOWN


@pytest.mark.parametrize(
    "error", [RoomError("crash"), RoomError("hang", ErrorCode.TOKEN_TIMEOUT)], ids=str
)
async def test_a_room_that_dies_is_the_agents_fault_and_the_next_document_gets_a_fresh_one(
    error: RoomError,
) -> None:
    room, waiting = played(Played([error]), Played([SHOWN]))
    with pytest.raises(RoomError) as caught:
        await shown(room)
    assert caught.value.code is ErrorCode.AGENT_FAULT
    assert await shown(room) == SHOWN
    assert waiting == []


async def test_a_room_that_speaks_out_of_turn_is_killed() -> None:
    one = Played([Finished(b"not asked for")])
    room, _ = played(one, Played([SHOWN]))
    with pytest.raises(RoomError, match="out of turn"):
        await shown(room)
    assert not one.alive
    assert await shown(room) == SHOWN


def test_only_the_offered_formats_are_taken() -> None:
    room, _ = played()
    for name in FORMATS:
        room.require_format(name)
    with pytest.raises(PageError) as caught:
        room.require_format("cades-t")
    assert caught.value.code is ErrorCode.PAGE_FORMAT_UNSUPPORTED
