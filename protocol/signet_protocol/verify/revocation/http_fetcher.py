"""The network, as far as a policy allows it: named hosts, GET and POST, bounded in size and time.

No redirect is followed, no proxy of the environment is used, no credential is sent. Revocation
information is signed, so http is as good as https; most authorities offer nothing else.
"""

import http.client
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from signet_protocol.verify.revocation.base import FetchError, FetchRefusedError
from signet_protocol.verify.revocation.crl import MAX_CRL_BYTES

MAX_URL_CHARS = 2_048
"""Addresses of responders have less than a hundred characters."""

_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
_OK = 200


class HttpFetcher:
    """Asks hosts that are named, and nobody else.

    Args:
        hosts: ``name`` for the scheme's own port, ``name:port`` for another.
        timeout_seconds: how long one question may take from the connection to the last octet.
        max_bytes: the largest answer.
    """

    def __init__(
        self, hosts: Iterable[str], timeout_seconds: float = 5.0, max_bytes: int = MAX_CRL_BYTES
    ) -> None:
        self._hosts = frozenset(hosts)
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes

    def get(self, url: str) -> bytes:
        """Return the body behind an address.

        Raises:
            FetchError: refused, not reached, too late, too large, or not an answer.
        """
        return self._request("GET", url, None, {})

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        """Send a body; return the body of the answer.

        Raises:
            FetchError: refused, not reached, too late, too large, or not an answer.
        """
        return self._request("POST", url, body, {"Content-Type": content_type})

    def _request(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        parts = self._require_allowed(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with self._connected(parts) as connection:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                if response.status != _OK:
                    raise FetchError("the host answered with another status than 200")
                answer = response.read(self._max_bytes + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"the host did not answer: {type(error).__name__}") from error
        if len(answer) > self._max_bytes:
            raise FetchError("the answer is larger than allowed")
        return answer

    def _require_allowed(self, url: str) -> SplitResult:
        """Return an address in its parts, if it is on a host that may be asked."""
        refused = FetchRefusedError("the policy names no such host, so nothing was sent")
        if len(url) > MAX_URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
            raise refused
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise refused from None
        host = parts.hostname or ""
        named = host if port is None else f"{host}:{port}"
        if parts.scheme not in _CONNECTIONS or "@" in parts.netloc or named not in self._hosts:
            raise refused
        return parts

    @contextmanager
    def _connected(self, parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
        """Connect, and cut the line when the time is over, whatever the host is doing then."""
        started = time.monotonic()
        kind = _CONNECTIONS[parts.scheme]
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout)
        connection.connect()
        left = max(self._timeout - (time.monotonic() - started), 0)
        # The library forgets the socket once an answer has begun, so it is kept here.
        timer = Timer(left, _cut, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            yield connection
        finally:
            timer.cancel()
            connection.close()
        if time.monotonic() - started > self._timeout:
            raise FetchError("the answer took longer than allowed")


def _cut(line: socket.socket) -> None:
    # A line that is closed already needs no cutting.
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
