"""The first act of every room: bound to the daemon's life, and shut to others."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from signet_agent.channel.child import ParentGoneError, tie_to_parent

pytestmark = pytest.mark.quick

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4

LIBC = ctypes.CDLL(None, use_errno=True)


def bond() -> tuple[int, bool]:
    """Return which signal the parent's end brings us, and whether others may read our memory."""
    number = ctypes.c_int()
    LIBC.prctl(PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0)
    return number.value, LIBC.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1


@pytest.fixture(autouse=True)
def before() -> Iterator[tuple[int, bool]]:
    """Make this process as free afterwards as it was."""
    number, readable = bond()
    yield number, readable
    LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    LIBC.prctl(PR_SET_DUMPABLE, int(readable), 0, 0, 0)


def test_a_room_dies_with_its_daemon_and_keeps_its_memory_to_itself() -> None:
    tie_to_parent(os.getppid())
    assert bond() == (signal.SIGKILL, False)


def test_a_room_whose_daemon_is_gone_already_does_not_go_on() -> None:
    with pytest.raises(ParentGoneError):
        tie_to_parent(os.getppid() + 1)


def test_another_system_has_no_such_bond(
    before: tuple[int, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    tie_to_parent(os.getppid() + 1)
    assert bond() == before
