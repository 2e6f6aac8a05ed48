"""Does this desktop show tray icons? Without them the status window opens by the command."""

import shutil
import subprocess

from signet_agent.doctor.base import Finding, Words, notice, ok
from signet_agent.doctor.surroundings import Surroundings

TRAY_HOST = "org.kde.StatusNotifierWatcher"
"""The bus name that every tray host takes (freedesktop.org, StatusNotifierItem)."""

_DEADLINE_S = 5
"""The bus answers in a millisecond; a broken one should not hold the doctor up."""

_BUS_VARIABLES = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")

_HERE = Words("桌面有托盘。", "The desktop has a tray.")
_NONE = Words(
    "桌面没有托盘，看不到图标；签名不受影响。",
    "The desktop shows no tray icons; signing is not affected.",
)
_USE_COMMAND = Words(
    "需要时运行 signet status 打开状态窗口。",
    "Run signet status to open the status window.",
)


class TrayCheck:
    """A tray host on the session's bus."""

    id = "tray"
    title = Words("托盘", "Tray")

    def run(self, surroundings: Surroundings) -> Finding:
        """Ask the session's bus for a tray host."""
        environment = surroundings.environment
        bus = {name: environment[name] for name in _BUS_VARIABLES if name in environment}
        answer = _ask(bus, environment.get("PATH")) if bus else "no session bus"
        if answer == "":
            return ok(self, _HERE)
        return notice(self, _NONE, _USE_COMMAND, answer)


def _ask(bus: dict[str, str], path: str | None) -> str:
    """Return why there is no tray host, or nothing when there is one."""
    tool = shutil.which("dbus-send", path=path)
    if tool is None:
        return "dbus-send is not installed"
    question = (
        *("--session", "--print-reply=literal", "--dest=org.freedesktop.DBus"),
        *("/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", f"string:{TRAY_HOST}"),
    )
    try:
        answered = subprocess.run(  # noqa: S603 -- a fixed tool with fixed arguments
            [tool, *question], capture_output=True, timeout=_DEADLINE_S, check=False, env=bus
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    if answered.returncode != 0:
        return " ".join(answered.stderr.decode("utf-8", "replace").split())
    return "" if b"boolean true" in answered.stdout else f"nobody owns {TRAY_HOST}"
