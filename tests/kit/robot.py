"""A person by robot: finds, presses and types in real windows, through the accessibility tree.

The reading and pressing is done by ``accessibility.py`` under the distribution's interpreter;
this half runs in any test. It waits for what it looks for, and says what was there instead.
"""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

INTERPRETER = "/usr/bin/python3"
"""Debian's own: ``python3-gi`` and ``gir1.2-atspi-2.0`` belong to it."""

PATIENCE_S = 15.0
POLL_S = 0.05

KEYSYMS = {
    "Return": 0xFF0D,
    "Escape": 0xFF1B,
    "Tab": 0xFF09,
    "BackSpace": 0xFF08,
    "Down": 0xFF54,
    "space": 0x20,
    "F4": 0xFFC1,
}
"""X keysyms of the keys that are no characters (X11, keysymdef.h)."""


KEYCODES = {"Alt": 64}
"""Keys that are held are given by their place on the keyboard (evdev code plus eight)."""


class RobotError(AssertionError):
    """Something was not on the screen, or did not do what it should."""


@dataclass(frozen=True)
class Node:
    """Something on the screen."""

    robot: "Robot"
    number: int
    role: str
    name: str
    description: str
    states: tuple[str, ...]

    @property
    def enabled(self) -> bool:
        """Whether it can be used."""
        return "sensitive" in self.states

    def has(self, state: str) -> bool:
        """Whether it is in a state, such as ``focused``."""
        return state in self.states

    def press(self) -> None:
        """Press it by its accessible action."""
        self.robot.order("press", node=self.number)

    def write(self, text: str) -> None:
        """Set its text, as assistive technology does."""
        self.robot.order("write", node=self.number, text=text)

    def again(self) -> "Node":
        """Return it as it is now."""
        answer = self.robot.order("read", node=self.number)
        return self.robot.node(self.number, answer)

    def text(self) -> str:
        """Return its text."""
        return str(self.robot.order("read", node=self.number)["text"])

    def middle(self) -> tuple[int, int]:
        """Return the point of the screen in its middle."""
        area = self.robot.order("place", node=self.number)
        return area["x"] + area["width"] // 2, area["y"] + area["height"] // 2

    def click(self) -> None:
        """Click into its middle with the mouse."""
        self.robot.click(*self.middle())


class Robot:
    """Drives the windows of one screen."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Use the screen and buses of this environment."""
        script = Path(__file__).with_name("accessibility.py")
        self._hand = subprocess.Popen(
            [INTERPRETER, str(script)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hand.kill()
        self._hand.communicate()

    def order(self, do: str, **what: object) -> dict[str, Any]:
        """Send one order and return its answer.

        Raises:
            RobotError: the order could not be carried out.
        """
        if self._hand.stdin is None or self._hand.stdout is None:
            raise RobotError(do)
        self._hand.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._hand.stdin.flush()
        line = self._hand.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the hand ended"}
        if "error" in answer:
            message = f"{do}: {answer['error']}"
            raise RobotError(message)
        return answer

    def node(self, number: int, answer: dict[str, Any]) -> Node:
        """Return a node from an answer that describes it."""
        fields = (answer["role"], answer["name"], answer["description"], tuple(answer["states"]))
        return Node(self, number, *fields)

    def look(self, application: str, **what: str) -> Node | None:
        """Return what is there at this moment: by ``role``, ``name`` or ``part`` of the name."""
        try:
            answer = self.order("find", application=application, **what)
        except RobotError:
            return None  # the tree changed while it was read
        return None if answer["node"] is None else self.node(answer["node"], answer)

    def find(
        self, application: str, *, enabled: bool = False, patience: float = PATIENCE_S, **what: str
    ) -> Node:
        """Wait for something to be on the screen, and to be usable where ``enabled`` is asked.

        Raises:
            RobotError: it did not come; the error lists what was there.
        """
        end = time.monotonic() + patience
        while time.monotonic() < end:
            node = self.look(application, **what)
            if node is not None and (node.enabled or not enabled):
                return node
            time.sleep(POLL_S)
        message = f"{what} is not in {application}:\n{self.picture(application)}"
        raise RobotError(message)

    def rows(self, application: str) -> list[dict[str, Any]]:
        """Return everything an application shows to assistive technology."""
        return list(self.order("tree", application=application)["rows"])

    def picture(self, application: str) -> str:
        """Return the tree of an application as text."""
        return "\n".join(
            f"{'  ' * row['depth']}{row['role']} {row['name']!r}" for row in self.rows(application)
        )

    def listen(self) -> None:
        """Begin to hear what windows announce at once."""
        self.order("listen")

    def expect_announced(self, sentence: str, patience: float = PATIENCE_S) -> None:
        """Wait until a window announces this sentence.

        Raises:
            RobotError: it did not; the error lists what was announced.
        """
        end = time.monotonic() + patience
        said: list[str] = []
        while time.monotonic() < end:
            said += self.order("heard")["said"]
            if sentence in said:
                return
        message = f"{sentence} was not announced, but {said}"
        raise RobotError(message)

    def click(self, x: int, y: int) -> None:
        """Click a point of the screen with the first button of the mouse."""
        self.order("click", x=x, y=y, what="b1c")

    def strike(self, key: str) -> None:
        """Strike a key: a character, or a name of ``KEYSYMS``."""
        self.order("key", code=KEYSYMS.get(key) or ord(key), how="strike")

    def chord(self, held: str, key: str) -> None:
        """Strike a key while another is held down."""
        self.order("key", code=KEYCODES[held], how="hold")
        try:
            self.strike(key)
        finally:
            self.order("key", code=KEYCODES[held], how="release")

    def type(self, text: str) -> None:
        """Type characters one after the other."""
        for character in text:
            self.strike(character)
