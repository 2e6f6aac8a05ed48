"""The status room: what the agent is doing, for desktops with a tray and for those without.

It shows views as they come and sends back a word; it ends when its window is closed, on
``Close``, or with the daemon.
"""

from PySide6.QtCore import QEvent, QObject, QSocketNotifier
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from signet_agent.channel.child import ChildChannel, ParentGoneError
from signet_agent.channel.desktop_messages import Act, AgentView, Opened, Raise, ViewOrder
from signet_agent.desktop.application import choose_font, dress, follow_system, make_application
from signet_agent.desktop.look import Look
from signet_agent.desktop.theme import system_palette
from signet_agent.desktop.widgets.status_frame import StatusFrame


def run_status(channel: ChildChannel[ViewOrder]) -> int:
    """Show the status window until it is closed and return the exit status."""
    application = make_application()
    room = StatusRoom(application, channel)
    room.open()
    return application.exec()


class StatusRoom(QObject):
    """Waits for views and shows them; the window appears with the first."""

    def __init__(self, application: QApplication, channel: ChildChannel[ViewOrder]) -> None:
        """Take over the channel."""
        super().__init__()
        self._application = application
        self._channel = channel
        self.frame: StatusFrame | None = None
        self._notifier = QSocketNotifier(channel.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._read)

    def open(self) -> None:
        """Say that views may come."""
        self._send(Opened())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """End with the window."""
        if event.type() == QEvent.Type.Close:
            self._end()
        return False

    def _read(self) -> None:
        """Take one message."""
        try:
            order = self._channel.receive()
        except ParentGoneError:
            self._end()
            return
        if isinstance(order, AgentView):
            self._show(order)
        elif isinstance(order, Raise):
            self._raise()
        else:
            self._end()

    def _show(self, view: AgentView) -> None:
        if self.frame is None:
            look = Look(view.language, system_palette())
            choose_font(self._application, look)
            screen = QGuiApplication.primaryScreen().availableGeometry()
            self.frame = StatusFrame(look, screen.size())
            self.frame.paused.connect(self._pause)
            self.frame.resumed.connect(self._resume)
            self.frame.installEventFilter(self)
            self.frame.show_view(view)
            dress(self.frame, look)
            follow_system(self.frame, look)
            self._raise()
        self.frame.show_view(view)

    def _raise(self) -> None:
        """Bring the window to the front, as far as the desktop allows it."""
        if self.frame is None:
            return
        self.frame.showNormal()
        self.frame.raise_()
        self.frame.activateWindow()
        self._application.alert(self.frame)

    def _pause(self) -> None:
        self._send(Act("pause"))

    def _resume(self) -> None:
        self._send(Act("resume"))

    def _send(self, message: object) -> None:
        """Send a message; without a daemon there is nothing to show, and the room ends."""
        try:
            self._channel.send(message)
        except ParentGoneError:
            self._end()

    def _end(self) -> None:
        self._notifier.setEnabled(False)
        self._application.exit()
