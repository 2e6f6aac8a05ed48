"""Octets to the agent's ports and back, without any library that would put them right."""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache

from tests.attacks.case import PORTAL, SOCKET_PATH

LOOPBACK = "127.0.0.1"

HANG_UP_S = 5.0
"""How long an agent may take to hang up on whom it has refused."""

CONNECT_S = 3.0
"""How long an address that does not answer at all is waited for."""

_END = b"\r\n\r\n"
_CHUNK_BYTES = 65536
_STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_ALLOWED_FIELDS = {
    101: {"upgrade", "connection", "sec-websocket-accept", "content-type"},
    426: {"sec-websocket-version", "upgrade", "content-length", "connection"},
}
_REFUSAL_FIELDS = {"content-length", "connection"}


class Ended(Enum):
    """How a connection stands after an exchange."""

    CLOSED = "closed"
    RESET = "reset"
    OPEN = "open"
    REFUSED = "refused by the system"


@dataclass(frozen=True)
class TcpAnswer:
    """What came back on a connection, how it ended, and after how many seconds."""

    octets: bytes
    ended: Ended
    seconds: float

    @property
    def status(self) -> int | None:
        """The HTTP status, if any came."""
        match = _STATUS_LINE.match(self.octets)
        return int(match[1]) if match else None

    @property
    def fields(self) -> dict[str, str]:
        """The answer's header fields by their lower-case names."""
        lines = self.octets.partition(_END)[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}

    @property
    def body(self) -> bytes:
        """What follows the head."""
        return self.octets.partition(_END)[2]

    def flaws(self) -> list[str]:
        """Return what makes a refusal more than fixed and empty, or a 101 more than a 101."""
        if self.status is None:
            return ["octets before a status"] if self.octets else []
        found = [
            f"{self.status} carries {name}"
            for name in self.fields.keys() - _ALLOWED_FIELDS.get(self.status, _REFUSAL_FIELDS)
        ]
        if self.body:
            found.append(f"{self.status} has a body")
        if self.status != 101 and self.ended is Ended.OPEN:
            found.append(f"{self.status}, but the connection stays open")
        return found


def upgrade(port: int, *, line: str = f"GET {SOCKET_PATH} HTTP/1.1", **fields: str | None) -> bytes:
    """Return a page's handshake; fields by name (with _ for -) replace its own, None leaves out."""
    usual: dict[str, str | None] = {
        "Host": f"{LOOPBACK}:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Origin": PORTAL,
    }
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    written = {**usual, **given}
    return request(line, ((name, value) for name, value in written.items() if value is not None))


def request(line: str, fields: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """Return a request of exactly these fields; a name may stand twice."""
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{line}\r\n{head}\r\n".encode("latin-1") + body


async def exchange(
    port: int, octets: bytes, *, host: str = LOOPBACK, wait_s: float = HANG_UP_S
) -> TcpAnswer:
    """Send octets and return what comes back until the agent hangs up or upgrades."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        try:
            async with asyncio.timeout(CONNECT_S):
                await loop.sock_connect(connection, (host, port))
        except (OSError, TimeoutError):
            return TcpAnswer(b"", Ended.REFUSED, loop.time() - began)
        sending = asyncio.ensure_future(loop.sock_sendall(connection, octets))
        received = bytearray()
        ended = await _receive(connection, received, wait_s)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return TcpAnswer(bytes(received), ended, loop.time() - began)


async def _receive(connection: socket.socket, received: bytearray, wait_s: float) -> Ended:
    """Collect what comes; the answer to an upgrade is complete with its head."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(wait_s):
            while not _is_upgrade(received):
                part = await loop.sock_recv(connection, _CHUNK_BYTES)
                if not part:
                    return Ended.CLOSED
                received += part
    except TimeoutError:
        return Ended.OPEN
    except ConnectionError:
        return Ended.RESET
    return Ended.OPEN


def _is_upgrade(received: bytearray) -> bool:
    return received.startswith(b"HTTP/1.1 101") and received.endswith(_END)


@cache
def trusting_context() -> ssl.SSLContext:
    """Return a client's context that takes any certificate; which one it is, is not asked here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def exchange_tls(port: int, octets: bytes, *, wait_s: float = HANG_UP_S) -> TcpAnswer:
    """Send octets inside TLS and return what comes back, as ``exchange`` does."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=trusting_context())
    writer.write(octets)
    received, ended = bytearray(), Ended.OPEN
    try:
        async with asyncio.timeout(wait_s):
            while not _is_upgrade(received) and ended is Ended.OPEN:
                part = await reader.read(_CHUNK_BYTES)
                received += part
                ended = Ended.OPEN if part else Ended.CLOSED
    except TimeoutError:
        pass
    except OSError:
        ended = Ended.RESET
    finally:
        writer.close()
    return TcpAnswer(bytes(received), ended, loop.time() - began)
