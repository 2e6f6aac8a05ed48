"""May this connection speak? Judged from the raw head, after PROTOCOL.md, section 2."""

import re
from base64 import b64decode
from enum import Enum

MAX_HEAD_BYTES = 8192
"""The contract's: browsers send about 600 octets."""

MAX_FIELDS = 64
"""The contract's: browsers send about 15 fields."""

_KEY_BYTES = 16
_REQUEST_LINE = re.compile(rb"([A-Z]{3,16}) (/[!-~]*) HTTP/1\.1\Z")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t\x80-\xff]*?)[ \t]*\Z")
_ONCE = frozenset(
    [
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
    ]
)
_NEVER = frozenset({"transfer-encoding", "content-encoding", "expect", "trailer", "te"})


class Refusal(Enum):
    """Why a head is turned away; the value is the HTTP status."""

    MALFORMED = 400
    ORIGIN = 403
    PATH = 404
    METHOD = 405
    TIMEOUT = 408
    HOST = 421
    UPGRADE = 426
    HEAD_TOO_LARGE = 431

    @property
    def answer(self) -> bytes:
        """Return the whole answer. To a plain GET we give our name, so that we are no agent's."""
        lines = [f"HTTP/1.1 {self.value} ", "Content-Length: 0", "Connection: close"]
        if self is Refusal.UPGRADE:
            lines[2] = "Connection: close, Upgrade"
            lines += ["Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Server: {OWN_NAME}"]
        return "\r\n".join([*lines, "", ""]).encode("ascii")


OWN_NAME = "signet-simulator"
"""By it a second simulator tells the first from an agent."""


class HeadError(Exception):
    """A head is turned away.

    Attributes:
        refusal: what is answered.
        origin: the site, where it was refused for its origin.
    """

    def __init__(self, refusal: Refusal, origin: str = "") -> None:
        """Keep both."""
        super().__init__(refusal)
        self.refusal = refusal
        self.origin = origin


def judge_head(head: bytes, rest: int, port: int, origins: frozenset[str]) -> str:
    """Return the origin of a WebSocket handshake that may pass.

    Args:
        head: request line and fields, without the blank line.
        rest: octets that came behind it; a page waits for the answer first.
        port: on which it came.
        origins: the allowed ones.

    Raises:
        HeadError: it may not pass.
    """
    method, path, fields = _read(head)
    if "host" not in fields:
        raise HeadError(Refusal.MALFORMED)
    if fields["host"] not in {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}:
        raise HeadError(Refusal.HOST)
    if method == "GET" and "upgrade" not in fields:
        raise HeadError(Refusal.UPGRADE)
    origin = fields.get("origin", "")
    if origin not in origins:
        raise HeadError(Refusal.ORIGIN, origin)
    if fields.get("sec-fetch-mode", "websocket") not in {"websocket", "cors", "same-origin"}:
        raise HeadError(Refusal.ORIGIN)
    if fields.get("sec-fetch-dest", "empty") not in {"empty", "websocket"}:
        raise HeadError(Refusal.ORIGIN)
    if path != "/v1":
        raise HeadError(Refusal.PATH)
    if method != "GET":
        raise HeadError(Refusal.METHOD)
    _judge_handshake(fields)
    if rest:
        raise HeadError(Refusal.MALFORMED)
    return origin


def _read(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Part a head into method, path and fields with lower-case names."""
    line, *rest = head.split(b"\r\n")
    request = _REQUEST_LINE.match(line)
    if request is None:
        raise HeadError(Refusal.MALFORMED)
    if request[1] not in {b"GET", b"POST", b"OPTIONS"}:
        raise HeadError(Refusal.METHOD)
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


def _judge_handshake(fields: dict[str, str]) -> None:
    """Hold a handshake to RFC 6455, section 4.2.1."""
    tokens = {token.strip().lower() for token in fields.get("connection", "").split(",")}
    if fields["upgrade"].lower() != "websocket" or "upgrade" not in tokens:
        raise HeadError(Refusal.UPGRADE)
    if fields.get("content-length", "0") != "0":
        raise HeadError(Refusal.MALFORMED)
    if "sec-websocket-key" not in fields:
        raise HeadError(Refusal.MALFORMED)
    if fields.get("sec-websocket-version") != "13":
        raise HeadError(Refusal.UPGRADE)
    try:
        key = b64decode(fields["sec-websocket-key"], validate=True)
    except ValueError:
        raise HeadError(Refusal.MALFORMED) from None
    if len(key) != _KEY_BYTES:
        raise HeadError(Refusal.MALFORMED)
