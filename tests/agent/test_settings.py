"""Where the agent reads and writes: the machine's policy first, and places of this user's own."""

import sys
import warnings
from pathlib import Path

import pytest

from signet_agent import settings
from signet_agent.errors import SettingsError
from signet_agent.settings import (
    BASE_PORT,
    PORT_COUNT,
    TLS_BASE_PORT,
    machine_policy_file,
    read_settings,
)

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def test_on_linux_only_administrators_can_write_where_the_policy_lies() -> None:
    assert machine_policy_file() == Path("/etc/signet/policy.toml")


def test_on_other_systems_the_policy_lies_outside_every_home(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    path = machine_policy_file()
    assert path.name == "policy.toml"
    assert path.is_absolute()
    assert not path.is_relative_to(home)


def test_without_words_the_places_are_this_users_and_the_ports_the_contracts(home: Path) -> None:
    found = read_settings(machine_policy=home / "none.toml")
    assert found.state_dir.is_relative_to(home)
    assert found.audit_file.parent == found.tls_dir.parent == found.state_dir
    assert found.control_socket.parent == found.runtime_dir
    assert (found.base_port, found.tls_base_port) == (BASE_PORT, TLS_BASE_PORT)
    assert found.machine_policy
    assert BASE_PORT + PORT_COUNT <= TLS_BASE_PORT


def test_a_session_without_a_runtime_folder_gets_a_place_without_a_warning(home: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_settings(machine_policy=home / "none.toml").runtime_dir.is_absolute()


def test_a_named_state_folder_holds_everything(home: Path) -> None:
    found = read_settings(state_dir=home / "s", base_port=2000, machine_policy=home / "none.toml")
    assert found.state_dir == found.runtime_dir == home / "s"
    assert (found.base_port, found.tls_base_port) == (2000, 2010)


def test_a_policy_named_at_the_start_counts_only_where_the_machine_has_none(home: Path) -> None:
    installed, other = home / "installed.toml", home / "other.toml"
    found = read_settings(other, machine_policy=installed)
    assert (found.policy_file, found.machine_policy) == (other, False)
    installed.write_text("")
    with pytest.raises(SettingsError, match="another one cannot be used"):
        read_settings(other, machine_policy=installed)
    found = read_settings(machine_policy=installed)
    assert (found.policy_file, found.machine_policy) == (installed, True)


def test_the_usual_machine_policy_is_looked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "machine_policy_file", lambda: home / "policy.toml")
    assert read_settings().policy_file == home / "policy.toml"
