"""Chromium and Firefox without a screen, each with a fresh profile that trusts one root.

They are only sent somewhere; what happens there the page itself reports to the test's web site.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CHROMIUM, FIREFOX = "chromium", "firefox-esr"

_QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
)

_PREFERENCES = """
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
"""


@dataclass(frozen=True)
class Setup:
    """How a browser is set up for one visit, beyond a fresh profile."""

    words: tuple[str, ...] = ()
    """Further words of Chromium's command line."""
    preferences: str = ""
    """Further lines of Firefox's ``user.js``."""
    policy: Mapping[str, object] | None = None
    """What IT manages in Chromium; only this visit's processes see it."""


@asynccontextmanager
async def visit(
    program: str, home: Path, root: bytes, address: str, setup: Setup = Setup()
) -> AsyncIterator[None]:
    """Have a browser on a page for the length of the block; ``root`` is a certificate in PEM.

    Raises:
        FileNotFoundError: the browser, or NSS's certutil, is not installed.
    """
    store = _prepare(home, root, program)
    for words in (
        ("-N", "-d", f"sql:{store}", "--empty-password"),
        ("-A", "-d", f"sql:{store}", "-n", "test", "-t", "C,,", "-i", str(home / "root.pem")),
    ):
        certutil = await _start(home, "certutil", *words)
        assert await certutil.wait() == 0, words
    with (home / "profile" / "user.js").open("a") as file:
        file.write(setup.preferences)
    command = _firefox(home) if program == FIREFOX else _chromium(home, setup)
    browser = await _start(home, *command, address)
    try:
        yield
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        await browser.wait()


def _prepare(home: Path, root: bytes, program: str) -> Path:
    """Make the browser's folders; return where it keeps the certificates it trusts."""
    profile = home / "profile"
    # Firefox reads the store of its profile, Chromium on Linux the one below its HOME.
    store = profile if program == FIREFOX else home / ".pki" / "nssdb"
    for folder in (profile, store):
        folder.mkdir(parents=True, exist_ok=True)
    (home / "root.pem").write_bytes(root)
    (profile / "user.js").write_text(_PREFERENCES)
    return store


def _chromium(home: Path, setup: Setup) -> list[str]:
    # Its own sandbox refuses to work for root, as which tests run in a container.
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    profile = f"--user-data-dir={home / 'profile'}"
    command = [CHROMIUM, *_QUIET, *as_root, profile, *setup.words]
    return command if setup.policy is None else [*_managed(home, setup.policy), *command]


def _managed(home: Path, policy: Mapping[str, object]) -> list[str]:
    """Return the words before a command that has a policy folder of its own, by a mount of its own.

    The machine's folder stays as it is: other browsers run beside this one.
    """
    folder = home / "etc-chromium"
    (folder / "policies" / "managed").mkdir(parents=True)
    (folder / "policies" / "managed" / "test.json").write_text(json.dumps(policy))
    as_root = () if os.geteuid() == 0 else ("--map-root-user",)
    script = 'mount --bind "$0" /etc/chromium && exec "$@"'
    return ["unshare", "--mount", *as_root, "sh", "-c", script, str(folder)]


def _firefox(home: Path) -> list[str]:
    return [FIREFOX, "-no-remote", "-headless", "-profile", str(home / "profile")]


async def _start(home: Path, *command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
