"""Where the agent reads and writes on this machine; fixed at the start, never by a page."""

import os
import sys
import warnings
from pathlib import Path

from msgspec import Struct
from platformdirs import site_config_path, user_runtime_path, user_state_path

from signet_agent.errors import SettingsError

BASE_PORT = 17290
"""First of the plain ports; IANA has assigned none of the eight."""

TLS_BASE_PORT = 17300
"""First of the ports for wss and https, open only where trust was installed."""

PORT_COUNT = 8
"""A base and seven more: several users of one machine, and ports taken by others."""

LANGUAGES = ("zh-Hans", "en")


class Settings(Struct, frozen=True):
    """The agent's places. ``machine_policy`` tells whether IT installed the policy."""

    policy_file: Path
    machine_policy: bool
    state_dir: Path
    runtime_dir: Path
    base_port: int = BASE_PORT
    tls_base_port: int = TLS_BASE_PORT
    language: str = "zh-Hans"

    @property
    def audit_file(self) -> Path:
        """Return the log's database."""
        return self.state_dir / "audit.sqlite3"

    @property
    def tls_dir(self) -> Path:
        """Return the folder of the loopback certificate (root.pem, leaf.pem, leaf.key)."""
        return self.state_dir / "tls"

    @property
    def control_socket(self) -> Path:
        """Return the local socket by which the commands reach a running agent."""
        return self.runtime_dir / "control.sock"


def machine_policy_file() -> Path:
    """Return the one place of the machine policy; only administrators can write there."""
    if sys.platform == "linux":
        return Path("/etc/signet/policy.toml")
    return site_config_path("Signet", appauthor=False) / "policy.toml"


def read_settings(
    policy_file: Path | None = None,
    state_dir: Path | None = None,
    base_port: int | None = None,
    *,
    machine_policy: Path | None = None,
) -> Settings:
    """Return the settings for this start.

    A policy named at the start counts only where IT has installed none (decision 8).

    Raises:
        SettingsError: another policy was named although the machine has one.
    """
    installed = machine_policy or machine_policy_file()
    if policy_file is not None and installed.exists():
        message = f"this machine's policy is {installed}; another one cannot be used"
        raise SettingsError(message)
    state = state_dir or user_state_path("signet", appauthor=False)
    runtime = state if state_dir else _runtime_dir()
    base = BASE_PORT if base_port is None else base_port
    return Settings(
        policy_file=policy_file or installed,
        machine_policy=policy_file is None,
        state_dir=state,
        runtime_dir=runtime,
        base_port=base,
        tls_base_port=base + (TLS_BASE_PORT - BASE_PORT),
        language=preferred_language(os.environ),
    )


def _runtime_dir() -> Path:
    """Return this user's folder for sockets; a session without one gets a place all the same."""
    with warnings.catch_warnings():
        # platformdirs warns about a missing XDG_RUNTIME_DIR; the control socket judges its peer.
        warnings.simplefilter("ignore")
        return user_runtime_path("signet", appauthor=False)


def preferred_language(environment: "os._Environ[str] | dict[str, str]") -> str:
    """Return the window's language by the session's locale; Chinese unless it says English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return "en" if environment[variable].startswith("en") else "zh-Hans"
    return "zh-Hans"
