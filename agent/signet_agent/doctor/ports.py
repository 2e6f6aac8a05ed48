"""Which of the agent's ports are free, taken, or its own?"""

import errno
import socket
from collections.abc import Iterable

from signet_agent.doctor.base import Finding, Words, notice, ok, problem
from signet_agent.doctor.surroundings import Surroundings

_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))

_ALL_TAKEN = Words(
    "签章助手的端口都被别的程序占用，网页找不到它。",
    "Other programs hold all ports of the agent; pages cannot find it.",
)
_TLS_TAKEN = Words(
    "加密连接的端口都被占用；普通连接正常。",
    "All TLS ports are taken; the plain connection works.",
)
_WHO_HOLDS = Words(
    "请管理员运行 ss -ltnp 查看是哪个程序。",
    "IT runs ss -ltnp to see which programs hold them.",
)
_SOME_TAKEN = Words(
    "端口 {ports} 被别的程序占用，改用后面的端口。",
    "Another program holds {ports}; the next free port serves instead.",
)
_PERHAPS_A_NEIGHBOUR = Words(
    "如果是另一位用户的签章助手，不用处理；不认识的程序请管理员查看。",
    "Nothing to do if it is another user's Signet; otherwise let IT look.",
)
_SERVING = Words("正在使用端口 {ports}。", "Listening on {ports}.")
_FREE = Words("从 {first} 起的端口都空着。", "The ports from {first} up are free.")


class PortsCheck:
    """The eight plain ports, and the eight for TLS where trust was installed."""

    id = "ports"
    title = Words("端口", "Ports")

    def run(self, surroundings: Surroundings) -> Finding:
        """Try each port that is not the running agent's own."""
        ports = surroundings.ports
        plain = _taken(ports.plain, ports.own)
        if len(plain) == len(ports.plain):
            return problem(self, _ALL_TAKEN, _WHO_HOLDS, _listed(plain))
        tls = _taken(ports.tls, ports.own) if surroundings.trust.certificate == "usable" else ()
        if tls and len(tls) == len(ports.tls):
            return notice(self, _TLS_TAKEN, _WHO_HOLDS, _listed(tls))
        if plain or tls:
            sentence = _SOME_TAKEN.filled(ports=_listed(plain + tls))
            return notice(self, sentence, _PERHAPS_A_NEIGHBOUR)
        if ports.own:
            return ok(self, _SERVING.filled(ports=_listed(sorted(ports.own))))
        return ok(self, _FREE.filled(first=ports.plain[0]))


def _taken(ports: Iterable[int], own: frozenset[int]) -> tuple[int, ...]:
    """Return the ports that other programs hold on either loopback address."""
    return tuple(
        port
        for port in ports
        if port not in own and any(_is_held(family, host, port) for family, host in _LOOPBACK)
    )


def _is_held(family: socket.AddressFamily, host: str, port: int) -> bool:
    """Whether somebody listens: a second listener is refused. A system without IPv6 holds none."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            # As the agent binds: only a listener counts, not a connection that just ended.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            trial.bind((host, port))
            trial.listen(1)
    except OSError as error:
        return error.errno in {errno.EADDRINUSE, errno.EACCES}
    return False


def _listed(ports: Iterable[int]) -> str:
    return ", ".join(str(port) for port in ports)
