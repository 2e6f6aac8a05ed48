"""What the person sees of the agent between consents: tray icon and status window.

Both are rooms of their own that show one record and send back a word; they decide nothing. Where
there is no tray host, or no screen, the agent lives on without them.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from signet_agent.channel.desktop_messages import (
    Act,
    AgentState,
    AgentView,
    RecentAct,
    SiteLine,
    ViewAnswer,
)
from signet_agent.channel.desktop_messages import Raise as RaiseWindow
from signet_agent.daemon.audit import RecordStorage
from signet_agent.daemon.policy import Policy
from signet_agent.daemon.policy.model import in_language
from signet_agent.errors import AgentError, RoomError
from signet_agent.model import Operation
from signet_agent.processes import Room

RECENT_ACTS = 20
"""Lines of history a window shows; the log has the rest."""

_NOT_LOOKED = {"zh-Hans": "正在运行", "en": "Running"}
"""No module is loaded before somebody asks, so at first nobody knows what is plugged in."""

_SENTENCES: dict[AgentState, dict[str, str]] = {
    "idle": {"zh-Hans": "正在运行，没有插入 USB Key", "en": "Running, no token plugged in"},
    "token": {"zh-Hans": "正在运行，证书可以使用", "en": "Running, certificates ready"},
    "waiting": {"zh-Hans": "有一个窗口在等您", "en": "A window is waiting for you"},
    "paused": {"zh-Hans": "已暂停，网站不能请您签名", "en": "Paused; sites cannot ask you"},
    "trouble": {
        "zh-Hans": "没有可用的策略，所有网站都被挡住",
        "en": "No policy; all sites are blocked",
    },
}

_log = logging.getLogger(__name__)

StartRoom = Callable[[], Awaitable[Room[ViewAnswer]]]
Describe = Callable[[], Awaitable[AgentView]]
Obey = Callable[[str], Awaitable[None]]
"""Carries out what the person chose: pause, resume, quit, status."""


class Presence:
    """Keeps tray and status window up to date and hears what the person chooses there."""

    def __init__(
        self, start_tray: StartRoom, start_status: StartRoom, describe: Describe, obey: Obey
    ) -> None:
        """Take the ways to start both, what they show and who obeys."""
        self._starts = {"tray": start_tray, "status": start_status}
        self._describe = describe
        self._obey = obey
        self._rooms: dict[str, Room[ViewAnswer]] = {}
        self._opening = asyncio.Lock()
        self._listeners: set[asyncio.Task[None]] = set()

    async def show_tray(self) -> None:
        """Put the icon into the tray, if there is one."""
        async with self._opening:
            await self._start("tray")

    async def show_status(self) -> None:
        """Open the status window, or bring it to the front; two wishes at once open one."""
        async with self._opening:
            room = self._rooms.get("status")
            if room is None or not await self._raise(room):
                await self._start("status")

    async def refresh(self) -> None:
        """Send the present state to whoever shows it."""
        if not self._rooms:
            return
        view = await self._describe()
        for name, room in list(self._rooms.items()):
            try:
                await room.channel.send(view)
            except RoomError as error:
                _log.info("%s: %s", name, error.detail)

    async def end(self) -> None:
        """End both."""
        for task in self._listeners:
            task.cancel()
        await asyncio.gather(*(room.end() for room in self._rooms.values()))

    async def _raise(self, room: Room[ViewAnswer]) -> bool:
        """Bring a window to the front; whether it was still there."""
        try:
            await room.channel.send(await self._describe())
            await room.channel.send(RaiseWindow())
        except AgentError:
            return False
        return True

    async def _start(self, name: str) -> None:
        try:
            view = await self._describe()
            room = await self._starts[name]()
            await room.channel.send(view)
        except AgentError as error:
            _log.warning("%s: %s", name, error.detail)
            return
        self._rooms[name] = room
        task = asyncio.ensure_future(self._listen(name, room))
        self._listeners.add(task)
        task.add_done_callback(self._listeners.discard)

    async def _listen(self, name: str, room: Room[ViewAnswer]) -> None:
        """Hear one room until it ends."""
        try:
            while True:
                answer = await room.channel.receive()
                if isinstance(answer, Act):
                    await self._carry_out(answer.action)
        except RoomError as error:
            _log.info("%s ended: %s", name, error.detail)
        finally:
            if self._rooms.get(name) is room:
                del self._rooms[name]
            room.kill()

    async def _carry_out(self, action: str) -> None:
        """Do what the person chose; what keeps us from it must not take the icon away."""
        try:
            await self._obey(action)
        except AgentError as error:
            _log.warning("%s: %s", action, error.detail)


def site_lines(policy: Policy, language: str) -> tuple[SiteLine, ...]:
    """Return the allowed sites as a window lists them."""
    return tuple(
        SiteLine(
            site.origin,
            in_language(site.name, language),
            site.mark,
            tuple(Operation(operation).value for operation in site.operations),
        )
        for site in policy.site
    )


def recent_acts(
    storage: RecordStorage, sites: Iterable[SiteLine], limit: int = RECENT_ACTS
) -> tuple[RecentAct, ...]:
    """Return the newest finished acts of the log, the newest first."""
    names = {site.origin: site.name for site in sites}
    outcomes: dict[str, dict[str, str]] = {}
    acts: list[RecentAct] = []
    for record in storage.newest():
        body = json.loads(record.body)
        if body["kind"] == "outcome":
            outcomes[body["consent"]] = body
        elif body["kind"] == "intent" and body["consent"] in outcomes:
            outcome = outcomes.pop(body["consent"])
            acts.append(
                RecentAct(
                    at=int(datetime.fromisoformat(outcome["at"]).timestamp()),
                    site=names.get(body["origin"], body["origin"]),
                    operation=body["operation"],
                    title=body.get("title", ""),
                    tail=outcome.get("tail", ""),
                    outcome=outcome["outcome"],
                )
            )
        if len(acts) == limit:
            break
    return tuple(acts)


def sentence(state: AgentState, language: str, *, has_looked: bool = True) -> str:
    """Return the state in words; ``has_looked`` says whether the tokens were looked for yet."""
    words = _SENTENCES[state] if has_looked or state != "idle" else _NOT_LOOKED
    return words[language]
