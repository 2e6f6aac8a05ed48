"""May this connection speak at all? Judged from the raw head, before any HTTP parser sees it.

Pure: octets in, a passage or a refusal out. A refusal is a status and nothing else: no text, no
banner, no header that names the agent, the same for every path. Only the two requests of the
contract pass: the WebSocket handshake (RFC 6455, section 4.2.1) and the POST with its preflight.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from signet_agent.model import Origin

MAX_HEAD_BYTES = 8192
"""Browsers send about 600 octets; common servers stop at 8 KiB too."""

MAX_FIELDS = 64
"""Browsers send about 15 fields."""

PATH = "/v1"
"""The only path; the number is the contract's version."""

_KEY_BYTES = 16
_REQUEST_LINE = re.compile(rb"([A-Z]{3,16}) ([!-~]+) HTTP/1\.1\Z")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t\x80-\xff]*?)[ \t]*\Z")
_ONCE = frozenset(
    {
        "host",
        "origin",
        "upgrade",
        "connection",
        "content-length",
        "content-type",
        "sec-websocket-key",
        "sec-websocket-version",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-fetch-dest",
        "x-signet",
    }
)
_NEVER = frozenset({"transfer-encoding", "content-encoding", "expect", "trailer", "te"})
"""Fields that would let a request be longer, other, or later than it looks."""


class Refusal(Enum):
    """Why a head is turned away; the value is the HTTP status."""

    MALFORMED = 400
    ORIGIN = 403
    METHOD = 405
    PATH = 404
    TIMEOUT = 408
    TOO_LONG = 413
    MEDIA_TYPE = 415
    HOST = 421
    UPGRADE = 426
    HEAD_TOO_LARGE = 431

    @property
    def answer(self) -> bytes:
        """Return the whole fixed answer."""
        fields = ["Content-Length: 0", "Connection: close"]
        if self is Refusal.UPGRADE:
            # Whoever answers 426 says to what (RFC 9110, section 15.5.22).
            fields = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", fields[0]]
            fields.append("Connection: close, Upgrade")
        return "\r\n".join([f"HTTP/1.1 {self.value} ", *fields, "", ""]).encode("ascii")


class Wanted(Enum):
    """Which of the contract's requests a head is."""

    WEBSOCKET = "websocket"
    POST = "post"
    PREFLIGHT = "preflight"


class Passage(Struct, frozen=True):
    """A head that may pass: who asks, for what, and how many octets of body follow."""

    origin: Origin
    wanted: Wanted
    body_bytes: int = 0


class HeadError(Exception):
    """A head is turned away.

    Attributes:
        refusal: what is answered.
        origin: the origin that was refused, for the list of refused sites; else empty.
    """

    def __init__(self, refusal: Refusal, origin: str = "") -> None:
        """Keep both."""
        super().__init__(refusal)
        self.refusal = refusal
        self.origin = origin


class Gate:
    """The judge for one listening port."""

    def __init__(
        self,
        hosts: frozenset[str],
        allows_origin: Callable[[str], bool],
        max_body_bytes: int,
        *,
        takes_posts: bool,
    ) -> None:
        """Fix the exact Host literals, the allowlist, and whether POST is offered (TLS only)."""
        self._hosts = hosts
        self._allows_origin = allows_origin
        self._max_body_bytes = max_body_bytes
        self._takes_posts = takes_posts

    def judge(self, head: bytes) -> Passage:
        """Return the passage for a raw head (request line and fields, without the blank line).

        Raises:
            HeadError: it may not pass.
        """
        method, path, fields = _read(head)
        if fields.get("host") not in self._hosts:
            raise HeadError(Refusal.MALFORMED if "host" not in fields else Refusal.HOST)
        if method == "GET" and "upgrade" not in fields:
            # The same for every path and origin: a plain GET learns nothing.
            raise HeadError(Refusal.UPGRADE)
        origin = self._judge_origin(fields)
        _judge_fetch_metadata(fields)
        if path != PATH:
            raise HeadError(Refusal.PATH)
        if method == "GET":
            _judge_handshake(fields)
            return Passage(origin, Wanted.WEBSOCKET)
        if not self._takes_posts:
            raise HeadError(Refusal.METHOD)
        if method == "OPTIONS":
            if _length(fields) != 0:
                raise HeadError(Refusal.MALFORMED)
            return Passage(origin, Wanted.PREFLIGHT)
        return Passage(origin, Wanted.POST, self._judge_post(fields))

    def _judge_origin(self, fields: dict[str, str]) -> Origin:
        text = fields.get("origin", "")
        if not self._allows_origin(text):
            raise HeadError(Refusal.ORIGIN, text)
        return Origin.parse(text)

    def _judge_post(self, fields: dict[str, str]) -> int:
        """Only a request that needed a preflight: JSON type and our own field."""
        if fields.get("content-type") != "application/json" or fields.get("x-signet") != "1":
            raise HeadError(Refusal.MEDIA_TYPE)
        length = _length(fields)
        if not 0 < length <= self._max_body_bytes:
            raise HeadError(Refusal.TOO_LONG if length else Refusal.MALFORMED)
        return length


def _read(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Part a head into method, path and fields with lower-case names."""
    line, *rest = head.split(b"\r\n")
    request = _REQUEST_LINE.match(line)
    if request is None:
        raise HeadError(Refusal.MALFORMED)
    if request[1] not in {b"GET", b"POST", b"OPTIONS"}:
        raise HeadError(Refusal.METHOD)
    if not request[2].startswith(b"/"):
        raise HeadError(Refusal.MALFORMED)
    if len(rest) > MAX_FIELDS:
        raise HeadError(Refusal.HEAD_TOO_LARGE)
    fields: dict[str, str] = {}
    for raw in rest:
        field = _FIELD.match(raw)
        if field is None:
            raise HeadError(Refusal.MALFORMED)
        name = field[1].decode("ascii").lower()
        if name in _NEVER or (name in _ONCE and name in fields):
            raise HeadError(Refusal.MALFORMED)
        fields[name] = field[2].decode("latin-1")
    return request[1].decode("ascii"), request[2].decode("ascii"), fields


def _judge_fetch_metadata(fields: dict[str, str]) -> None:
    """Refuse navigations and no-cors requests; the fields may be absent (W3C Fetch Metadata)."""
    if fields.get("sec-fetch-mode", "websocket") not in {"websocket", "cors", "same-origin"}:
        raise HeadError(Refusal.ORIGIN)
    if fields.get("sec-fetch-dest", "empty") not in {"empty", "websocket"}:
        raise HeadError(Refusal.ORIGIN)


def _judge_handshake(fields: dict[str, str]) -> None:
    """Everything the WebSocket library would refuse with a text of its own."""
    tokens = {token.strip().lower() for token in fields.get("connection", "").split(",")}
    if fields.get("upgrade", "").lower() != "websocket" or "upgrade" not in tokens:
        raise HeadError(Refusal.UPGRADE)
    if "sec-websocket-key" not in fields or _length(fields) != 0:
        raise HeadError(Refusal.MALFORMED)
    if fields.get("sec-websocket-version") != "13":
        raise HeadError(Refusal.UPGRADE)
    try:
        key = b64decode(fields["sec-websocket-key"], validate=True)
    except (Base64Error, ValueError):
        raise HeadError(Refusal.MALFORMED) from None
    if len(key) != _KEY_BYTES:
        raise HeadError(Refusal.MALFORMED)


def _length(fields: dict[str, str]) -> int:
    """Return the announced length of the body; none is zero."""
    text = fields.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise HeadError(Refusal.MALFORMED)
    return int(text)
