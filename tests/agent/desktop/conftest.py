"""A Qt application without a screen, in which a fault inside a slot fails the test."""

import os
import socket
import sys
from collections.abc import Iterator
from types import TracebackType

import pytest
from PySide6.QtWidgets import QApplication

from signet_agent.channel.child import ChildChannel
from signet_agent.channel.desktop_messages import WindowOrder

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(scope="session")
def _application() -> QApplication:
    from signet_agent.desktop.application import make_application

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
