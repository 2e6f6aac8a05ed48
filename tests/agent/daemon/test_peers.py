"""The kernel tells whose program is at the other end; unknown, gone or another's is no."""

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from signet_agent.daemon import peers
from signet_agent.daemon.peers import is_own_user, uid_of_peer

pytestmark = pytest.mark.quick

NOBODY = 65534
"""The user without rights (systemd's and Debian's “nobody”); becoming it needs root's rights."""

CONNECT = 'exec 3<>"/dev/tcp/$0/$1"; read -r'
"""Connect, and wait until told to end."""

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(params=["127.0.0.1", "::1"])
def listening(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as server:
        server.settimeout(10)
        yield server


@pytest.fixture
def pair(listening: socket.socket) -> Iterator[Pair]:
    """Return a page's end, and ours."""
    with closing(socket.create_connection(listening.getsockname()[:2])) as page:
        ours, _ = listening.accept()
        with ours:
            yield page, ours


def test_a_connection_of_this_user_is_known_by_its_user_id(pair: Pair) -> None:
    _, ours = pair
    assert uid_of_peer(ours) == os.getuid()
    assert is_own_user(ours)


def test_another_users_connection_is_known_as_theirs_and_refused(
    listening: socket.socket,
) -> None:
    host, port = listening.getsockname()[:2]
    words = ["bash", "-c", CONNECT, host, str(port)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, user=NOBODY, cwd=Path("/")) as other:
        ours, _ = listening.accept()
        with ours:
            assert uid_of_peer(ours) == NOBODY
            assert not is_own_user(ours)
            other.communicate()
            # Nobody holds it any more, and the kernel would say that it is root's.
            assert uid_of_peer(ours) is None
            assert not is_own_user(ours)


def test_a_page_that_only_stopped_writing_is_still_there(pair: Pair) -> None:
    page, ours = pair
    page.shutdown(socket.SHUT_WR)
    assert is_own_user(ours)


def test_a_connection_that_was_closed_belongs_to_nobody(pair: Pair) -> None:
    page, ours = pair
    page.sendall(b"GET /v1 HTTP/1.1\r\n")
    page.close()
    assert uid_of_peer(ours) is None
    assert not is_own_user(ours)


def test_a_connection_that_was_reset_cannot_be_asked_about(pair: Pair) -> None:
    page, ours = pair
    page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    page.close()
    with pytest.raises(OSError, match="not connected"):
        uid_of_peer(ours)


def test_addresses_without_a_connection_are_nobodys() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.connect(("127.0.0.1", 9))
        assert uid_of_peer(ours) is None


def test_a_kernel_that_cannot_be_asked_means_no(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ours = pair
    monkeypatch.setattr(peers, "_NETLINK_SOCK_DIAG", 99)
    assert uid_of_peer(ours) is None
    assert not is_own_user(ours)


def test_other_systems_leave_it_to_the_consent_window(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ours = pair
    monkeypatch.setattr(sys, "platform", "darwin")
    assert is_own_user(ours)
