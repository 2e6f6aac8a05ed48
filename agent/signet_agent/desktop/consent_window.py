"""The window room: one process, one window, one consent, one answer.

It is started before it is needed and holds no page data until it is asked. Everything runs in
Qt's own loop; the channel is read when it has something, by no second thread.
"""

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication

from signet_agent.channel.child import ChildChannel, ParentGoneError
from signet_agent.channel.desktop_messages import (
    Activity,
    Ask,
    Close,
    Done,
    Opened,
    Painted,
    PinReady,
    PinRejected,
    TokenMissing,
    WindowOrder,
)
from signet_agent.desktop.application import choose_font, dress, follow_system, make_application
from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.idle_clock import IdleClock
from signet_agent.desktop.input_guard import InputGuard
from signet_agent.desktop.look import Look
from signet_agent.desktop.theme import system_palette
from signet_agent.desktop.warm_up import warm_up
from signet_agent.desktop.widgets.consent_dialog import ConsentDialog
from signet_agent.model import ConsentRecord

DONE_SHOWN_MS = {True: 2000, False: 1200}
"""How long the result stays: a signature deserves a look, a login is on its way already."""


def run_window(channel: ChildChannel[WindowOrder]) -> int:
    """Serve one consent and return the exit status.

    Ends after the answer was carried out, a refusal, ``Close``, or the daemon's end.
    """
    application = make_application()
    warm_up(application)
    room = WindowRoom(application, channel)
    room.open()
    return application.exec()


class WindowRoom:
    """Waits for the question, then carries one consent from painting to its answer."""

    def __init__(self, application: QApplication, channel: ChildChannel[WindowOrder]) -> None:
        """Take over the channel."""
        self._application = application
        self._channel = channel
        self._session: ConsentSession | None = None
        self._notifier = QSocketNotifier(channel.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._read)

    def open(self) -> None:
        """Say that a question may come."""
        self.send(Opened())

    def send(self, message: object) -> None:
        """Send a message; without a daemon there is nobody to answer, and the room ends."""
        try:
            self._channel.send(message)
        except ParentGoneError:
            self.end()

    def end(self) -> None:
        """End the room."""
        self._notifier.setEnabled(False)
        self._application.exit()

    def _read(self) -> None:
        """Take one message."""
        try:
            order = self._channel.receive()
        except ParentGoneError:
            self.end()
            return
        if isinstance(order, Close):
            self.end()
        elif isinstance(order, Ask):
            if self._session is None:
                self._session = ConsentSession(self._application, self, order.record)
        elif self._session is not None:
            self._session.take(order)


class ConsentSession:
    """One consent on the screen: joins flow, window, guard and clock."""

    def __init__(self, application: QApplication, room: WindowRoom, record: ConsentRecord) -> None:
        """Show the window of this record."""
        self._room = room
        look = Look(record.language, system_palette())
        choose_font(application, look)
        self.flow = ConsentFlow(record, room.send)
        self.clock = IdleClock(self._count_down, self._time_out, self._report_activity)
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        available = screen.availableGeometry()
        self.dialog = ConsentDialog(look, self.flow, available.size())
        dress(self.dialog, look)
        follow_system(self.dialog, look)
        self.guard = InputGuard(self.clock.touch, self.dialog.body.questions.pin.field.hasFocus)
        self._connect()
        self.dialog.reflect()
        self.dialog.move(available.center() - self.dialog.rect().center())
        self._show(application)

    def take(self, order: PinReady | PinRejected | TokenMissing | Done) -> None:
        """Take an order of the daemon."""
        earlier = self.flow.stage
        if not self.flow.take(order):
            return
        self.dialog.reflect()
        if self.flow.stage is Stage.DONE:
            QTimer.singleShot(DONE_SHOWN_MS[self.flow.record.operation.signs], self._room.end)
            return
        if earlier is Stage.WORKING:
            self.clock.start()
        if self.flow.stage not in {earlier, Stage.READY}:
            self.guard.restart()

    def _connect(self) -> None:
        dialog = self.dialog
        dialog.agreed.connect(self._agree)
        dialog.refused.connect(self._refuse)
        dialog.closed.connect(self._close)
        dialog.chosen.connect(self._choose)
        dialog.retried.connect(self._retry)
        dialog.activated.connect(self.guard.restart)
        dialog.painted.connect(self._begin)
        dialog.body.questions.pin.field.edited.connect(self.clock.touch)
        dialog.body.questions.tick.toggled.connect(self.clock.touch)

    def _show(self, application: QApplication) -> None:
        """Bring the window to the front, as far as the desktop allows it."""
        dialog = self.dialog
        dialog.winId()
        dialog.windowHandle().installEventFilter(self.guard)
        dialog.focus_first()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        application.alert(dialog)

    def _begin(self) -> None:
        """The window stands: from now on the person can answer."""
        self.guard.restart()
        self.clock.start()
        self._room.send(Painted(self.flow.record.id))
        self.flow.begin()

    def _agree(self) -> None:
        if self.guard.deaf:
            return
        questions = self.dialog.body.questions
        if self.flow.agree(questions.pin.field.take(), ticked=questions.tick.isChecked()):
            self.clock.stop()
        self.dialog.reflect()

    def _refuse(self) -> None:
        if not self.guard.deaf:
            self._close()

    def _close(self) -> None:
        """Refuse, or leave the result; an agreement that is being carried out stands."""
        if self.flow.stage is Stage.DONE or self.flow.decline():
            self._leave()

    def _choose(self, fingerprint: str) -> None:
        self.clock.touch()
        self.flow.choose(fingerprint)
        self.dialog.reflect()

    def _retry(self) -> None:
        if self.guard.deaf:
            return
        self.clock.touch()
        self.flow.retry()
        self.dialog.reflect()

    def _count_down(self, left: int) -> None:
        self.dialog.count_down(left)

    def _time_out(self) -> None:
        self.flow.decline(idle=True)
        self._leave()

    def _report_activity(self) -> None:
        self._room.send(Activity(self.flow.record.id))

    def _leave(self) -> None:
        """Wipe what was typed and end."""
        self.dialog.body.questions.pin.field.wipe()
        self.dialog.hide()
        self._room.end()
