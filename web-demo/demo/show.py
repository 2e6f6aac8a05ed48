"""``./demo``: the city for a person, in her own browser program with a profile of its own."""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from demo.browsers import find_browser
from demo.city import USUAL_PORT, City, CityError, free_port, is_free
from demo.home import DemoHome, open_home
from demo.identities import CITIZEN, ENTERPRISE

LOOK_S = 0.5
"""How often it is seen whether browser and agent still run."""


class _Ended(Exception):  # noqa: N818 -- not a fault: the person pressed Ctrl-C
    """The person, or the system, ends the demonstration."""


def run_show() -> int:
    """Show the city until the person ends it; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    folder = data_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell("演示已经在运行。 The demonstration runs already.")
            return 1
        try:
            return _show(*open_home(folder))
        except _Ended:
            _tell("\n演示结束。 The demonstration has ended.")
            return 0
        except CityError as error:
            _tell(f"{error}")
            return 1


def data_folder() -> Path:
    """Return where the demonstration keeps its things for this person."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "signet-demo"


def _show(home: DemoHome, fresh: bool) -> int:  # noqa: FBT001 -- the pair that open_home returns
    browser = find_browser(home.browsers, home.site_root)
    if browser is None:
        _tell("没有找到 Chromium 或 Firefox。 Neither Chromium nor Firefox was found.")
        return 1
    port = USUAL_PORT if is_free(USUAL_PORT) else free_port()
    environment = dict(os.environ)
    with City(home, environment, port) as city:
        _introduce(home, city, fresh=fresh)
        with browser.open(city.address, environment) as window:
            while window.running and city.alive:
                time.sleep(LOOK_S)
    _tell("演示结束。 The demonstration has ended.")
    return 0


def _introduce(home: DemoHome, city: City, *, fresh: bool) -> None:
    made = "刚刚制作 just made" if fresh else "沿用上次 kept from last time"
    _tell("签章助手演示 · Signet demonstration")
    _tell(f"  网址 Address    {city.address}")
    _tell(f"  PIN 码          {home.pin()}")
    for identity, words in ((ENTERPRISE, "企业 enterprise"), (CITIZEN, "市民 citizen")):
        name = identity.organisation or identity.name
        _tell(f"  {words}    {name} · {identity.serial[-4:]}")
    _tell(f"  资料 Files      {home.folder}（{made}）")
    _tell("Ctrl-C 或关闭浏览器就结束。 Ctrl-C, or closing the browser, ends everything.")


def _end(number: int, _frame: FrameType | None) -> None:
    """Begin the end; pressing again does not disturb it."""
    signal.signal(number, signal.SIG_IGN)
    raise _Ended


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
