"""The verification service's unit, judged by systemd itself, without one that runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.source import TOP

FOLDER = TOP / "installers/linux"
UNIT = FOLDER / "signet-verify-service@.service"
PROGRAM = "/opt/signet/bin/signet-verify-service"

MAX_EXPOSURE = 13
"""Of a hundred; systemd calls what is below 20 OK, and network and sockets are needed."""


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """An instance of the unit whose program is there; systemd looks for it."""
    program = shutil.which("true")
    assert program
    file = tmp_path / "signet-verify-service@1.service"
    file.write_text(UNIT.read_text("utf-8").replace(PROGRAM, program), "utf-8")
    return file


def analyse(*words: str) -> "subprocess.CompletedProcess[str]":
    command = ["systemd-analyze", "--no-pager", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemd_has_nothing_to_say_against_the_unit(instance: Path) -> None:
    done = analyse("verify", str(instance))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_mistake_in_a_unit_is_found(instance: Path) -> None:
    instance.write_text(instance.read_text("utf-8").replace("ProtectHome", "ProtectHouse"), "utf-8")
    assert "ProtectHouse" in analyse("verify", str(instance)).stderr


def test_the_unit_exposes_little(instance: Path) -> None:
    words = ("security", "--offline=yes", f"--threshold={MAX_EXPOSURE}", str(instance))
    done = analyse(*words)
    assert done.returncode == 0, done.stdout
    text = instance.read_text("utf-8")
    instance.write_text(text.replace("ProtectSystem=strict\n", ""), "utf-8")
    with instance.open("a") as unit:
        unit.write("[Service]\nPrivateUsers=no\n")
    assert analyse(*words).returncode == 1


def test_the_unit_starts_the_command_on_a_socket_of_its_group() -> None:
    lines = UNIT.read_text("utf-8").splitlines()
    assert "Group=signet-verify-clients" in lines
    assert "g signet-verify-clients -" in (FOLDER / "signet-verify-service.sysusers").read_text()
    (start,) = [line for line in lines if line.startswith("ExecStart=")]
    assert start.split() == [
        f"ExecStart={PROGRAM}",
        *("--config", "/etc/signet/verification.toml"),
        *("--listen", "unix:/run/signet-verify/%i/service.sock"),
    ]
