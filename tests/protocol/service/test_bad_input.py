"""Bodies, requests and connections that no good back end sends; each has its own clear answer."""

import gzip
import json
import socket
from collections.abc import Iterator

import pytest

from tests.kit.verification_service import Reply, RunningService
from tests.protocol.service.department import ORIGIN, SESSION, configuration

LIMIT = 1024 * 1024
NONCE_BODY = json.dumps({"origin": ORIGIN, "session": SESSION}).encode()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, city_pem: bytes) -> Iterator[RunningService]:
    """A service with the least patience and the least room."""
    folder = tmp_path_factory.mktemp("strict")
    (folder / "city.pem").write_bytes(city_pem)
    bounds = f"max_body_bytes = {LIMIT}\nbody_seconds = 0.5"
    with RunningService.started(folder, configuration(bounds)) as running:
        yield running


def expect(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json["code"], reply.json["status"]) == (status, code, status)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["fault"] == code.split(".", maxsplit=1)[0]
    assert reply.json["instance"] == reply.headers["X-Request-Id"]
    assert b"Traceback" not in reply.body


def exchange(service: RunningService, octets: bytes) -> bytes:
    """Send octets as they are; return everything that comes back until the connection ends."""
    host, port = service.address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(octets)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"origin": "\xff"}',
        b"\xef\xbb\xbf{}",
        NONCE_BODY + b"{}",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"1" * 31 + b".5}",
        rb'{"a": "\ud800"}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: f"{len(body)}:{body[:12]!r}",
)
def test_what_is_no_strict_json_is_malformed(service: RunningService, body: bytes) -> None:
    expect(service.send("/v1/nonces", body), 400, "request.malformed")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1"])
def test_what_is_no_object_is_invalid(service: RunningService, body: bytes) -> None:
    expect(service.send("/v1/nonces", body), 400, "request.invalid")


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"origin": ORIGIN}, ""),
        ({"origin": ORIGIN, "session": SESSION, "sesion": ""}, ""),
        ({"origin": ORIGIN, "session": ""}, "session"),
        ({"origin": ORIGIN, "session": "s" * 257}, "session"),
        ({"origin": ORIGIN, "session": 1}, "session"),
        ({"origin": f"{ORIGIN}/", "session": SESSION}, "origin"),
        ({"origin": f"{ORIGIN}\n", "session": SESSION}, "origin"),
        ({"origin": "http://portal.city.example", "session": SESSION}, "origin"),
    ],
)
def test_the_member_at_fault_is_named(
    service: RunningService, document: object, named: str
) -> None:
    reply = service.post("/v1/nonces", document)
    expect(reply, 400, "request.invalid")
    assert named in reply.json["detail"]


@pytest.mark.parametrize("junk", ["%", "YQ", "YR==", "Y Q==", "_w==", "YQ==\n", "好"])
def test_what_is_no_canonical_base64_is_invalid(service: RunningService, junk: str) -> None:
    reply = service.post("/v1/signatures", {"signature": junk})
    expect(reply, 400, "request.invalid")
    assert reply.json["detail"] == "signature is not canonical base64"


@pytest.mark.parametrize("time", ["2026-03-09T08:30:00", "yesterday", 1])
def test_a_time_without_zone_is_invalid(service: RunningService, time: object) -> None:
    reply = service.post("/v1/signatures", {"signature": "", "received_at": time})
    expect(reply, 400, "request.invalid")
    assert "received_at" in reply.json["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_another_media_type_is_refused(service: RunningService, headers: dict[str, str]) -> None:
    body = gzip.compress(NONCE_BODY) if "Content-Encoding" in headers else NONCE_BODY
    reply = service.request("POST", "/v1/nonces", body, headers)
    expect(reply, 415, "request.media_type_unsupported")


def test_a_body_of_a_declared_size_beyond_the_limit_is_refused_unread(
    strict: RunningService,
) -> None:
    head = b"POST /v1/signatures HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    answer = exchange(strict, head + b"Content-Length: 999999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"request.too_large"' in answer


def test_a_body_that_grows_beyond_the_limit_is_refused(strict: RunningService) -> None:
    head = b"POST /v1/signatures HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    answer = exchange(strict, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_of_just_the_limit_is_read(strict: RunningService) -> None:
    expect(strict.send("/v1/nonces", b" " * LIMIT), 400, "request.malformed")
    expect(strict.send("/v1/nonces", b" " * (LIMIT + 1)), 413, "request.too_large")


def test_a_body_that_stops_arriving_is_not_waited_for(strict: RunningService) -> None:
    head = b"POST /v1/nonces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    answer = exchange(strict, head + b"Content-Length: 100\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"request.too_slow"' in answer


@pytest.mark.parametrize("octets", [b"", b"GET /v1/he", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_connection_without_a_whole_request_is_closed(
    strict: RunningService, octets: bytes
) -> None:
    assert exchange(strict, octets) == b""


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        (
            b"POST /v1/nonces HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
    ],
)
def test_what_is_not_http_is_answered_without_a_trace(
    strict: RunningService, octets: bytes
) -> None:
    answer = exchange(strict, octets)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"Traceback" not in answer
    assert b".py" not in answer


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_another_method_is_refused_and_the_right_one_named(
    service: RunningService, method: str
) -> None:
    reply = service.request(method, "/v1/logins")
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    if method != "HEAD":
        expect(reply, 405, "request.method_unsupported")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/logins/", "/v2/logins", "/v1/%00", "/../etc"])
def test_another_path_is_not_found(service: RunningService, path: str) -> None:
    expect(service.get(path), 404, "request.not_found")


def test_a_web_page_is_sent_away(service: RunningService) -> None:
    headers = {"Content-Type": "application/json", "Origin": ORIGIN}
    reply = service.request("POST", "/v1/nonces", NONCE_BODY, headers)
    expect(reply, 403, "request.from_page")


def test_no_answer_is_kept_by_anybody(service: RunningService) -> None:
    for reply in (service.get("/v1/health"), service.get("/nowhere")):
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Server"] == "signet-verify-service"
