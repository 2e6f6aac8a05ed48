"""The parts of the check: two journeys in each browser, a page without one, the status window."""

import asyncio
import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.browsers import Browser
from demo.children import start
from demo.city import City, agent_command
from demo.consent_hand import WINDOW, ConsentHand
from demo.home import DemoHome
from demo.identities import CITIZEN, ENTERPRISE, Identity
from demo.manifest import ATTACHED, DETACHED, LOGIN, Artefact, Manifest
from demo.page_client import PageClient, base64_octets, base64_text
from demo.robot_control import Robot, RobotError, Thing
from demo.screen import Screen
from demo.visitor import Journey, Visitor

TAX_RETURN = Journey("guoshui", "国家税务局", "GS1")
INSPECTION = Journey("gongshang", "工商行政管理局", "SG1")

LETTER_FILE = "letter.txt"
LETTER = "云汀市示例函件\n\n兹证明演示的签名可以离线验证。\n示例文件，没有法律效力。\n"

_NONCE_OCTETS = 32
_STATUS_TITLE = "最近签署"


@dataclass(frozen=True)
class Stage:
    """What every scene works with; everything that is left goes into the manifest's folder."""

    home: DemoHome
    city: City
    screen: Screen
    robot: Robot
    hand: ConsentHand
    manifest: Manifest
    tell: Callable[[str], None]

    @property
    def out(self) -> Path:
        """Return the folder for everything that is left."""
        return self.manifest.folder

    @contextmanager
    def keeping_sight(self) -> Iterator[None]:
        """Leave what is on the screen when the robot does not find its way."""
        try:
            yield
        except RobotError:
            self.screen.picture(self.out / "fault.png")
            for application in (WINDOW, "Chromium", "Firefox"):
                lines = [f"{role}\t{name}\n" for role, name in self.robot.roles(application)]
                file = self.out / f"fault-{application.lower()}.txt"
                file.write_text("".join(lines), "utf-8")
            raise


def play_browser(stage: Stage, browser: Browser, *, citizen_first: bool) -> None:
    """File a tax return and an annual inspection in one browser, as the enterprise.

    ``citizen_first`` logs a citizen in before, with her ECDSA key, and out again.

    Raises:
        RobotError: something was not on the screen.
        UnverifiedError: a signature does not hold.
    """
    visitor = Visitor(browser.name, stage.robot, stage.hand, stage.screen, stage.out, stage.tell)
    opened = browser.open(stage.city.address, stage.screen.environment, *browser.readable)
    with opened, stage.keeping_sight():
        visitor.arrive()
        for journey in (TAX_RETURN, INSPECTION):
            visitor.enter(journey)
            if citizen_first and journey is TAX_RETURN:
                visitor.log_in(journey, CITIZEN)
                visitor.leave()
            visitor.log_in(journey, ENTERPRISE)
            filed = visitor.file(journey, ENTERPRISE, browser.downloads)
            stage.manifest.add(
                Artefact(
                    file=filed.signature.name,
                    kind=DETACHED,
                    department=journey.department,
                    system=journey.system,
                    content=filed.document.name,
                ),
                ENTERPRISE,
            )
            visitor.go_home()


async def play_page(stage: Stage) -> None:
    """Speak the contract as the tax bureau's page: logins, and a letter signed by the citizen.

    Raises:
        PageRefusedError: the agent refused.
        RobotError: its window did not come.
        UnverifiedError: what it signed does not hold.
    """
    (stage.out / LETTER_FILE).write_text(LETTER, "utf-8")
    origin = stage.city.origins[TAX_RETURN.department]
    with stage.keeping_sight():
        async with PageClient(stage.city.agent_port, origin) as page:
            for holder in (ENTERPRISE, CITIZEN):
                await _log_in(stage, page, origin, holder)
            for packaging, kind in (("detached", DETACHED), ("attached", ATTACHED)):
                await _sign_letter(stage, page, packaging, kind)


async def _log_in(stage: Stage, page: PageClient, origin: str, holder: Identity) -> None:
    nonce = base64_text(secrets.token_bytes(_NONCE_OCTETS))
    result, _ = await asyncio.gather(
        page.call("login", nonce=nonce),
        asyncio.to_thread(_agree, stage, "登录", holder, f"login-{holder.key}"),
    )
    token, challenge = f"login-{holder.key}.json", f"login-{holder.key}.challenge.json"
    _write_json(stage.out / token, result["token"])
    _write_json(stage.out / challenge, {"origin": origin, "nonce": nonce})
    stage.manifest.add(
        Artefact(token, LOGIN, TAX_RETURN.department, system="login", content=challenge),
        holder,
    )
    stage.tell(f"login token of {holder.key} verified")


async def _sign_letter(stage: Stage, page: PageClient, packaging: str, kind: str) -> None:
    order = {
        "document": base64_text(LETTER.encode("utf-8")),
        "media_type": "text/plain",
        "packaging": packaging,
    }
    result, _ = await asyncio.gather(
        page.call("sign", **order),
        asyncio.to_thread(_agree, stage, "签名", CITIZEN, f"letter-{packaging}"),
    )
    file = f"letter-{packaging}.p7s"
    (stage.out / file).write_bytes(base64_octets(result["signature"]))
    stage.manifest.add(
        Artefact(file, kind, TAX_RETURN.department, system="letter", content=LETTER_FILE),
        CITIZEN,
    )
    stage.tell(f"letter signed by the citizen, {packaging}")


def _agree(stage: Stage, verb: str, holder: Identity, picture: str) -> None:
    stage.hand.look(verb)
    stage.screen.picture(stage.out / f"page-{picture}.png")
    stage.hand.agree(verb, holder)


def show_status(stage: Stage) -> None:
    """Open the status window by its command and take its picture."""
    command = agent_command("status", stage.home)
    opened = start(command, stage.screen.environment, output=subprocess.DEVNULL)
    with opened, stage.keeping_sight():
        stage.robot.find(Thing(WINDOW, "label", _STATUS_TITLE))
        stage.screen.picture(stage.out / "status-window.png")


def _write_json(file: Path, document: object) -> None:
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
