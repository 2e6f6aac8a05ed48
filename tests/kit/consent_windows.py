"""A window room inside the test's process: the test is daemon, person and clock."""

import socket
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from signet_agent.channel.child import ChildChannel
from signet_agent.channel.desktop_messages import (
    Activity,
    Ask,
    Chosen,
    Opened,
    Painted,
    WindowAnswer,
    WindowOrder,
)
from signet_agent.channel.frames import HEADER, BodyReader, body_length, encode_frame
from signet_agent.desktop.consent_window import ConsentSession, WindowRoom
from signet_agent.desktop.widgets.consent_dialog import ConsentDialog
from signet_agent.model import Operation
from tests.kit.consents import ENTERPRISE, PIN, TokenDesk, record_of

PassTime = Callable[[float], None]
"""Moves the clock forward by so many seconds."""


class Window:
    """A window room in this process; the test is daemon, person and clock."""

    def __init__(
        self,
        application: QApplication,
        sockets: tuple[socket.socket, ChildChannel[WindowOrder]],
        pass_time: PassTime,
    ) -> None:
        self.application = application
        self.ours, channel = sockets
        self.pass_time = pass_time
        self.room = WindowRoom(application, channel)
        self.ended = False
        self.room.end = self._end  # type: ignore[method-assign] # the loop is the test's own
        self.desk = TokenDesk()
        self.room.open()

    @property
    def session(self) -> ConsentSession:
        assert self.room._session is not None
        return self.room._session

    @property
    def dialog(self) -> ConsentDialog:
        return self.session.dialog

    def send(self, order: object) -> None:
        self.ours.sendall(encode_frame(order))
        self.pump()

    def pump(self) -> None:
        for _ in range(5):
            self.application.processEvents()

    def ask(self, operation: Operation, **changes: object) -> None:
        """Show a window and let the first half second pass."""
        self.send(Ask(record_of(operation, **changes)))
        self.pass_time(1)

    def ready(self, fingerprint: str = ENTERPRISE.fingerprint) -> None:
        self.send(self.desk.ready(fingerprint))

    def answers(self) -> list[WindowAnswer]:
        """Return what the window has said since the last time."""
        self.ours.setblocking(False)
        said: list[WindowAnswer] = []
        try:
            while header := self.ours.recv(HEADER.size):
                body = self.ours.recv(body_length(header))
                answer = BodyReader[WindowAnswer](WindowAnswer).read(body)
                said.append(answer)
        except BlockingIOError:
            pass
        return said

    def words(self) -> list[WindowAnswer]:
        """Return what the window has said, without the signs of life."""
        signs = Activity | Opened | Painted | Chosen
        return [answer for answer in self.answers() if not isinstance(answer, signs)]

    def strike(self, key: Qt.Key, text: str = "") -> None:
        if text:
            for character in text:
                QTest.keyClick(self.dialog.windowHandle(), Qt.Key(ord(character)))
        else:
            QTest.keyClick(self.dialog.windowHandle(), key)
        self.pump()

    def type_pin(self, pin: str = PIN) -> None:
        self.dialog.body.questions.pin.field.setFocus()
        self.strike(Qt.Key.Key_unknown, pin)

    def press(self, button: QPushButton) -> None:
        centre = button.mapTo(self.dialog, button.rect().center())
        QTest.mouseClick(self.dialog.windowHandle(), Qt.MouseButton.LeftButton, pos=centre)
        self.pump()

    def _end(self) -> None:
        self.ended = True
