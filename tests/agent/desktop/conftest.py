"""A Qt application without a screen, in which a fault inside a slot fails the test."""

import socket
import sys
from collections.abc import Iterator
from types import TracebackType

import pytest
from PySide6.QtWidgets import QApplication

from signet_agent.channel.child import ChildChannel
from signet_agent.channel.desktop_messages import WindowOrder
from signet_agent.desktop import idle_clock, input_guard
from signet_agent.desktop.application import make_application
from tests.kit.consent_windows import PassTime, Window


@pytest.fixture(scope="session")
def _application() -> QApplication:
    with pytest.MonkeyPatch.context() as patch:
        # For this application alone: other tests start windows on screens.
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        patch.setattr(sys, "excepthook", sys.excepthook)
        return make_application()


@pytest.fixture
def application(_application: QApplication) -> Iterator[QApplication]:
    """The application of this process; what fails inside Qt fails the test."""
    faults: list[BaseException] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        faults.append(error.with_traceback(trace))

    kept, sys.excepthook = sys.excepthook, note
    yield _application
    _application.processEvents()
    sys.excepthook = kept
    for fault in faults:
        raise fault


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, ChildChannel[WindowOrder]]]:
    """The daemon's end of a channel, and the window's."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    with ours, theirs:
        yield ours, ChildChannel(theirs, WindowOrder)


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> PassTime:
    now = [100.0]

    def forward(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(input_guard, "monotonic", lambda: now[0])
    monkeypatch.setattr(idle_clock, "monotonic", lambda: now[0])
    return forward


@pytest.fixture
def window(
    application: QApplication,
    sockets: tuple[socket.socket, ChildChannel[WindowOrder]],
    pass_time: PassTime,
) -> Iterator[Window]:
    opened = Window(application, sockets, pass_time)
    yield opened
    opened.room._notifier.setEnabled(False)
    if opened.room._session is not None:
        opened.session.clock.stop()
        opened.dialog.hide()
        opened.dialog.deleteLater()
