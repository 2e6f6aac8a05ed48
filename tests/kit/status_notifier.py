"""A desktop's tray for tests: the list of icons and somebody who shows them, over D-Bus.

Implements what an application sees of ``org.kde.StatusNotifierWatcher`` (freedesktop.org
StatusNotifierItem), and reads items and menus (``com.canonical.dbusmenu``) as a panel does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"

PATIENCE_S = 15.0
POLL_S = 0.05


class TrayError(AssertionError):
    """The tray did not come to show what was expected."""


@dataclass(frozen=True)
class MenuLine:
    """One line of a menu, as a panel shows it."""

    number: int
    text: str
    enabled: bool
    below: tuple["MenuLine", ...] = ()

    def walk(self) -> Iterator["MenuLine"]:
        """Yield this line and all below it."""
        yield self
        for line in self.below:
            yield from line.walk()


@dataclass
class Tray:
    """The list of icons on one session bus, and the panel that reads them."""

    bus: MessageBus
    hosted: bool = True
    items: list[tuple[str, str]] = field(default_factory=list)

    async def item(self) -> tuple[str, str]:
        """Wait for an icon and return whose it is and its path.

        Raises:
            TrayError: none registered.
        """
        await self.until(lambda: bool(self.items), "an icon")
        return self.items[-1]

    async def until(self, true: Any, what: str) -> None:  # noqa: ANN401 -- a condition of any kind
        """Wait for a condition, a function without arguments that may be awaited.

        Raises:
            TrayError: it did not come about.
        """
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            value = true()
            if await value if asyncio.iscoroutine(value) else value:
                return
            await asyncio.sleep(POLL_S)
        raise TrayError(what)

    async def property(self, name: str) -> Any:  # noqa: ANN401 -- D-Bus values are of any type
        """Return a property of the icon: ``Title``, ``IconName``, ``Menu``, ``Status``."""
        owner, path = await self.item()
        answer = await self._call(owner, path, PROPERTIES, "Get", "ss", [ITEM, name])
        return answer[0].value

    async def menu(self) -> tuple[MenuLine, ...]:
        """Return the menu's lines."""
        owner, _ = await self.item()
        path = await self.property("Menu")
        answer = await self._call(owner, path, MENU, "GetLayout", "iias", [0, -1, []])
        return _line(answer[1]).below

    async def click(self, text: str) -> None:
        """Click the line with this text.

        Raises:
            TrayError: there is no such line.
        """
        owner, _ = await self.item()
        path = await self.property("Menu")
        for top in await self.menu():
            for line in top.walk():
                if line.text == text:
                    event = [line.number, "clicked", Variant("i", 0), 0]
                    await self._call(owner, path, MENU, "Event", "isvu", event)
                    return
        raise TrayError(text)

    async def host(self, *, hosted: bool) -> None:
        """Have a panel appear or go away, and say so."""
        self.hosted = hosted
        member = f"StatusNotifierHost{'Registered' if hosted else 'Unregistered'}"
        await self.bus.send(Message.new_signal(WATCHER_PATH, WATCHER, member))

    async def _call(
        self, owner: str, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> list[Any]:
        message = Message(
            destination=owner,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body,
        )
        answer = await self.bus.call(message)
        if answer.message_type is MessageType.ERROR:
            reason = f"{member}: {answer.body}"
            raise TrayError(reason)
        return list(answer.body)

    def serve(self, message: Message) -> Message | bool:
        """Answer an application that looks for the list of icons."""
        if message.path != WATCHER_PATH or message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "RegisterStatusNotifierItem":
            (name,) = message.body
            owner, path = (message.sender, name) if name.startswith("/") else (name, "/")
            self.items.append((str(owner), path))
            return Message.new_method_return(message)
        values = {
            "RegisteredStatusNotifierItems": Variant("as", [a + b for a, b in self.items]),
            "IsStatusNotifierHostRegistered": Variant("b", self.hosted),
            "ProtocolVersion": Variant("i", 0),
        }
        if message.member == "Get":
            return Message.new_method_return(message, "v", [values[message.body[1]]])
        if message.member == "GetAll":
            return Message.new_method_return(message, "a{sv}", [values])
        return False


@asynccontextmanager
async def status_notifier(address: str, *, hosted: bool = True) -> AsyncIterator[Tray]:
    """Be the tray of the session bus at this address for as long as the block lasts."""
    bus = await MessageBus(bus_address=address).connect()
    tray = Tray(bus, hosted)
    bus.add_message_handler(tray.serve)
    await bus.request_name(WATCHER)
    try:
        yield tray
    finally:
        bus.disconnect()


def _line(layout: list[Any]) -> MenuLine:
    """Return a line of a menu's layout: its number, properties and children."""
    number, properties, children = layout
    values = {name: variant.value for name, variant in properties.items()}
    return MenuLine(
        number=number,
        text=values.get("label", ""),
        enabled=values.get("enabled", True),
        below=tuple(_line(child.value) for child in children),
    )
