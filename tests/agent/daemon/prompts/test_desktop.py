"""At most one window process is kept warm, and trouble with it is told as what it is."""

import asyncio
from dataclasses import dataclass, field

import pytest

from signet_agent.channel.desktop_messages import Close, Done, Opened, Painted, WindowAnswer
from signet_agent.daemon.prompts import desktop
from signet_agent.daemon.prompts.desktop import WARM_INTERVAL_S, DesktopPrompt
from signet_agent.errors import RoomError
from signet_agent.processes import Room
from signet_protocol.errors import ErrorCode

pytestmark = pytest.mark.quick


@dataclass
class PlayedRoom:
    """A window process and its channel in one."""

    answers: list[WindowAnswer | Exception] = field(default_factory=lambda: [Opened()])
    sent: list[object] = field(default_factory=list)
    gone: bool = False
    alive: bool = True
    killed: bool = False
    ends_by_itself: bool = True

    @property
    def channel(self) -> "PlayedRoom":
        return self

    async def send(self, message: object) -> None:
        if self.gone:
            raise RoomError("gone")
        self.sent.append(message)

    async def receive(self) -> WindowAnswer:
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wait(self) -> int:
        if not self.ends_by_itself:
            await asyncio.Event().wait()
        return 0

    async def end(self) -> None:
        self.killed = True

    def kill(self) -> None:
        self.killed, self.alive = True, False


class Screen:
    """Starts played rooms, and counts."""

    def __init__(self, *rooms: PlayedRoom | Exception) -> None:
        self.rooms = list(rooms)
        self.started = 0
        self.now = 0.0
        self.prompt = DesktopPrompt(self.start, lambda: self.now)

    async def start(self) -> Room[WindowAnswer]:
        self.started += 1
        room = self.rooms.pop(0)
        if isinstance(room, Exception):
            raise room
        return room  # type: ignore[return-value]  # a double of the same shape


async def test_a_warm_window_is_used_and_only_one_is_kept() -> None:
    screen = Screen(PlayedRoom(), PlayedRoom())
    screen.prompt.warm()
    screen.prompt.warm()
    await screen.prompt.open()
    assert screen.started == 1


async def test_warming_waits_ten_seconds_but_a_need_does_not() -> None:
    screen = Screen(PlayedRoom(), PlayedRoom(), PlayedRoom())
    await screen.prompt.open()
    screen.prompt.warm()
    await asyncio.sleep(0)
    assert screen.started == 1
    await screen.prompt.open()
    screen.now += WARM_INTERVAL_S
    screen.prompt.warm()
    await asyncio.sleep(0)
    assert screen.started == 3
    await screen.prompt.end()


async def test_a_warm_window_that_died_is_replaced() -> None:
    screen = Screen(PlayedRoom([RoomError("died")]), PlayedRoom())
    screen.prompt.warm()
    await screen.prompt.open()
    assert screen.started == 2


async def test_a_warm_window_that_was_killed_while_it_waited_is_replaced() -> None:
    waiting, fresh = PlayedRoom(), PlayedRoom()
    screen = Screen(waiting, fresh)
    screen.prompt.warm()
    await asyncio.sleep(0.01)
    waiting.alive = False
    window = await screen.prompt.open()
    await window.send(Close())
    assert fresh.sent == [Close()]


async def test_a_warm_start_that_failed_is_forgotten() -> None:
    screen = Screen(RoomError("no screen"), PlayedRoom())
    screen.prompt.warm()
    await asyncio.sleep(0.01)
    screen.now += WARM_INTERVAL_S
    screen.prompt.warm()
    await asyncio.sleep(0.01)
    assert screen.started == 2
    await screen.prompt.end()
    await screen.prompt.end()


async def test_a_window_that_cannot_start_or_speaks_wrongly_is_unavailable() -> None:
    rude = PlayedRoom([Painted(b"")])
    for room, why in ((RoomError("no screen"), "no screen"), (rude, "before it was asked")):
        with pytest.raises(RoomError, match=why) as caught:
            await Screen(room).prompt.open()
        assert caught.value.code is ErrorCode.AGENT_WINDOW_UNAVAILABLE
    assert rude.killed


async def test_a_window_that_never_opens_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "OPEN_DEADLINE_S", 0.01)
    room = PlayedRoom([])
    with pytest.raises(RoomError, match="did not open within") as caught:
        await Screen(room).prompt.open()
    assert caught.value.code is ErrorCode.AGENT_WINDOW_UNAVAILABLE
    assert room.killed


async def test_a_window_whose_page_goes_while_it_starts_is_ended() -> None:
    room = PlayedRoom([])
    opening = asyncio.create_task(Screen(room).prompt.open())
    await asyncio.sleep(0.01)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert room.killed


async def test_a_warm_window_that_fails_at_the_end_is_no_matter() -> None:
    screen = Screen(PlayedRoom([RoomError("died")]))
    screen.prompt.warm()
    await screen.prompt.end()


async def test_a_window_that_goes_away_is_unavailable_in_both_directions() -> None:
    room = PlayedRoom([Opened(), RoomError("killed")])
    window = await Screen(room).prompt.open()
    with pytest.raises(RoomError) as caught:
        await window.receive()
    assert caught.value.code is ErrorCode.AGENT_WINDOW_UNAVAILABLE
    assert room.killed
    room.gone = True
    with pytest.raises(RoomError) as caught:
        await window.send(Close())
    assert caught.value.code is ErrorCode.AGENT_WINDOW_UNAVAILABLE


async def test_a_window_that_is_done_may_show_its_last_word() -> None:
    room = PlayedRoom()
    window = await Screen(room).prompt.open()
    await window.send(Done())
    await window.end()
    assert room.sent == [Done()]


async def test_a_last_word_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "LAST_WORD_S", 0.01)
    room = PlayedRoom(ends_by_itself=False)
    window = await Screen(room).prompt.open()
    await window.send(Done())
    await window.end()
    assert room.killed
