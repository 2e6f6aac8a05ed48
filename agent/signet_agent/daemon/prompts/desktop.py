"""The real consent window: a process of its own for each consent, at most one kept warm."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from signet_agent.channel.desktop_messages import Done, Opened, WindowAnswer, WindowOrder
from signet_agent.errors import RoomError
from signet_agent.processes import Room
from signet_protocol.errors import ErrorCode

OPEN_DEADLINE_S = 15.0
"""A cold start with accessibility takes under a second; a laptop that wakes up takes longer."""

WARM_INTERVAL_S = 10.0
"""Between two starts ahead of need: a page must not be able to keep a computer starting windows."""

LAST_WORD_S = 4.0
"""How long a window may show that it is done before it is ended; it closes itself after two."""

StartRoom = Callable[[], Awaitable[Room[WindowAnswer]]]


class DesktopWindow:
    """A window in its own process."""

    def __init__(self, room: Room[WindowAnswer]) -> None:
        """Take the running room."""
        self._room = room
        self._done = False

    @property
    def alive(self) -> bool:
        """Whether its process still runs."""
        return self._room.alive

    async def send(self, order: WindowOrder) -> None:
        """Tell the window something.

        Raises:
            RoomError: it is gone (``agent.window_unavailable``).
        """
        try:
            await self._room.channel.send(order)
        except RoomError as error:
            raise _unavailable(error) from error
        self._done = isinstance(order, Done)

    async def receive(self) -> WindowAnswer:
        """Wait for what the person does next.

        Raises:
            RoomError: the window is gone (``agent.window_unavailable``).
        """
        try:
            return await self._room.channel.receive()
        except RoomError as error:
            self._room.kill()
            raise _unavailable(error) from error

    async def end(self) -> None:
        """Hang up; after its last word the process ends by itself, or is killed."""
        if self._done:
            try:
                async with asyncio.timeout(LAST_WORD_S):
                    await self._room.wait()
            except TimeoutError:
                pass
        await self._room.end()


class DesktopPrompt:
    """Opens windows on the person's desktop."""

    def __init__(self, start: StartRoom, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the way to start a window process."""
        self._start = start
        self._clock = clock
        self._last_start = -WARM_INTERVAL_S
        self._warm: asyncio.Task[DesktopWindow] | None = None

    def warm(self) -> None:
        """Start one process ahead of need, at most every ten seconds."""
        if self._warm is None and self._clock() - self._last_start >= WARM_INTERVAL_S:
            self._warm = asyncio.ensure_future(self._begin())
            self._warm.add_done_callback(self._forget_failure)

    async def open(self) -> DesktopWindow:
        """Return the warm window, or start one.

        Raises:
            RoomError: no window can be shown (``agent.window_unavailable``).
        """
        warm, self._warm = self._warm, None
        if warm is not None:
            with contextlib.suppress(RoomError):
                window = await warm
                if window.alive:
                    return window
            # It died while it started or waited; a fresh one may live.
        return await self._begin()

    async def end(self) -> None:
        """End the warm window, if there is one."""
        warm, self._warm = self._warm, None
        if warm is not None:
            try:
                await (await warm).end()
            except RoomError:
                return

    async def _begin(self) -> DesktopWindow:
        self._last_start = self._clock()
        try:
            room = await self._start()
        except RoomError as error:
            raise _unavailable(error) from error
        opened = False
        try:
            async with asyncio.timeout(OPEN_DEADLINE_S):
                opened = isinstance(await room.channel.receive(), Opened)
        except RoomError as error:
            raise _unavailable(error) from error
        except TimeoutError:
            raise _unavailable(f"it did not open within {OPEN_DEADLINE_S} s") from None
        finally:
            if not opened:
                # Also when the page goes while the process starts: nobody else would end it.
                room.kill()
        if not opened:
            raise _unavailable("it spoke before it was asked")
        return DesktopWindow(room)

    def _forget_failure(self, task: "asyncio.Task[DesktopWindow]") -> None:
        """Drop a warm start that failed: the next need starts afresh and reports."""
        if task.cancelled() or task.exception() is not None:
            self._warm = None if self._warm is task else self._warm


def _unavailable(why: Exception | str) -> RoomError:
    return RoomError(f"consent window: {why}", ErrorCode.AGENT_WINDOW_UNAVAILABLE)
