"""The tray room: the agent's state in an icon, and a menu. A thin process without Qt.

Everything runs in GLib's main loop, which pystray owns; the channel is read there when it has
something. Without a screen, a bus or the distribution's libraries the room says that there is no
tray and waits for its end: the daemon lives on, and the status window opens from the command.
"""

import os
from typing import Any

from signet_agent.channel.child import ChildChannel, ParentGoneError
from signet_agent.channel.desktop_messages import (
    Act,
    AgentView,
    Close,
    Opened,
    TrayHosted,
    ViewOrder,
)
from signet_agent.desktop.system_gi import reach_gi
from signet_agent.desktop.tray_host import TrayHost
from signet_agent.desktop.tray_icons import Panel, draw_tray_icon
from signet_agent.desktop.tray_menu import SEPARATOR, Line, menu_lines

APPLICATION_NAME = "signet"

_DARK_PANELS = frozenset({"GNOME", "Unity", "Pantheon", "Budgie"})
"""Desktops whose panel is dark whatever the windows look like."""


def run_tray(channel: ChildChannel[ViewOrder]) -> int:
    """Serve the tray until the daemon closes it, and return the exit status."""
    try:
        channel.send(Opened())
        view = _first_view(channel)
        if view is None:
            return 0
        try:
            TrayRoom(channel, view).run()
        except NoTrayError:
            channel.send(TrayHosted(hosted=False))
            _wait_for_end(channel)
    except ParentGoneError:
        return 0
    return 0


class NoTrayError(Exception):
    """This session cannot show an icon: no screen, no bus, or a library is missing."""


class TrayRoom:
    """The icon, its menu, and the channel."""

    def __init__(self, channel: ChildChannel[ViewOrder], view: AgentView) -> None:
        """Make the icon for the first view.

        Raises:
            NoTrayError: this session cannot show one.
        """
        self._channel = channel
        self._view = view
        self._pystray, self._glib = _libraries()
        self._panel = panel_tone(os.environ.get("XDG_CURRENT_DESKTOP", ""))
        self._icon: Any = self._pystray.Icon(
            APPLICATION_NAME,
            icon=draw_tray_icon(view.state, self._panel),
            title=view.sentence,
            menu=self._menu(menu_lines(view)),
        )
        self._stopping = False

    def run(self) -> None:
        """Show the icon until the daemon closes it.

        Raises:
            NoTrayError: there is no session bus.
        """
        glib = self._glib
        conditions = glib.IO_IN | glib.IO_HUP | glib.IO_ERR
        glib.io_add_watch(
            self._channel.fileno(), glib.PRIORITY_DEFAULT, conditions, lambda *_: self._read()
        )
        try:
            TrayHost(lambda hosted: self._send(TrayHosted(hosted)))
        except glib.Error as error:
            raise NoTrayError from error
        try:
            self._icon.run()
        except glib.Error:
            # At the end pystray withdraws a notification, even where no service shows any.
            if not self._stopping:
                raise

    def _read(self) -> bool:
        """Take one message; return whether to go on listening."""
        try:
            order = self._channel.receive()
        except ParentGoneError:
            self._stop()
            return False
        if isinstance(order, Close):
            self._stop()
            return False
        if isinstance(order, AgentView):
            self._show(order)
        return True

    def _show(self, view: AgentView) -> None:
        """Change what changed; an icon is a file that the desktop reads anew."""
        earlier, self._view = self._view, view
        if view.state != earlier.state:
            self._icon.icon = draw_tray_icon(view.state, self._panel)
        self._icon.title = view.sentence
        if menu_lines(view) != menu_lines(earlier):
            self._icon.menu = self._menu(menu_lines(view))

    def _menu(self, lines: tuple[Line, ...]) -> Any:  # noqa: ANN401 -- pystray has no types
        return self._pystray.Menu(*(self._item(line) for line in lines))

    def _item(self, line: Line) -> Any:  # noqa: ANN401 -- pystray has no types
        if line == SEPARATOR:
            return self._pystray.Menu.SEPARATOR
        if line.below:
            return self._pystray.MenuItem(line.text, self._menu(line.below))
        action = line.action
        if action is None:
            return self._pystray.MenuItem(line.text, None, enabled=False)
        return self._pystray.MenuItem(line.text, lambda: self._send(Act(action)))

    def _send(self, message: object) -> None:
        try:
            self._channel.send(message)
        except ParentGoneError:
            self._stop()

    def _stop(self) -> None:
        self._stopping = True
        self._icon.stop()


def panel_tone(desktop: str) -> Panel:
    """Return whether the panel is light or dark, by the desktop's names (XDG_CURRENT_DESKTOP)."""
    if _DARK_PANELS & set(desktop.split(":")):
        return "dark"
    from gi.repository import Gtk

    settings = Gtk.Settings.get_default()
    if settings is None:
        return "light"
    dark = settings.get_property("gtk-application-prefer-dark-theme")
    name = str(settings.get_property("gtk-theme-name"))
    return "dark" if dark or name.lower().endswith("-dark") else "light"


def _libraries() -> tuple[Any, Any]:
    """Return pystray with its AppIndicator backend, and GLib.

    Raises:
        NoTrayError: a library is missing, or there is no screen.
    """
    os.environ["PYSTRAY_BACKEND"] = "appindicator"
    try:
        reach_gi()
        import pystray
        from gi.repository import GLib
    except (ImportError, ValueError) as error:
        raise NoTrayError from error
    return pystray, GLib


def _first_view(channel: ChildChannel[ViewOrder]) -> AgentView | None:
    """Wait for something to show; ``None`` when the room is closed before."""
    while True:
        order = channel.receive()
        if isinstance(order, AgentView):
            return order
        if isinstance(order, Close):
            return None


def _wait_for_end(channel: ChildChannel[ViewOrder]) -> None:
    """Read until the daemon closes the room."""
    while not isinstance(channel.receive(), Close):
        continue
