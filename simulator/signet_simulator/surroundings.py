"""Is this a person's computer? Then the simulator does not start."""

import os
import socket
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from signet_simulator.errors import BesideAgentError, PlaceError
from signet_simulator.gate import OWN_NAME

BASE_PORT = 17290
"""First of the contract's plain ports."""

TLS_BASE_PORT = 17300
"""First of the contract's ports for wss and https; the simulator does not use them."""

PORT_COUNT = 8
"""The contract's: a base and seven more."""

_LOOPBACK = "127.0.0.1"
_ANSWER_S = 1.0
"""An agent answers a plain GET at once."""

_BACKLOG = 64
_UPGRADE = b"HTTP/1.1 426 "


@dataclass(frozen=True)
class Surroundings:
    """Where the agent would be.

    Attributes:
        policies: files of which none may exist.
        ports: first ports of the ranges in which no agent may answer.
    """

    policies: tuple[Path, ...]
    ports: tuple[int, ...]

    def require_no_agent(self) -> None:
        """Look for the agent.

        Raises:
            BesideAgentError: its policy is installed, or it runs.
        """
        for file in self.policies:
            if file.exists():
                raise BesideAgentError("policy", file=file)
        asked = [port for base in self.ports for port in range(base, base + PORT_COUNT)]
        # All at once: Windows takes two seconds to say that a port is closed.
        with ThreadPoolExecutor(len(asked)) as askers:
            for port, found in zip(asked, askers.map(is_agent, asked), strict=True):
                if found:
                    raise BesideAgentError("agent", port=port)


def usual_surroundings(base_port: int) -> Surroundings:
    """Return where the agent is on this system; it may have been given our own ports."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Signet"
    elif sys.platform == "darwin":
        folder = Path("/Library/Application Support/Signet")
    else:
        folder = Path("/etc/signet")
    return Surroundings((folder / "policy.toml",), (BASE_PORT, TLS_BASE_PORT, base_port))


def is_agent(port: int) -> bool:
    """Whether an agent answers on a port: a plain GET meets 426 everywhere in the contract.

    A simulator gives its name with it. An agent's TLS port answers the same GET by an alert, or
    not at all; it has its plain port open as well, so that one is enough.
    """
    head = f"GET / HTTP/1.1\r\nHost: {_LOOPBACK}:{port}\r\n\r\n".encode("ascii")
    try:
        with socket.create_connection((_LOOPBACK, port), timeout=_ANSWER_S) as asked:
            asked.settimeout(_ANSWER_S)
            asked.sendall(head)
            answer = b"".join(_received(asked))
    except OSError:
        return False
    return answer.startswith(_UPGRADE) and OWN_NAME.encode("ascii") not in answer


def _received(asked: socket.socket) -> Iterable[bytes]:
    """Yield what comes until the other end closes or is slow."""
    with suppress(OSError):
        while octets := asked.recv(4096):
            yield octets


def listen(base: int) -> tuple[int, list[socket.socket]]:
    """Return the first free port of eight, and its sockets on both loopback addresses.

    Raises:
        PlaceError: all eight are taken.
    """
    for port in range(base, base + PORT_COUNT):
        opened = _listen_on(port)
        if opened:
            return port, opened
    raise PlaceError("ports", first=base, last=base + PORT_COUNT - 1)


def _listen_on(port: int) -> list[socket.socket]:
    """Listen on both addresses, or on none."""
    opened: list[socket.socket] = []
    addresses = [(socket.AF_INET, _LOOPBACK)]
    if _has_ipv6():
        addresses.append((socket.AF_INET6, "::1"))
    for family, host in addresses:
        listening = socket.socket(family, socket.SOCK_STREAM)
        opened.append(listening)
        try:
            if sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((host, port))
            listening.listen(_BACKLOG)
        except OSError:
            for each in opened:
                each.close()
            return []
    return opened


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
