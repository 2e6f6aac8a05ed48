"""Whether there is a tray: a status notifier host on the session bus, now or later.

The StatusNotifierWatcher is the desktop's list of icons; its property tells whether anything
shows them (freedesktop.org StatusNotifierItem, "StatusNotifierWatcher").
"""

from collections.abc import Callable
from typing import Any

_NAME = "org.kde.StatusNotifierWatcher"
_PATH = "/StatusNotifierWatcher"
_PROPERTY = "IsStatusNotifierHostRegistered"
_SIGNALS = ("StatusNotifierHostRegistered", "StatusNotifierHostUnregistered")


class TrayHost:
    """Tells of every change; the first word comes as soon as the bus has answered."""

    def __init__(self, tell: Callable[[bool], None]) -> None:
        """Watch the session bus from GLib's main loop.

        Raises:
            GLib.Error: there is no session bus.
        """
        from gi.repository import Gio

        self._tell = tell
        self._known: bool | None = None
        self._gio = Gio
        connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        for signal in _SIGNALS:
            flags = Gio.DBusSignalFlags.NONE
            connection.signal_subscribe(
                _NAME, _NAME, signal, _PATH, None, flags, lambda *_: self._ask(connection)
            )
        Gio.bus_watch_name_on_connection(
            connection,
            _NAME,
            Gio.BusNameWatcherFlags.NONE,
            lambda *_: self._ask(connection),
            lambda *_: self._hear(hosted=False),
        )

    def _ask(self, connection: Any) -> None:  # noqa: ANN401 -- gi has no types
        """Ask the watcher whether anybody shows its icons."""
        from gi.repository import GLib

        question = GLib.Variant("(ss)", (_NAME, _PROPERTY))
        connection.call(
            _NAME,
            _PATH,
            "org.freedesktop.DBus.Properties",
            "Get",
            question,
            GLib.VariantType("(v)"),
            self._gio.DBusCallFlags.NONE,
            -1,
            None,
            self._answered,
        )

    def _answered(self, connection: Any, result: Any) -> None:  # noqa: ANN401 -- gi has no types
        from gi.repository import GLib

        try:
            (hosted,) = connection.call_finish(result).unpack()
        except GLib.Error:
            hosted = False
        self._hear(hosted=bool(hosted))

    def _hear(self, *, hosted: bool) -> None:
        if hosted is not self._known:
            self._known = hosted
            self._tell(hosted)
