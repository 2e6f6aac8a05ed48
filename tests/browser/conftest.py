"""One city on one screen for all browser tests: real portal, real agent, real windows."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.browsers import Browser, find_browser
from demo.children import ChildProcess
from demo.city import City, free_port
from demo.consent_hand import ConsentHand
from demo.home import DemoHome, open_home
from demo.robot_control import Robot, Thing
from demo.screen import Screen

TAX_OFFICE = "guoshui"


@dataclass(frozen=True)
class Desk:
    """Everything a test of a page needs."""

    home: DemoHome
    city: City
    screen: Screen
    robot: Robot
    hand: ConsentHand


@dataclass(frozen=True)
class Page:
    """The tax office's page in one browser.

    Attributes:
        browser: the browser, not started yet.
        desk: where it is used.
    """

    browser: Browser
    desk: Desk

    def open(self, *options: str) -> AbstractContextManager[ChildProcess]:
        """Start the browser on the page; leaving closes it."""
        address = f"{self.desk.city.origins[TAX_OFFICE]}/"
        words = (*self.browser.readable, *options)
        return self.browser.open(address, self.desk.screen.environment, *words)

    def log_in(self) -> None:
        """Press the page's own button, until the page has heard it."""
        log_in, cancel = self.thing("push button", "登录"), self.thing("push button", "取消")
        self.desk.robot.press_until(log_in, cancel, seconds=3)

    def press(self, role: str, name: str) -> None:
        """Press something on the page."""
        self.desk.robot.press(self.thing(role, name))

    def wait(self, role: str, name: str) -> None:
        """Wait for something on the page."""
        self.desk.robot.find(self.thing(role, name))

    def shows(self, part: str) -> bool:
        """Whether a text stands on the page."""
        return any(part in text for text in self.desk.robot.texts(self.browser.name))

    def thing(self, role: str, name: str) -> Thing:
        """Name something on the page."""
        return Thing(self.browser.name, role, name)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("city") / "home"
    home, _ = open_home(folder)
    with (
        Screen() as screen,
        City(home, screen.environment, free_port()) as city,
        Robot(screen.environment) as robot,
    ):
        yield Desk(home, city, screen, robot, ConsentHand(robot, home.pin()))


def _page(desk: Desk, program: str, folder: Path) -> Page:
    browser = find_browser(folder, desk.home.site_root, program)
    assert browser is not None, f"{program} is not installed"
    return Page(browser, desk)


@pytest.fixture(params=["chromium", "firefox-esr"])
def page(desk: Desk, request: pytest.FixtureRequest, tmp_path: Path) -> Page:
    """The tax office's page, once in each browser, with a fresh profile."""
    return _page(desk, request.param, tmp_path)


@pytest.fixture
def chromium_page(desk: Desk, tmp_path: Path) -> Page:
    """The tax office's page in Chromium alone."""
    return _page(desk, "chromium", tmp_path)
