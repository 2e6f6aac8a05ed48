"""A tray host on a real session bus, and none."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbus_fast import RequestNameReply
from dbus_fast.aio import MessageBus

from signet_agent.doctor.base import Status
from signet_agent.doctor.tray import TRAY_HOST, TrayCheck
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


@pytest.fixture
def bus_address() -> Iterator[str]:
    """Start a session bus of our own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bus:
        assert bus.stdout is not None
        yield bus.stdout.readline().strip()
        bus.terminate()


async def test_a_tray_host_is_found(spoil: Spoil, bus_address: str) -> None:
    bus = await MessageBus(bus_address=bus_address).connect()
    assert await bus.request_name(TRAY_HOST) is RequestNameReply.PRIMARY_OWNER
    environment = {"PATH": "/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": bus_address}

    finding = TrayCheck().run(spoil(environment=environment))
    bus.disconnect()

    assert finding.status is Status.OK


def test_a_desktop_without_a_tray_is_told_with_the_command(spoil: Spoil, bus_address: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": bus_address}

    finding = TrayCheck().run(spoil(environment=environment))

    assert finding.status is Status.NOTICE
    assert finding.detail == f"nobody owns {TRAY_HOST}"
    assert finding.cure is not None
    assert "signet status" in finding.cure.zh


def test_a_bus_that_does_not_answer_is_told(spoil: Spoil, tmp_path: Path) -> None:
    address = f"unix:path={tmp_path / 'nobody'}"

    finding = TrayCheck().run(
        spoil(environment={"PATH": "/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": address})
    )

    assert finding.status is Status.NOTICE
    assert "nobody" in finding.detail


@pytest.mark.parametrize(
    ("environment", "detail"),
    [
        ({"PATH": "/usr/bin:/bin"}, "no session bus"),
        ({"PATH": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere"}, "dbus-send is not installed"),
    ],
)
def test_without_bus_or_tool_the_reason_is_told(
    spoil: Spoil, environment: dict[str, str], detail: str
) -> None:
    finding = TrayCheck().run(spoil(environment=environment))

    assert (finding.status, finding.detail) == (Status.NOTICE, detail)


def test_a_tool_that_cannot_be_run_is_told(spoil: Spoil, tmp_path: Path) -> None:
    tool = tmp_path / "dbus-send"
    tool.write_text("no program")
    tool.chmod(0o755)
    environment = {"PATH": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}

    finding = TrayCheck().run(spoil(environment=environment))

    assert finding.status is Status.NOTICE
    assert "dbus-send" in finding.detail
