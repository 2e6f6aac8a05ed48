"""Both halves of the channel agree, and either half refuses what is not a message."""

import asyncio
import contextlib
import os
import socket

import pytest

from signet_agent.channel.child import ChildChannel, ParentGoneError, tie_to_parent
from signet_agent.channel.daemon import READ_BYTES, RoomChannel
from signet_agent.channel.frames import (
    HEADER,
    MAX_FRAME_BYTES,
    BodyReader,
    FrameError,
    body_length,
    encode_frame,
)
from signet_agent.channel.token_messages import ListTokens, OpenPin, TokenQuestion
from signet_agent.errors import RoomError

pytestmark = pytest.mark.quick


async def pair() -> tuple[RoomChannel[TokenQuestion], ChildChannel[TokenQuestion], socket.socket]:
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    _, daemon = await loop.create_connection(
        lambda: RoomChannel[TokenQuestion](TokenQuestion), sock=ours
    )
    return daemon, ChildChannel(theirs, TokenQuestion), theirs


async def test_messages_cross_both_ways() -> None:
    daemon, child, raw = await pair()
    await daemon.send(OpenPin(b"c", "t"))
    assert child.receive() == OpenPin(b"c", "t")
    child.send(ListTokens())
    assert await daemon.receive() == ListTokens()
    assert child.fileno() == raw.fileno()
    daemon.close()
    await asyncio.sleep(0.01)
    with pytest.raises(ParentGoneError):
        child.receive()
    raw.close()


async def test_the_daemon_refuses_garbage_and_announced_giants() -> None:
    for noise in (
        HEADER.pack(3) + b"abc",
        HEADER.pack(MAX_FRAME_BYTES + 1),
        HEADER.pack(10) + b"x",
    ):
        daemon, _, raw = await pair()
        raw.sendall(noise)
        raw.shutdown(socket.SHUT_WR)
        with pytest.raises(RoomError):
            await daemon.receive()
        daemon.close()
        raw.close()


async def test_a_message_of_another_kind_is_refused() -> None:
    daemon, child, raw = await pair()
    child.send({"type": "Sign", "consent": 1})
    with pytest.raises(RoomError):
        await daemon.receive()
    daemon.close()
    raw.close()


async def test_a_child_that_is_gone_is_a_room_error() -> None:
    daemon, _, raw = await pair()
    raw.close()
    with contextlib.suppress(RoomError):
        await daemon.send(ListTokens())
    await asyncio.sleep(0.01)
    with pytest.raises(RoomError):
        await daemon.send(ListTokens())


async def test_a_message_that_comes_in_pieces_is_one_message() -> None:
    daemon, _, raw = await pair()
    frame = encode_frame(OpenPin(b"consent", "token"))
    for octet in frame:
        raw.sendall(bytes([octet]))
        await asyncio.sleep(0)
    assert await daemon.receive() == OpenPin(b"consent", "token")
    daemon.close()
    raw.close()


async def test_a_message_larger_than_one_read_arrives_whole() -> None:
    daemon, child, raw = await pair()
    large = OpenPin(bytes(range(256)) * (READ_BYTES // 64), "token")
    sending = asyncio.create_task(asyncio.to_thread(child.send, large))
    assert await daemon.receive() == large
    await sending
    daemon.close()
    raw.close()


async def test_messages_that_nobody_waited_for_keep_their_order_and_stop_the_reading() -> None:
    daemon, child, raw = await pair()
    for number in range(3):
        child.send(OpenPin(bytes([number]), ""))
    await asyncio.sleep(0.01)
    child.send(OpenPin(b"later", ""))
    await asyncio.sleep(0.01)
    assert not daemon._transport.is_reading()
    heard = [await daemon.receive() for _ in range(4)]
    assert heard == [OpenPin(consent, "") for consent in (b"\x00", b"\x01", b"\x02", b"later")]
    assert daemon._transport.is_reading()
    daemon.close()
    raw.close()


async def test_what_came_before_the_end_is_still_heard() -> None:
    daemon, child, raw = await pair()
    child.send(ListTokens())
    raw.close()
    await asyncio.sleep(0.01)
    assert await daemon.receive() == ListTokens()
    with pytest.raises(RoomError, match="ended"):
        await daemon.receive()


async def test_somebody_who_left_does_not_leave_his_message_to_the_next() -> None:
    daemon, child, raw = await pair()
    first, second = daemon.next_message(), daemon.next_message()
    first.cancel()
    child.send(OpenPin(b"first", ""))
    child.send(OpenPin(b"second", ""))
    assert await second == OpenPin(b"second", "")
    daemon.close()
    raw.close()


async def test_everybody_who_waits_hears_of_the_end() -> None:
    daemon, _, raw = await pair()
    left, waits = daemon.next_message(), daemon.next_message()
    left.cancel()
    daemon.close()
    with pytest.raises(RoomError, match="closed"):
        await waits
    with pytest.raises(RoomError, match="closed"):
        await daemon.receive()
    with pytest.raises(RoomError, match="closed"):
        daemon.write(ListTokens())
    raw.close()


async def test_sending_waits_for_a_room_that_does_not_read_and_ends_with_it() -> None:
    daemon, child, raw = await pair()
    large = OpenPin(bytes(MAX_FRAME_BYTES - 64), "")
    sending = asyncio.create_task(daemon.send(large))
    await asyncio.sleep(0.01)
    assert not sending.done()
    assert await asyncio.to_thread(child.receive) == large
    await sending
    stuck = asyncio.create_task(daemon.send(large))
    await asyncio.sleep(0.01)
    raw.close()
    with pytest.raises(RoomError):
        await stuck


def test_a_daemon_that_is_gone_ends_the_child() -> None:
    ours, theirs = socket.socketpair()
    child: ChildChannel[TokenQuestion] = ChildChannel(theirs, TokenQuestion)
    ours.close()
    with pytest.raises(ParentGoneError):
        child.send(ListTokens())
    theirs.close()
    with pytest.raises(ParentGoneError):
        child.receive()


def test_a_message_larger_than_a_frame_is_the_senders_fault() -> None:
    with pytest.raises(FrameError, match="larger"):
        encode_frame(OpenPin(bytes(MAX_FRAME_BYTES), ""))


def test_an_announced_giant_is_refused_from_its_length_alone() -> None:
    with pytest.raises(FrameError, match="announced"):
        body_length(HEADER.pack(MAX_FRAME_BYTES + 1))


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\xff" * 10, b"\x81\xa4type\xa1\xff"])
def test_noise_is_no_message(body: bytes) -> None:
    with pytest.raises(FrameError):
        BodyReader[TokenQuestion](TokenQuestion).read(body)


def test_a_child_inherits_its_channel_by_number() -> None:
    ours, theirs = socket.socketpair()
    child: ChildChannel[TokenQuestion] = ChildChannel.inherit(theirs.detach(), TokenQuestion)
    ours.sendall(encode_frame(ListTokens()))
    assert child.receive() == ListTokens()
    ours.close()


def test_a_room_whose_daemon_ended_before_the_bond_does_not_go_on() -> None:
    child = os.fork()
    if child == 0:
        try:
            tie_to_parent(1)
        except ParentGoneError:
            os._exit(7)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
