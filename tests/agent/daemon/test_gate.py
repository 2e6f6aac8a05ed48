"""Whatever is not exactly one of the contract's requests is turned away by a bare status."""

import pytest

from signet_agent.daemon.gate import MAX_FIELDS, Gate, HeadError, Passage, Refusal, Wanted
from signet_agent.model import Origin

pytestmark = pytest.mark.quick

PORT = 17290
HOSTS = frozenset(f"{name}:{PORT}" for name in ("127.0.0.1", "localhost", "[::1]"))
SITE = "https://portal.example.com"
UPGRADE = (
    "GET /v1 HTTP/1.1",
    f"Host: 127.0.0.1:{PORT}",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    f"Origin: {SITE}",
)
POST = (
    "POST /v1 HTTP/1.1",
    f"Host: localhost:{PORT}",
    f"Origin: {SITE}",
    "Content-Type: application/json",
    "X-Signet: 1",
    "Content-Length: 40",
)
PREFLIGHT = (
    "OPTIONS /v1 HTTP/1.1",
    f"Host: localhost:{PORT}",
    f"Origin: {SITE}",
    "Access-Control-Request-Method: POST",
)


def judge(lines: tuple[str, ...], *, posts: bool = True) -> Passage:
    gate = Gate(HOSTS, {SITE}.__contains__, 1000, takes_posts=posts)
    return gate.judge("\r\n".join(lines).encode("latin-1"))


def refusal(*lines: str, posts: bool = True) -> Refusal:
    with pytest.raises(HeadError) as caught:
        judge(lines, posts=posts)
    return caught.value.refusal


def with_line(lines: tuple[str, ...], start: str, new: str | None) -> tuple[str, ...]:
    """Replace (or drop) the line that starts so; append it when there is none."""
    kept = [line for line in lines if not line.lower().startswith(start.lower())]
    return tuple(kept) if new is None else (*kept[:1], *kept[1:], new)


def with_request(lines: tuple[str, ...], request: str) -> tuple[str, ...]:
    return (request, *lines[1:])


def test_a_browsers_handshake_passes() -> None:
    assert judge(UPGRADE) == Passage(Origin(SITE), Wanted.WEBSOCKET)


@pytest.mark.parametrize("host", sorted(HOSTS))
def test_every_loopback_literal_of_this_port_is_a_host(host: str) -> None:
    assert judge(with_line(UPGRADE, "Host", f"Host: {host}")).wanted is Wanted.WEBSOCKET


def test_firefox_may_say_keep_alive_beside_upgrade() -> None:
    line = "Connection: keep-alive, Upgrade"
    assert judge(with_line(UPGRADE, "Connection", line)).origin == SITE


def test_a_post_passes_with_its_length() -> None:
    assert judge(POST) == Passage(Origin(SITE), Wanted.POST, 40)


def test_a_preflight_passes() -> None:
    assert judge(PREFLIGHT) == Passage(Origin(SITE), Wanted.PREFLIGHT)


@pytest.mark.parametrize(
    "host",
    [
        f"evil.example:{PORT}",
        "127.0.0.1",
        "127.0.0.1:80",
        f"127.0.0.2:{PORT}",
        f"LOCALHOST:{PORT}",
        f"localhost.:{PORT}",
        f"[::ffff:127.0.0.1]:{PORT}",
        "",
    ],
)
def test_a_host_that_is_no_exact_loopback_literal_is_misdirected(host: str) -> None:
    assert refusal(*with_line(UPGRADE, "Host", f"Host: {host}")) is Refusal.HOST


def test_a_missing_host_is_malformed() -> None:
    assert refusal(*with_line(UPGRADE, "Host", None)) is Refusal.MALFORMED


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://portal.example.com",
        "https://portal.example.com:8443",
        "https://portal.example.com.evil.example",
        "https://evilportal.example.com",
        "https://portal.example.com@evil.example",
        "https://portal.example.com/",
        "HTTPS://PORTAL.EXAMPLE.COM",
        "https://portal.example.com https://evil.example",
        "https://p\xf6rtal.example.com",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    ],
)
def test_any_other_origin_is_refused_and_named_for_the_list(origin: str) -> None:
    with pytest.raises(HeadError) as caught:
        judge(with_line(UPGRADE, "Origin", f"Origin: {origin}"))
    assert caught.value.refusal is Refusal.ORIGIN
    assert caught.value.origin == origin


def test_no_origin_is_no_trusted_program() -> None:
    assert refusal(*with_line(UPGRADE, "Origin", None)) is Refusal.ORIGIN


@pytest.mark.parametrize(
    "line",
    [
        f"Origin: {SITE}",
        f"Host: 127.0.0.1:{PORT}",
        f"origin: {SITE}",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Transfer-Encoding: chunked",
        "Content-Encoding: gzip",
        "Expect: 100-continue",
        "Header : space before the colon",
        " folded: line",
        "no colon",
        "Nul: \x00",
        "Bare: \n",
        ": no name",
    ],
)
def test_second_copies_and_dangerous_fields_are_malformed(line: str) -> None:
    assert refusal(*UPGRADE, line) is Refusal.MALFORMED


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /v1 HTTP/1.0", Refusal.MALFORMED),
        ("GET /v1 HTTP/2.0", Refusal.MALFORMED),
        ("GET  /v1 HTTP/1.1", Refusal.MALFORMED),
        ("get /v1 HTTP/1.1", Refusal.MALFORMED),
        ("GET http://127.0.0.1:17290/v1 HTTP/1.1", Refusal.MALFORMED),
        ("OPTIONS * HTTP/1.1", Refusal.MALFORMED),
        ("CONNECT /v1 HTTP/1.1", Refusal.METHOD),
        ("TRACE /v1 HTTP/1.1", Refusal.METHOD),
        ("PUT /v1 HTTP/1.1", Refusal.METHOD),
        ("GET /v1?x=1 HTTP/1.1", Refusal.PATH),
        ("GET / HTTP/1.1", Refusal.PATH),
        ("GET /v1/../v1 HTTP/1.1", Refusal.PATH),
        ("", Refusal.MALFORMED),
    ],
)
def test_only_the_exact_request_line_passes(request_line: str, expected: Refusal) -> None:
    assert refusal(*with_request(UPGRADE, request_line)) is expected


@pytest.mark.parametrize("path", ["/", "/v1", "/status", "/favicon.ico"])
@pytest.mark.parametrize("origin", [None, "Origin: https://evil.example", f"Origin: {SITE}"])
def test_a_plain_get_learns_the_same_from_every_path(path: str, origin: str | None) -> None:
    lines = with_line((f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}"), "Origin", origin)
    assert refusal(*lines) is Refusal.UPGRADE


@pytest.mark.parametrize(
    ("start", "line", "expected"),
    [
        ("Upgrade", "Upgrade: h2c", Refusal.UPGRADE),
        ("Connection", "Connection: keep-alive", Refusal.UPGRADE),
        ("Connection", None, Refusal.UPGRADE),
        ("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8", Refusal.UPGRADE),
        ("Sec-WebSocket-Version", None, Refusal.UPGRADE),
        ("Sec-WebSocket-Key", None, Refusal.MALFORMED),
        ("Sec-WebSocket-Key", "Sec-WebSocket-Key: AAAA", Refusal.MALFORMED),
        ("Sec-WebSocket-Key", "Sec-WebSocket-Key: !!!!", Refusal.MALFORMED),
        ("Sec-WebSocket-Key", f"Sec-WebSocket-Key: {'A' * 23}=", Refusal.MALFORMED),
        ("Content-Length", "Content-Length: 5", Refusal.MALFORMED),
        ("Content-Length", "Content-Length: x", Refusal.MALFORMED),
        ("Sec-Fetch-Mode", "Sec-Fetch-Mode: navigate", Refusal.ORIGIN),
        ("Sec-Fetch-Mode", "Sec-Fetch-Mode: no-cors", Refusal.ORIGIN),
        ("Sec-Fetch-Dest", "Sec-Fetch-Dest: iframe", Refusal.ORIGIN),
    ],
)
def test_a_handshake_that_is_not_quite_one_is_refused(
    start: str, line: str | None, expected: Refusal
) -> None:
    assert refusal(*with_line(UPGRADE, start, line)) is expected


@pytest.mark.parametrize(
    ("start", "line", "expected"),
    [
        ("Content-Type", "Content-Type: text/plain", Refusal.MEDIA_TYPE),
        ("Content-Type", None, Refusal.MEDIA_TYPE),
        ("X-Signet", None, Refusal.MEDIA_TYPE),
        ("Content-Length", None, Refusal.MALFORMED),
        ("Content-Length", "Content-Length: 1001", Refusal.TOO_LONG),
        ("Content-Length", "Content-Length: -1", Refusal.MALFORMED),
    ],
)
def test_a_post_that_needs_no_preflight_or_is_too_long_is_refused(
    start: str, line: str | None, expected: Refusal
) -> None:
    assert refusal(*with_line(POST, start, line)) is expected


@pytest.mark.parametrize("lines", [POST, PREFLIGHT])
def test_the_plain_port_takes_no_posts(lines: tuple[str, ...]) -> None:
    assert refusal(*lines, posts=False) is Refusal.METHOD


def test_a_preflight_with_a_body_is_malformed() -> None:
    assert refusal(*PREFLIGHT, "Content-Length: 2") is Refusal.MALFORMED


def test_too_many_fields_are_refused() -> None:
    assert refusal(*UPGRADE, *["X: y"] * MAX_FIELDS) is Refusal.HEAD_TOO_LARGE


@pytest.mark.parametrize("each", list(Refusal))
def test_a_refusal_is_a_status_without_a_word(each: Refusal) -> None:
    head, _, body = each.answer.partition(b"\r\n\r\n")
    assert body == b""
    assert head.startswith(f"HTTP/1.1 {each.value} \r\n".encode())
    assert b"Server" not in head
    assert b"Access-Control" not in head
    assert (b"Sec-WebSocket-Version: 13" in head) == (each is Refusal.UPGRADE)
