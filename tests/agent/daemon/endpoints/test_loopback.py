"""One port on both loopback addresses, and no other program beside us on either of them."""

import socket
import sys
from collections.abc import Iterator

import pytest

from signet_agent.daemon.endpoints import loopback
from signet_agent.daemon.endpoints.loopback import Listener, listen
from signet_agent.settings import PORT_COUNT
from tests.kit.running_agent import free_base_port

pytestmark = pytest.mark.quick

ADDRESSES = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]


@pytest.fixture
def base() -> int:
    return free_base_port()


@pytest.fixture
def listener(base: int) -> Iterator[Listener]:
    opened = listen(base)
    assert opened is not None
    yield opened
    opened.close()


def test_both_addresses_listen_on_the_same_port_and_name_their_hosts(listener: Listener) -> None:
    assert [s.getsockname()[:2] for s in listener.sockets] == [
        (host, listener.port) for _, host in ADDRESSES
    ]
    port = listener.port
    assert listener.hosts == {f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"}


def test_a_program_that_allows_reuse_cannot_listen_beside_us(listener: Listener) -> None:
    for family, host in ADDRESSES:
        with socket.socket(family, socket.SOCK_STREAM) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                other.bind((host, listener.port))


@pytest.mark.parametrize(("family", "host"), ADDRESSES)
def test_a_port_of_which_one_address_is_taken_is_skipped_whole(
    family: socket.AddressFamily, host: str
) -> None:
    with socket.create_server((host, 0), family=family) as other:
        base = other.getsockname()[1]
        listener = listen(base)
        assert listener is not None
        listener.close()
        assert base < listener.port < base + PORT_COUNT
    # The half that was free has been let go of.
    with socket.create_server(("127.0.0.1", base)):
        pass


def test_the_ipv6_address_takes_no_ipv4_connections(listener: Listener) -> None:
    assert listener.sockets[1].getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1


def test_a_system_without_ipv6_listens_on_the_other_address_alone(
    base: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = 255
    monkeypatch.setattr(socket, "AF_INET6", unknown)
    listener = listen(base)
    assert listener is not None
    with listener.sockets[0]:
        assert [s.family for s in listener.sockets] == [socket.AF_INET]


def test_windows_is_told_that_the_port_is_exclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int, int]] = []

    class Listening(socket.socket):
        def setsockopt(self, *option: int) -> None:  # type: ignore[override]  # numbers only
            told.append(option)  # type: ignore[arg-type]  # always three

    monkeypatch.setattr(sys, "platform", "win32")
    with Listening(socket.AF_INET, socket.SOCK_STREAM) as listening:
        loopback._make_exclusive(listening)
    so_exclusiveaddruse = ~4
    assert told == [(socket.SOL_SOCKET, so_exclusiveaddruse, 1)]
