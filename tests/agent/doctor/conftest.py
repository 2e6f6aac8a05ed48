"""Surroundings in which nothing is wrong; each test spoils one thing."""

import random
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from signet_agent.doctor.surroundings import (
    KeyPlace,
    Layer,
    PolicyView,
    Ports,
    Surroundings,
    TrustView,
)

NOW = 1_795_000_000


Spoil = Callable[..., Surroundings]
"""Returns the good surroundings with the named parts replaced."""

QUIET_RANGE = range(20_000, 32_000)
"""Below the ports that the kernel hands to outgoing connections, so that they stay free."""


def free_ports(count: int) -> tuple[int, ...]:
    """Return ports on which nobody listens."""
    candidates = random.sample(QUIET_RANGE, 8 * count)
    return tuple([port for port in candidates if _is_free(port)][:count])


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
        socket.create_server(("::1", port), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "etc" / "policy.toml"
    path.parent.mkdir(mode=0o755)
    path.write_text("version = 1\n")
    path.chmod(0o644)
    return path


@pytest.fixture
def spoil(tmp_path: Path, policy_file: Path) -> Spoil:
    driver = tmp_path / "driver.so"
    driver.write_bytes(b"")
    driver.chmod(0o644)
    ports = free_ports(16)
    good = Surroundings(
        policy=PolicyView(
            policy_file, machine=True, sites=3, keys=(KeyPlace("softhsm", "pkcs11", driver),)
        ),
        audit_file=tmp_path / "state" / "audit.sqlite3",
        ports=Ports(plain=ports[:8], tls=ports[8:]),
        trust=TrustView(),
        layers=(Layer("limits", holds=True), Layer("files", holds=True)),
        environment={"PATH": "/usr/bin:/bin", "WAYLAND_DISPLAY": "wayland-0"},
        now=NOW,
        font_folders=(tmp_path / "fonts",),
    )

    def replaced(**parts: object) -> Surroundings:
        return msgspec.structs.replace(good, **parts)

    return replaced
