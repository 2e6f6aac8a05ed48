"""Seccomp, tried in threads: the filter binds the thread that loads it."""

import errno
import os
import socket
import sys
from pathlib import Path

import pyseccomp
import pytest

from signet_agent.documents import system_calls
from signet_agent.documents.system_calls import SystemCallsError, load_library, restrict_calls
from tests.kit.threads import in_own_thread

pytestmark = pytest.mark.quick


def _open_inside(path: Path, flags: int) -> int:
    """Open a file behind the filter; return 0, or the number of the error."""
    restrict_calls()
    try:
        os.close(os.open(path, flags, 0o600))
    except OSError as error:
        return error.errno or -1
    return 0


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW])
def test_a_file_is_opened_for_reading(tmp_path: Path, flags: int) -> None:
    (tmp_path / "file").touch()

    assert in_own_thread(lambda: _open_inside(tmp_path / "file", flags)) == 0


@pytest.mark.parametrize(
    "flags",
    [os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_CREAT, os.O_RDONLY | os.O_TRUNC],
)
def test_a_file_is_not_opened_for_anything_else(tmp_path: Path, flags: int) -> None:
    (tmp_path / "file").write_text("kept")

    assert in_own_thread(lambda: _open_inside(tmp_path / "file", flags)) == errno.ENOSYS
    assert (tmp_path / "file").read_text() == "kept"


def test_a_file_without_a_name_is_not_opened(tmp_path: Path) -> None:
    flags = os.O_TMPFILE | os.O_RDWR

    assert in_own_thread(lambda: _open_inside(tmp_path, flags)) == errno.ENOSYS


def test_a_folder_is_opened_for_reading(tmp_path: Path) -> None:
    assert in_own_thread(lambda: _open_inside(tmp_path, os.O_RDONLY | os.O_DIRECTORY)) == 0


def test_an_open_socket_still_speaks() -> None:
    ours, theirs = socket.socketpair()

    def answer() -> bytes:
        restrict_calls()
        theirs.sendall(b"hello")
        return theirs.recv(5)

    with ours, theirs:
        ours.sendall(b"there")
        assert in_own_thread(answer) == b"there"
        assert ours.recv(5) == b"hello"


def test_a_call_that_this_architecture_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_calls, "TIME", (*system_calls.TIME, "no_such_call"))

    in_own_thread(restrict_calls)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyseccomp", None)

    with pytest.raises(SystemCallsError, match="not installed"):
        load_library()


def test_a_kernel_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(pyseccomp.SyscallFilter, "load", refuse)

    with pytest.raises(SystemCallsError, match="Invalid argument"):
        restrict_calls()
