"""Listening on loopback: one port on 127.0.0.1 and ::1 together, exclusively, or the next one."""

import contextlib
import socket
import sys

from msgspec import Struct

from signet_agent.settings import PORT_COUNT

_BACKLOG = 64
"""Connections the kernel may hold for us; browsers open a few at a time."""

_SO_EXCLUSIVEADDRUSE = -5
"""Windows: ~SO_REUSEADDR, so that no other program can bind over us (winsock2.h)."""


class Listener(Struct, frozen=True):
    """A port and its listening sockets: IPv4, and IPv6 where the system has it."""

    port: int
    sockets: tuple[socket.socket, ...]

    @property
    def hosts(self) -> frozenset[str]:
        """Return the exact Host literals that mean this port."""
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def close(self) -> None:
        """Stop listening."""
        for listening in self.sockets:
            listening.close()


def listen(base_port: int) -> Listener | None:
    """Return a listener on the first free of eight ports, or ``None`` when all are taken.

    A port of which either address is taken is skipped whole: otherwise another user's program
    could answer half of the browser's attempts.
    """
    for port in range(base_port, base_port + PORT_COUNT):
        listener = _listen_on(port)
        if listener is not None:
            return listener
    return None


def _listen_on(port: int) -> Listener | None:
    opened: list[socket.socket] = []
    with contextlib.ExitStack() as undo:
        addresses = [(socket.AF_INET, "127.0.0.1")]
        if _has_ipv6():
            addresses.append((socket.AF_INET6, "::1"))
        for family, host in addresses:
            listening = socket.socket(family, socket.SOCK_STREAM)
            undo.callback(listening.close)
            listening.settimeout(0)
            _make_exclusive(listening)
            try:
                listening.bind((host, port))
                listening.listen(_BACKLOG)
            except OSError:
                return None
            opened.append(listening)
        undo.pop_all()
    return Listener(port, tuple(opened))


def _make_exclusive(listening: socket.socket) -> None:
    if sys.platform == "win32":
        listening.setsockopt(socket.SOL_SOCKET, _SO_EXCLUSIVEADDRUSE, 1)
    else:
        # On Linux this only skips waiting for old connections; a second listener still fails.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if listening.family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def _has_ipv6() -> bool:
    """Whether this system has the IPv6 loopback address at all."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
