"""A small https site for browsers: pages by path, under several names, and what they report.

A page reports by asking for ``/report?name=…&outcome=…``; an image does, from any context.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.kit.pki import LOGIN, Authority, Subject, private_key

REPORT_PATH = "/report"

_LENGTH = re.compile(r"^content-length: *([0-9]+)", re.IGNORECASE | re.MULTILINE)

_TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}


@dataclass
class WebSite:
    """A running site; put what it shows into ``pages``, by path."""

    port: int
    root: bytes
    """The certificate, in PEM, that a browser must trust."""
    pages: dict[str, str | bytes] = field(default_factory=dict)
    """Octets are served as they are; what encoding they have, a page of its own says itself."""
    _reports: dict[str, asyncio.Future[str]] = field(default_factory=dict)

    def origin(self, host: str) -> str:
        """Return the site's origin under one of its names."""
        return f"https://{host}:{self.port}"

    async def report(self, name: str) -> str:
        """Wait for what was reported under a name; the first report counts."""
        # Shielded: who gives up waiting must not take the report away from who waits later.
        return await asyncio.shield(self._future(name))

    async def posted(self, path: str) -> str:
        """Wait for the one body that was posted to a path."""
        return await self._future(f"POST {path}")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(OSError, asyncio.IncompleteReadError, IndexError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            method, target, _ = head.split(maxsplit=2)
            if method == "POST":
                body = await reader.readexactly(int(_LENGTH.findall(head)[0]))
                self._future(f"POST {target}").set_result(body.decode("utf-8"))
            writer.write(self._answer(target))
            await writer.drain()
        writer.close()

    def _answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path == REPORT_PATH:
            query = parse_qs(parts.query)
            reported = self._future(query["name"][0])
            if not reported.done():
                reported.set_result(query["outcome"][0])
        page = self.pages.get(parts.path)
        status, body = ("404 Not Found", "") if page is None else ("200 OK", page)
        kind = _TYPES.get(Path(parts.path).suffix, "text/html; charset=utf-8")
        octets = body if isinstance(body, bytes) else body.encode("utf-8")
        if octets is body:
            kind = "text/html"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(octets)}\r\n"
        return f"{head}Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode() + octets

    def _future(self, name: str) -> asyncio.Future[str]:
        return self._reports.setdefault(name, asyncio.get_running_loop().create_future())

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, hosts: Sequence[str]) -> AsyncIterator[Self]:
        """Run a site under these names, all of which end in ``.localhost``."""
        authority = Authority.create("Root of a test's web site")
        context = _context(folder, authority, hosts)
        site: list[Self] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await site[0].serve(reader, writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        site.append(cls(server.sockets[0].getsockname()[1], authority.pem))
        try:
            yield site[0]
        finally:
            server.close()


def _context(folder: Path, authority: Authority, hosts: Sequence[str]) -> ssl.SSLContext:
    """Return a server's context with a fresh certificate for these names."""
    key = private_key("p256", 9)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    serves = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = authority.issue(
        Subject(hosts[0]),
        key.public_key(),
        usage=LOGIN,
        extensions=[(names, False), (serves, False)],
    )
    file = folder / "web-site.pem"
    file.write_bytes(
        leaf.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
