"""Chromium and Firefox themselves: they reach the agent after install, and not after remove."""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from signet_agent.trust.certificate_folder import KEY_FILE, LEAF_FILE, CertificateFolder
from signet_agent.trust.installation import install, remove
from signet_agent.trust.stores import find_stores
from signet_agent.trust.stores.folders import folders_of

ARRIVAL_S = 30
"""A browser's first start on a busy machine takes some seconds."""

PATIENCE_S = 6
"""How long a request that must not come is waited for, after the handshake was refused."""

Browse = Callable[[Path, str], Awaitable[asyncio.subprocess.Process]]


async def _start(home: Path, *command: str) -> asyncio.subprocess.Process:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    return await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def _chromium(home: Path, address: str) -> asyncio.subprocess.Process:
    switches = ("--headless", "--no-sandbox", "--no-first-run", "--disable-gpu")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    profile = f"--user-data-dir={home / 'chromium'}"
    return await _start(home, "chromium", *switches, *quiet, profile, address)


async def _firefox(home: Path, address: str) -> asyncio.subprocess.Process:
    profile = home / ".mozilla/firefox/test"
    return await _start(
        home, "firefox-esr", "-no-remote", "-headless", "-profile", str(profile), address
    )


class Endpoint:
    """A TLS endpoint with the agent's certificate; it notes requests and refused handshakes."""

    def __init__(self, tls_dir: Path) -> None:
        self.requested = asyncio.Event()
        self.met = asyncio.Event()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(tls_dir / LEAF_FILE, tls_dir / KEY_FILE)

    async def start(self) -> str:
        """Listen on a free port and return the address to visit."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"https://localhost:{self._server.sockets[0].getsockname()[1]}/"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await writer.start_tls(self._context)
            if (await reader.readline()).startswith(b"GET / "):
                self.requested.set()
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.met.set()
            writer.close()

    def stop(self) -> None:
        """Stop listening."""
        self._server.close()


async def _reaches(browse: Browse, home: Path, tls_dir: Path) -> bool:
    """Whether the browser gets as far as sending its request."""
    endpoint = Endpoint(tls_dir)
    browser = await browse(home, await endpoint.start())
    try:
        async with asyncio.timeout(ARRIVAL_S):
            await endpoint.met.wait()
        async with asyncio.timeout(PATIENCE_S):
            await endpoint.requested.wait()
    except TimeoutError:
        assert endpoint.met.is_set(), "the browser never came"
        return False
    else:
        return True
    finally:
        endpoint.stop()
        os.killpg(browser.pid, 9)
        await browser.wait()


@pytest.mark.parametrize("browse", [_chromium, _firefox])
async def test_a_browser_reaches_the_agent_only_while_trust_is_installed(
    browse: Browse, tmp_path: Path
) -> None:
    profile = tmp_path / ".mozilla/firefox/test"
    profile.mkdir(parents=True)
    (profile.parent / "profiles.ini").write_text("[Profile0]\nPath=test\n")
    stores = find_stores(folders_of({"HOME": str(tmp_path)}))
    folder, kept = CertificateFolder(tmp_path / "state/tls"), tmp_path / "kept"
    assert install(folder, stores).installed

    assert await _reaches(browse, tmp_path, tmp_path / "state/tls")

    (tmp_path / "state/tls").rename(kept)
    assert remove(folder, stores).clean
    assert not await _reaches(browse, tmp_path, kept)
