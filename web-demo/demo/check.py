"""``./demo --check``: the whole job in two browsers without a person; every artefact verified."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from demo.browsers import find_browser
from demo.city import City, CityError, agent_command, agent_log, free_port, portal_log
from demo.consent_hand import ConsentHand
from demo.home import DemoHome, open_home
from demo.manifest import AUTHORITIES_FILE, Manifest
from demo.page_client import PageRefusedError
from demo.robot_control import Robot, RobotError
from demo.scenes import Stage, play_browser, play_page, show_status
from demo.screen import Screen, ScreenError
from demo.verification import UnverifiedError

BROWSERS = ("chromium", "firefox-esr")
"""Debian's two; both must be there."""

AUDIT_FILE = "audit.jsonl"

_FAULTS = (
    CityError,
    OSError,
    PageRefusedError,
    RobotError,
    ScreenError,
    UnverifiedError,
    subprocess.SubprocessError,
)


class BrowserMissingError(RobotError):
    """A browser of the check is not installed; its user can cure it."""


def run_check(out: Path) -> int:
    """Run the whole check, leave everything in ``out``, and return the exit status."""
    begun = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(out)
    fault = ""
    with tempfile.TemporaryDirectory(prefix="signet-demo-") as folder:
        home, _ = open_home(Path(folder) / "home")
        shutil.copy(home.authorities, out / AUTHORITIES_FILE)
        try:
            _play(home, manifest)
            _keep_audit(home, out)
        except _FAULTS as error:
            fault = f"{type(error).__name__}: {error}"
        for log in (agent_log(home), portal_log(home)):
            if log.exists():
                shutil.copy(log, out)
    manifest.write()
    summary = {
        "ok": not fault,
        "fault": fault,
        "artefacts": len(manifest.artefacts),
        "browsers": BROWSERS,
        "seconds": round(time.monotonic() - begun, 1),
        "out": str(out),
    }
    _tell(json.dumps(summary, ensure_ascii=False))
    return 1 if fault else 0


def _play(home: DemoHome, manifest: Manifest) -> None:
    """Play every scene on one screen, in one city."""
    with ExitStack() as exits:
        screen = exits.enter_context(Screen())
        city = exits.enter_context(City(home, screen.environment, free_port()))
        robot = exits.enter_context(Robot(screen.environment))
        stage = Stage(home, city, screen, robot, ConsentHand(robot, home.pin()), manifest, _tell)
        _tell(f"the city is ready: {city.address}, agent on port {city.agent_port}")
        for program in BROWSERS:
            browser = find_browser(home.browsers, home.site_root, program)
            if browser is None:
                message = f"{program} is not installed"
                raise BrowserMissingError(message)
            _tell(f"{browser.name}: home page, login, form, signature, receipt")
            play_browser(stage, browser, citizen_first=program == BROWSERS[-1])
        asyncio.run(play_page(stage))
        show_status(stage)


def _keep_audit(home: DemoHome, out: Path) -> None:
    """Verify the agent's log with its own command, and leave an export of it.

    Raises:
        subprocess.SubprocessError: the log does not hold.
    """
    subprocess.run(  # noqa: S603 -- the agent's own command
        agent_command("audit verify", home), check=True, stdout=subprocess.DEVNULL
    )
    exported = subprocess.run(  # noqa: S603 -- the agent's own command
        agent_command("audit export", home), check=True, stdout=subprocess.PIPE
    )
    (out / AUDIT_FILE).write_bytes(exported.stdout)
    _tell(f"the log holds: {len(exported.stdout.splitlines())} records")


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
