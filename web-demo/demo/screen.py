"""A screen that nobody sees, with a session of its own: display, message bus, accessibility."""

import os
import shutil
import subprocess
import tempfile
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image, ImageGrab

from demo.children import ChildProcess, start

WIDTH, HEIGHT = 1366, 900
"""A small office display; the windows must fit it."""

AT_SPI_LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")

_SESSION_VARIABLES = ("WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
"""They would lead the programs out of this session, into the person's own."""


class ScreenError(Exception):
    """A program of the session did not start."""


class Screen(AbstractContextManager["Screen"]):
    """Starts the session when entered and ends it when left.

    Attributes:
        environment: what a program needs to appear on this screen.
    """

    def __init__(self, language: str = "zh_CN.UTF-8") -> None:
        """Choose the language of the programs on the screen."""
        self.environment = {k: v for k, v in os.environ.items() if k not in _SESSION_VARIABLES}
        self.environment["LANG"] = language
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            folder = Path(tempfile.mkdtemp(prefix="signet-screen-"))
            starting.callback(shutil.rmtree, folder, ignore_errors=True)
            self._start_session(starting, folder)
            self._exits = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exits.close()

    def picture(self, file: Path) -> None:
        """Save what is on the screen as a PNG."""
        self.grab().save(file)

    def grab(self) -> Image.Image:
        """Return what is on the screen."""
        return ImageGrab.grab(xdisplay=self.environment["DISPLAY"])

    def _start_session(self, exits: ExitStack, folder: Path) -> None:
        """Start display, bus, accessibility and window manager, each when its need is there."""
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.environment |= {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            # Qt and GTK build their accessibility tree only for a reader that is already there.
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "GNOME_ACCESSIBILITY": "1",
        }
        self.environment["DISPLAY"] = ":" + self._run_and_read(
            exits,
            ["Xvfb", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"],
            "-displayfd",
            "{}",
        )
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._run_and_read(
            exits, ["dbus-daemon", "--session", "--nofork", "--nopidfile"], "--print-address={}"
        )
        self._run(exits, [str(AT_SPI_LAUNCHER), "--launch-immediately"])
        self._run(exits, ["openbox", "--sm-disable"])

    def _run(self, exits: ExitStack, command: list[str]) -> ChildProcess:
        return exits.enter_context(start(command, self.environment, output=subprocess.DEVNULL))

    def _run_and_read(self, exits: ExitStack, command: list[str], *option: str) -> str:
        """Start a program that writes one line to a descriptor when it is ready; return it.

        Raises:
            ScreenError: it ended before it was ready.
        """
        ours, theirs = os.pipe()
        words = [word.format(theirs) for word in option]
        with os.fdopen(ours) as lines:
            child = start(
                [*command, *words], self.environment, output=subprocess.DEVNULL, passed=(theirs,)
            )
            exits.enter_context(child)
            os.close(theirs)
            line = lines.readline().strip()
        if not line:
            message = f"{command[0]} did not start"
            raise ScreenError(message)
        return line
