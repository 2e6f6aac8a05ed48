"""A browser with a profile of its own that trusts the demonstration's root, and nobody else's.

The person's own profile and the machine's certificate stores are not touched: deleting the
demonstration's folder takes the trust away with it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from demo.children import ChildProcess, start
from demo.screen import HEIGHT, WIDTH

ROOT_NICKNAME = "signet-demo"

_TRUST_SERVERS = "C,,"
"""certutil's words: believed for servers, not for mail, not for code."""

_CHROMIUM_OPTIONS = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
)

_CHROMIUM_PREFERENCES = {"translate": {"enabled": False}}
"""The city speaks two languages itself; the browser need not offer to translate."""

_FIREFOX_PREFERENCES: dict[str, bool | int | str] = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "browser.translations.automaticallyPopup": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    # The robot reads the page through the accessibility tree.
    "accessibility.force_disabled": -1,
}

_OWN_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
"""Without them everything goes below HOME, which is the profile's."""


class Browser(Protocol):
    """One kind of browser; the members are interchangeable."""

    @property
    def name(self) -> str:
        """Return its name in the accessibility tree."""
        ...

    @property
    def downloads(self) -> Path:
        """Return the folder where it puts what is downloaded."""
        ...

    @property
    def readable(self) -> tuple[str, ...]:
        """Return the options with which the robot can read its pages, on the whole screen."""
        ...

    def open(self, url: str, environment: Mapping[str, str], *options: str) -> ChildProcess:
        """Start the browser on a page; ``options`` are further words of its command line."""
        ...


@dataclass(frozen=True)
class Chromium:
    """Chromium; on Linux it reads the certificate store below its HOME."""

    program: str
    home: Path
    root: Path
    name: str = "Chromium"
    readable: tuple[str, ...] = (
        "--force-renderer-accessibility",
        "--window-position=0,0",
        f"--window-size={WIDTH},{HEIGHT}",
    )

    @property
    def downloads(self) -> Path:
        """Return the folder where Chromium puts what is downloaded."""
        return self.home / "Downloads"

    def open(self, url: str, environment: Mapping[str, str], *options: str) -> ChildProcess:
        """Start Chromium; its sandbox works for everybody but root."""
        _trust(self.home / ".pki" / "nssdb", self.root)
        preferences = self.home / "profile" / "Default" / "Preferences"
        if not preferences.exists():
            preferences.parent.mkdir(parents=True)
            preferences.write_text(json.dumps(_CHROMIUM_PREFERENCES), "utf-8")
        as_root = ("--no-sandbox", "--test-type") if os.geteuid() == 0 else ()
        profile = f"--user-data-dir={self.home / 'profile'}"
        command = [self.program, *_CHROMIUM_OPTIONS, *as_root, profile, *options, url]
        return start(command, _at_home(environment, self.home), output=subprocess.DEVNULL)


@dataclass(frozen=True)
class Firefox:
    """Firefox; its certificate store lies in the profile."""

    program: str
    home: Path
    root: Path
    name: str = "Firefox"
    readable: tuple[str, ...] = ("-width", str(WIDTH), "-height", str(HEIGHT))

    @property
    def downloads(self) -> Path:
        """Return the folder where Firefox puts what is downloaded."""
        return self.home / "Downloads"

    def open(self, url: str, environment: Mapping[str, str], *options: str) -> ChildProcess:
        """Start Firefox."""
        profile = self.home / "profile"
        _trust(profile, self.root)
        lines = [f"user_pref({_js(k)}, {_js(v)});\n" for k, v in _FIREFOX_PREFERENCES.items()]
        (profile / "user.js").write_text("".join(lines), "utf-8")
        command = [self.program, "-no-remote", "-profile", str(profile), *options, url]
        return start(command, _at_home(environment, self.home), output=subprocess.DEVNULL)


_KINDS: dict[str, type[Chromium] | type[Firefox]] = {
    "chromium": Chromium,
    "google-chrome": Chromium,
    "firefox-esr": Firefox,
    "firefox": Firefox,
}


def find_browser(folder: Path, root: Path, *programs: str) -> Browser | None:
    """Return the first installed browser of those named, or of all known ones.

    ``folder`` will hold its profile; ``root`` is the certificate (PEM) it shall trust.
    """
    for program in programs or tuple(_KINDS):
        path = shutil.which(program)
        if path:
            return _KINDS[program](path, folder / program, root)
    return None


def _trust(database: Path, root: Path) -> None:
    """Make the certificate store of a profile, once, and put the root into it."""
    store = f"sql:{database}"
    if not (database / "cert9.db").exists():
        database.mkdir(parents=True, exist_ok=True)
        _certutil("-N", "-d", store, "--empty-password")
    _certutil("-A", "-d", store, "-n", ROOT_NICKNAME, "-t", _TRUST_SERVERS, "-i", str(root))


def _certutil(*words: str) -> None:
    subprocess.run(  # noqa: S603 -- NSS's own tool, with words of ours
        ["/usr/bin/certutil", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL
    )


def _at_home(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name not in _OWN_FOLDERS}
    return kept | {"HOME": str(home)}


def _js(value: bool | str | int) -> str:  # noqa: FBT001 -- a preference is one of three types
    """Write a JavaScript literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
