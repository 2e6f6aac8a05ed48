"""One person's way through the city in one browser, by the robot: from home page to receipt."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.consent_hand import ConsentHand, find_code
from demo.identities import Identity
from demo.robot_control import PATIENCE_S, Robot, RobotError, Thing
from demo.screen import Screen

LOOK_S = 0.3
"""How often the download folder is looked at."""

HEARD_S = 5.0
"""How long a page may take to react to a press; its server may be working."""

_DOWNLOADS = ("document.json", "signature.p7s")


@dataclass(frozen=True)
class Journey:
    """A form of a department: what the person presses on the way to it.

    Attributes:
        department: the department's label, the first part of its host.
        name: its name on the city's home page.
        system: the online system.
    """

    department: str
    name: str
    system: str


@dataclass(frozen=True)
class Filed:
    """What a journey brought home: the document and its signature, as files."""

    document: Path
    signature: Path


class Visitor:
    """Uses one browser's pages and, through a hand, the agent's windows."""

    def __init__(
        self,
        browser: str,
        robot: Robot,
        hand: ConsentHand,
        screen: Screen,
        out: Path,
        tell: Callable[[str], None],
    ) -> None:
        """Take the browser's name in the accessibility tree, and where pictures go."""
        self._browser = browser
        self._robot = robot
        self._hand = hand
        self._screen = screen
        self._out = out
        self._tell = tell
        self._pictures = 0

    def log_in(self, journey: Journey, holder: Identity) -> None:
        """Enter a department by certificate, from the page where one asks for it."""
        self._begin("登录", "取消")
        texts = self._hand.look("登录")
        self._require("请您登录" in "".join(texts), "the window does not say who asks")
        self._picture(f"{journey.department}-login-window")
        self._hand.agree("登录", holder)
        self._robot.find(self._thing("heading", "您已登录"))
        self._tell(f"logged in at {journey.name} as {holder.unit}")

    def enter(self, journey: Journey) -> None:
        """Go from the city's home page to a department's."""
        self._robot.press(self._thing("link", journey.name))
        self._robot.find(self._thing("push button", "登录"))
        self._picture(f"{journey.department}-landing")

    def file(self, journey: Journey, holder: Identity, downloads: Path) -> Filed:
        """Fill in, check, sign and bring the receipt's files home.

        Raises:
            RobotError: something did not come, or page and window show different codes.
        """
        self._robot.press(self._thing("link", "开始办理"))
        self._declare(journey)
        self._begin("核对并签名", "签名")
        shown = find_code(self._robot.texts(self._browser))
        self._picture(f"{journey.department}-check")
        self._begin("签名", "取消这次签名")
        asked = find_code(self._hand.look("签名"))
        self._require(shown == asked, f"the page shows {shown}, the window {asked}")
        self._picture(f"{journey.department}-sign-window")
        self._hand.agree("签名", holder)
        self._robot.find(self._thing("heading", "受理回执"))
        kept = find_code(self._robot.texts(self._browser))
        self._require(shown == kept, f"the page showed {shown}, the receipt says {kept}")
        self._picture(f"{journey.department}-receipt")
        self._tell(f"{journey.system} signed and accepted, comparison code {shown}")
        return self._bring_home(journey, downloads)

    def leave(self) -> None:
        """Sign out of a department."""
        self._robot.press(self._thing("push button", "退出登录"))
        self._robot.find(self._thing("push button", "登录"))

    def go_home(self) -> None:
        """Go back to the city's home page."""
        self._robot.press(self._thing("link", "全市首页"))
        self._robot.find(self._thing("heading", "一张证书，办全市的事"))

    def arrive(self) -> None:
        """Wait for the city's home page."""
        self._robot.find(self._thing("heading", "一张证书，办全市的事"), 2 * PATIENCE_S)
        self._picture("home")

    def _declare(self, journey: Journey) -> None:
        """Tick the declaration; the rest of the sample case is filled in already."""
        box = self._thing("check box", "我声明")
        if not self._robot.find(box)["checked"]:
            self._robot.press(box)
        self._picture(f"{journey.department}-form")

    def _bring_home(self, journey: Journey, downloads: Path) -> Filed:
        kept = []
        labels = ("下载原文", "下载签名")
        for label, name in zip(labels, _DOWNLOADS, strict=True):
            self._robot.press(self._thing("link", label))
            arrived = self._wait_for(downloads / name)
            target = self._out / f"{journey.system.lower()}-{self._browser.lower()}-{name}"
            shutil.move(arrived, target)
            kept.append(target)
        return Filed(*kept)

    def _wait_for(self, file: Path) -> Path:
        """Wait for a download; browsers write it under another name until it is whole.

        Chromium asks once whether a site may download a second file where no hand moved a mouse.
        """
        allow = self._thing("push button", "Allow")
        end = time.monotonic() + PATIENCE_S
        while not (file.exists() and file.stat().st_size):
            if time.monotonic() > end:
                message = f"{file.name} was not downloaded"
                raise RobotError(message)
            time.sleep(LOOK_S)
            if self._robot.sees(allow):
                self._robot.press(allow)
        return file

    def _begin(self, button: str, sign: str) -> None:
        """Press a page's button until the button that shows it was heard is there."""
        self._robot.press_until(
            self._thing("push button", button), self._thing("push button", sign), HEARD_S
        )

    def _picture(self, name: str) -> None:
        self._pictures += 1
        file = f"{self._browser.lower()}-{self._pictures:02d}-{name}.png"
        self._screen.picture(self._out / file)

    def _thing(self, role: str, name: str) -> Thing:
        return Thing(self._browser, role, name)

    def _require(self, condition: bool, sentence: str) -> None:  # noqa: FBT001 -- an assertion
        if not condition:
            raise RobotError(sentence)
