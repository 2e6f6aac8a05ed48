"""What a person does in the agent's window: look, choose a certificate, type the PIN, agree."""

import re
import time

from demo.identities import Identity
from demo.robot_control import Robot, RobotError, Thing

WINDOW = "Signet"
"""The window's name in the accessibility tree."""

_DIALOGUE = Thing(WINDOW, "dialog", "签章助手 · ", part=True)

GUARD_S = 0.7
"""The window ignores every input in its first half second."""

TURNS = 3
"""A press is repeated where the window took it for too early after gaining the focus."""

_GROUP = "[0-9] ?[0-9] ?[0-9] ?[0-9]"
_CODE = re.compile(rf"(?<![0-9]){_GROUP}(?:,? {_GROUP}){{3}}(?![0-9])")
"""Four by four for the eye, digit by digit for the ear."""


def find_code(texts: list[str]) -> str:
    """Return the sixteen digits of the comparison code among the texts of a page or window.

    Raises:
        RobotError: none of them is one.
    """
    for text in texts:
        found = _CODE.search(text)
        if found:
            return re.sub(r"\D", "", found[0])
    message = f"no comparison code among {len(texts)} texts"
    raise RobotError(message)


class ConsentHand:
    """Answers the window that is open, as one person with one PIN."""

    def __init__(self, robot: Robot, pin: str) -> None:
        """Take the robot and the PIN of the demonstration's tokens."""
        self._robot = robot
        self._pin = pin

    def look(self, verb: str) -> list[str]:
        """Wait for the window that offers this verb; return everything it shows."""
        self._robot.find(_button(verb))
        time.sleep(GUARD_S)
        return self._robot.texts(WINDOW)

    def agree(self, verb: str, holder: Identity) -> None:
        """Choose the holder's certificate, type the PIN, agree, and see the window go.

        Raises:
            RobotError: the window did not take it.
        """
        self._choose(holder)
        field = Thing(WINDOW, "password text", "PIN 码", part=True)
        for _ in range(TURNS):
            self._robot.type(field, self._pin)
            self._robot.press(_button(verb))
            try:
                self._robot.wait_gone(_button(verb), seconds=GUARD_S * 10)
            except RobotError:
                continue
            self._robot.wait_gone(_DIALOGUE)
            return
        message = f"the window did not take “{verb}”"
        raise RobotError(message)

    def _choose(self, holder: Identity) -> None:
        """Select the holder's certificate; where one is shown alone, open the list first."""
        tail = f"尾号 {holder.serial[-4:]}"
        choice = Thing(WINDOW, "radio button", tail, part=True)
        change = _button("更换")
        if self._robot.sees(change):
            if self._robot.sees(Thing(WINDOW, "label", tail, part=True)):
                return
            self._robot.press(change)
        elif not self._robot.sees(choice):
            return
        if not self._robot.find(choice)["checked"]:
            self._robot.press(choice)


def _button(verb: str) -> Thing:
    return Thing(WINDOW, "push button", verb)
