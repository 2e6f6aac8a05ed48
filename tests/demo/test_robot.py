"""The robot on a screen of its own, against a small window."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from demo.children import start
from demo.consent_hand import find_code
from demo.robot_control import Robot, RobotError, Thing
from demo.screen import HEIGHT, WIDTH, Screen

pytestmark = pytest.mark.screen

_WINDOW = """
from PySide6.QtWidgets import *
app = QApplication(["probe"])
app.setApplicationName("probe")
window = QWidget()
field, button, late = QLineEdit(), QPushButton("Greet"), QPushButton("Late")
field.setAccessibleName("Name")
heard = QLabel("nothing")
late.hide()
layout = QVBoxLayout(window)
for part in (field, button, late, heard):
    layout.addWidget(part)
def greet():
    heard.setText("hello " + field.text())
    late.setVisible(not late.isVisible())
button.clicked.connect(greet)
window.resize(400, 300)
window.show()
app.exec()
"""

FIELD = Thing("probe", "text", "Name")
BUTTON = Thing("probe", "push button", "Greet")
LATE = Thing("probe", "push button", "Late")


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as made:
        yield made


@pytest.fixture
def robot(screen: Screen) -> Iterator[Robot]:
    command = [sys.executable, "-c", _WINDOW]
    with start(command, screen.environment), Robot(screen.environment) as made:
        made.find(BUTTON)
        yield made


def test_it_types_and_presses_what_a_person_sees(robot: Robot) -> None:
    robot.type(FIELD, "张三")
    robot.press(BUTTON)
    robot.find(LATE)

    assert "hello 张三" in robot.texts("probe")


def test_it_presses_until_there_is_a_sign(robot: Robot) -> None:
    robot.press_until(BUTTON, LATE, seconds=2)

    assert robot.sees(LATE)


def test_it_waits_for_things_to_go(robot: Robot) -> None:
    robot.press_until(BUTTON, LATE, seconds=2)
    robot.press(BUTTON)
    robot.wait_gone(LATE)

    assert not robot.sees(LATE)


def test_it_says_what_it_did_not_find(robot: Robot) -> None:
    with pytest.raises(RobotError, match="push button “\\^Farewell\\$” in probe"):
        robot.find(Thing("probe", "push button", "Farewell"), seconds=0.3)


def test_it_says_what_stays(robot: Robot) -> None:
    with pytest.raises(RobotError, match="the end of push button"):
        robot.wait_gone(BUTTON, seconds=0.3)


def test_a_part_of_a_name_is_enough_where_it_is_asked_for(robot: Robot) -> None:
    assert robot.sees(Thing("probe", "push button", "Gre", part=True))
    assert not robot.sees(Thing("probe", "push button", "Gre"))


def test_it_lists_roles_for_the_author_of_a_journey(robot: Robot) -> None:
    assert ("push button", "Greet") in robot.roles("probe")


def test_a_picture_is_the_whole_screen(robot: Robot, screen: Screen, tmp_path: Path) -> None:
    screen.picture(tmp_path / "screen.png")

    with Image.open(tmp_path / "screen.png") as picture:
        assert picture.size == (WIDTH, HEIGHT)


def test_nothing_of_a_screen_is_left_behind() -> None:
    with Screen() as made:
        folder = Path(made.environment["HOME"])
        number = made.environment["DISPLAY"].removeprefix(":")
        assert folder.is_dir()
        assert Path(f"/tmp/.X11-unix/X{number}").exists()  # noqa: S108 -- where X servers listen

    assert not folder.exists()
    assert not Path(f"/tmp/.X11-unix/X{number}").exists()  # noqa: S108 -- where X servers listen
    assert "DISPLAY" not in os.environ or os.environ["DISPLAY"] != made.environment["DISPLAY"]


@pytest.mark.parametrize(
    "text",
    [
        "4718 0926 5530 8841",
        "核对码 4718 0926 5530 8841",
        "核对码 4 7 1 8, 0 9 2 6, 5 5 3 0, 8 8 4 1",
    ],
)
def test_a_comparison_code_is_read_as_page_and_window_write_it(text: str) -> None:
    assert find_code(["990101198808080013", text]) == "4718092655308841"


def test_an_identity_number_is_no_comparison_code() -> None:
    with pytest.raises(RobotError, match="no comparison code"):
        find_code(["990101198808080013", "9901 0119 8808"])
