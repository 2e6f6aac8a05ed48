"""A desktop of its own for a test: virtual screen, session bus, accessibility bus, window manager.

Nothing has a fixed number or place: Xvfb picks its display, the buses their sockets, and home and
runtime folders are temporary. Everything started here ends here.
"""

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ImageGrab

START_S = 20.0
"""A loaded machine with two cores needs seconds for the four programs; more is a fault."""

END_S = 5.0

SIZE = "1366x768x24"
"""The smallest common screen of the offices; windows must fit it."""

_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")


class ScreenError(Exception):
    """A program of the desktop is missing or did not start."""


@dataclass(frozen=True)
class Screen:
    """A running desktop; ``environment`` is all a program needs to appear on it."""

    environment: dict[str, str]
    home: Path
    _programs: ExitStack = field(repr=False)

    @property
    def display(self) -> str:
        """The X display."""
        return self.environment["DISPLAY"]

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; it ends with the desktop at the latest."""
        return _start(self._programs, command, self.environment)

    def screenshot(self, target: Path) -> Path:
        """Write the whole screen as a PNG."""
        ImageGrab.grab(xdisplay=self.display).save(target)
        return target


@contextmanager
def virtual_screen(size: str = SIZE, *, window_manager: bool = True) -> Iterator[Screen]:
    """Run a desktop for as long as the block lasts.

    Raises:
        ScreenError: a program is missing or did not start.
    """
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signet-screen-")))
        screen = Screen(_environment(home), home, stack)
        _start_x(screen, size)
        _start_bus(screen)
        launcher = next((path for path in _LAUNCHERS if Path(path).exists()), None)
        if launcher is None:
            message = "at-spi-bus-launcher is missing: install at-spi2-core"
            raise ScreenError(message)
        screen.start(launcher, "--launch-immediately")
        if window_manager:
            screen.start(_tool("openbox"))
            _wait_for_window_manager(screen)
        yield screen


def _environment(home: Path) -> dict[str, str]:
    """Return a bare environment: nothing of the person's own desktop leaks in."""
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(runtime),
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "GNOME_ACCESSIBILITY": "1",
    }


def _start_x(screen: Screen, size: str) -> None:
    """Start the X server on a display that it picks itself."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as numbers:
        command = (_tool("Xvfb"), "-displayfd", str(writing), "-screen", "0", size)
        _start(
            screen._programs,
            (*command, "-nolisten", "tcp", "-noreset"),
            screen.environment,
            (writing,),
        )
        os.close(writing)
        ready, _, _ = select.select([numbers], [], [], START_S)
        number = numbers.readline().decode().strip() if ready else ""
    if not number:
        message = "Xvfb did not start"
        raise ScreenError(message)
    screen.environment["DISPLAY"] = f":{number}"


def _start_bus(screen: Screen) -> None:
    """Start a session bus and learn its address."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as addresses:
        command = (_tool("dbus-daemon"), "--session", "--nofork", f"--print-address={writing}")
        _start(screen._programs, command, screen.environment, (writing,))
        os.close(writing)
        ready, _, _ = select.select([addresses], [], [], START_S)
        address = addresses.readline().decode().strip() if ready else ""
    if not address:
        message = "dbus-daemon did not start"
        raise ScreenError(message)
    screen.environment["DBUS_SESSION_BUS_ADDRESS"] = address


def _wait_for_window_manager(screen: Screen) -> None:
    """Wait until a window manager has announced itself (EWMH, _NET_SUPPORTING_WM_CHECK)."""
    command = [_tool("xprop"), "-root", "_NET_SUPPORTING_WM_CHECK"]
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        answer = subprocess.run(command, env=screen.environment, capture_output=True, check=False)
        if b"window id" in answer.stdout:
            return
        time.sleep(0.05)
    message = "openbox did not start"
    raise ScreenError(message)


def _start(
    stack: ExitStack,
    command: tuple[str, ...],
    environment: dict[str, str],
    descriptors: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, to be ended with all that it starts."""
    program = subprocess.Popen(
        command,
        env=environment,
        pass_fds=descriptors,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(_end, program)
    return program


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program and everything in its session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(program.pid, sign)
            program.wait(END_S)
        except ProcessLookupError:
            program.wait(END_S)
            return
        except subprocess.TimeoutExpired:
            continue


def _tool(name: str) -> str:
    """Return the path of a program.

    Raises:
        ScreenError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        message = f"{name} is missing"
        raise ScreenError(message)
    return path
