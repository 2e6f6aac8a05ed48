"""Giving orders to the robot, which runs under the distribution's Python."""

import json
import re
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from demo.children import TIED

SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian's own: GObject introspection is built for it, not for a virtual environment."""

PATIENCE_S = 30.0
"""How long a person would wait for a page before calling it broken."""

PRESSES = 3
"""How often a person would press a button that does nothing."""


class RobotError(Exception):
    """Something was not on the screen, or did not react."""


@dataclass(frozen=True)
class Thing:
    """Something on the screen: the program it belongs to, its role, and its name.

    Roles are AT-SPI's: ``push button``, ``link``, ``password text``, ``check box``. The name is the
    whole one, or a part of it where ``part`` says so.
    """

    application: str
    role: str
    name: str
    part: bool = False

    def order(self, do: str, seconds: float, **more: str) -> dict[str, Any]:
        """Return the order to do something with this thing."""
        quoted = re.escape(self.name)
        pattern = quoted if self.part else f"^{quoted}$"
        return {
            "do": do,
            "app": self.application,
            "role": self.role,
            "name": pattern,
            "seconds": seconds,
            **more,
        }


class Robot(AbstractContextManager["Robot"]):
    """One robot on one screen."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it with the environment of its screen."""
        self._process = subprocess.Popen(  # noqa: S603 -- a script of ours by its full path
            [*TIED, SYSTEM_PYTHON, "-I", str(Path(__file__).with_name("robot.py"))],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def find(self, thing: Thing, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """Wait for a thing; return its name, text, states and box.

        Raises:
            RobotError: it did not come in time. So for every order below.
        """
        found = self._do(thing.order("find", seconds))
        return dict(found)

    def sees(self, thing: Thing) -> bool:
        """Whether a thing is on the screen now."""
        try:
            self.find(thing, seconds=0)
        except RobotError:
            return False
        return True

    def press(self, thing: Thing, seconds: float = PATIENCE_S) -> None:
        """Wait until a thing can be pressed, and press it."""
        self._do(thing.order("press", seconds))

    def press_until(self, thing: Thing, sign: Thing, seconds: float) -> None:
        """Press a thing, again where no sign of it came within ``seconds``.

        A page's button can be seen a moment before its script listens to it.
        """
        for _ in range(PRESSES - 1):
            self.press(thing)
            try:
                self.find(sign, seconds)
            except RobotError:
                continue
            return
        self.press(thing)
        self.find(sign)

    def type(self, thing: Thing, text: str, seconds: float = PATIENCE_S) -> None:
        """Put a text into a field."""
        self._do(thing.order("type", seconds, text=text))

    def wait_gone(self, thing: Thing, seconds: float = PATIENCE_S) -> None:
        """Wait until a thing is no longer on the screen."""
        self._do(thing.order("gone", seconds))

    def texts(self, application: str) -> list[str]:
        """Return everything a program shows, in reading order."""
        return list(self._do({"do": "texts", "app": application}))

    def roles(self, application: str) -> list[tuple[str, str]]:
        """Return role and name of everything a program shows."""
        return [(role, name) for role, name in self._do({"do": "roles", "app": application})]

    def _do(self, order: dict[str, Any]) -> Any:  # noqa: ANN401 -- the robot's JSON
        writer, reader = self._process.stdin, self._process.stdout
        if writer is None or reader is None:
            message = "the robot has no pipes"
            raise RobotError(message)
        try:
            writer.write(json.dumps(order) + "\n")
            writer.flush()
        except BrokenPipeError as error:
            message = "the robot is gone"
            raise RobotError(message) from error
        line = reader.readline()
        answer = json.loads(line) if line else {"error": "the robot ended"}
        if "error" in answer:
            raise RobotError(answer["error"])
        return answer["ok"]
