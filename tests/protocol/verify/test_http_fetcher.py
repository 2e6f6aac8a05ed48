"""The network as far as a policy allows it, against a real server on the loopback."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from signet_protocol.verify import (
    Reason,
    RevocationPolicy,
    RevocationState,
    VerificationPolicy,
    Verifier,
)
from signet_protocol.verify.reports import LoginReport, RevocationSourceKind
from signet_protocol.verify.revocation import FetchError, FetchRefusedError
from signet_protocol.verify.revocation import fetched as fetched_module
from signet_protocol.verify.revocation.fetched import (
    CACHE_SECONDS,
    OUTAGE_SECONDS,
    FetchedRevocation,
)
from signet_protocol.verify.revocation.http_fetcher import HttpFetcher
from tests.kit.pki import Authority
from tests.protocol.verify.city import NONCE, ORIGIN, City, write_token
from tests.protocol.verify.draft import Signer
from tests.protocol.verify.status import HOUR, NOW, Answer, List, create_responder

Reply = tuple[int, bytes] | Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server whose answers a test chooses, and what it was asked."""

    def __init__(self) -> None:
        self.replies: dict[str, Callable[[bytes], Reply]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(length)
                site.asked.append(f"{self.command} {self.path}")
                reply = site.replies[self.path](body)
                if callable(reply):
                    reply(self)
                    return
                self.send_response(reply[0])
                self.send_header("Content-Length", str(len(reply[1])))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(reply[1])

            do_POST = do_GET  # noqa: N815 -- the server looks methods up by this name

            def log_message(self, *words: object) -> None:
                """Be silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


class TestFetcher:
    def test_a_named_host_is_asked(self, site: Site) -> None:
        site.replies["/a?b=c"] = lambda _: (200, b"list")
        site.replies["/post"] = lambda body: (200, body + b"!")
        fetcher = HttpFetcher([site.host])
        assert fetcher.get(site.url("/a?b=c")) == b"list"
        assert fetcher.post(site.url("/post"), b"question", "text/plain") == b"question!"
        assert site.asked == ["GET /a?b=c", "POST /post"]

    @pytest.mark.parametrize(
        "url",
        [
            "http://localhost:{port}/",
            "http://127.0.0.1/",
            "http://user@127.0.0.1:{port}/",
            "http://127.0.0.1:{port}@evil.example/",
            "http://127.0.0.1:99999/",
            "http://[::1/",
            "ftp://127.0.0.1:{port}/",
            "ldap://127.0.0.1:{port}/",
            "file:///etc/passwd",
            "//127.0.0.1:{port}/",
            "http://127.0.0.1:{port}/a b",
            "http://127.0.0.1:{port}/\r\nHost: evil",
            "http://127.0.0.1:{port}/节",
            "http://127.0.0.1:{port}/" + "a" * 3000,
            "",
        ],
    )
    def test_nobody_else_is_asked(self, site: Site, url: str) -> None:
        fetcher = HttpFetcher([site.host])
        with pytest.raises(FetchRefusedError):
            fetcher.get(url.format(port=site.server.server_port))
        assert site.asked == []

    @pytest.mark.parametrize("status", [204, 301, 302, 307, 404, 500])
    def test_no_redirect_is_followed_and_no_other_status_counts(
        self, site: Site, status: int
    ) -> None:
        site.replies["/"] = lambda _: (status, b"")
        with pytest.raises(FetchError, match="another status"):
            HttpFetcher([site.host]).get(site.url("/"))
        assert site.asked == ["GET /"]

    def test_an_answer_that_is_too_large_is_not_read_to_its_end(self, site: Site) -> None:
        site.replies["/"] = lambda _: (200, bytes(101))
        with pytest.raises(FetchError, match="larger"):
            HttpFetcher([site.host], max_bytes=100).get(site.url("/"))
        assert HttpFetcher([site.host], max_bytes=101).get(site.url("/")) == bytes(101)

    def test_a_host_that_drips_is_cut_off(self, site: Site) -> None:
        def drip(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            while True:
                try:
                    handler.wfile.write(b"x")
                except OSError:
                    return
                time.sleep(0.02)

        site.replies["/"] = lambda _: drip
        with pytest.raises(FetchError):
            HttpFetcher([site.host], timeout_seconds=0.3).get(site.url("/"))

    def test_a_host_that_says_nothing_is_given_up(self, site: Site) -> None:
        site.replies["/"] = lambda _: lambda _: time.sleep(1)
        with pytest.raises(FetchError, match="did not answer"):
            HttpFetcher([site.host], timeout_seconds=0.2).get(site.url("/"))

    def test_a_host_that_is_not_there_is_said_to_be_silent(self) -> None:
        probe = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        host = f"127.0.0.1:{probe.server_port}"
        probe.server_close()
        with pytest.raises(FetchError, match="ConnectionRefusedError"):
            HttpFetcher([host]).get(f"http://{host}/")

    def test_something_that_is_not_http_is_no_answer(self, site: Site) -> None:

        def greet(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"SSH-2.0\r\n")

        site.replies["/"] = lambda _: greet
        with pytest.raises(FetchError):
            HttpFetcher([site.host]).get(site.url("/"))


class Clock:
    """Seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Office:
    """An authority that answers over HTTP for one person, and a department that asks it."""

    def __init__(self, city: City, site: Site) -> None:
        uri = x509.UniformResourceIdentifier
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri(site.url("/ocsp")))
        point = x509.DistributionPoint([uri(site.url("/crl"))], None, None, None)
        self.person: Signer = city.signer(
            extensions=[
                (x509.AuthorityInformationAccess([access]), False),
                (x509.CRLDistributionPoints([point]), False),
            ]
        )
        self.authority: Authority = city.hierarchy.citizen
        self.clock = Clock()
        self.site = site
        self.anchors = city.anchors
        self.source = FetchedRevocation(HttpFetcher([site.host], 1.0), self.clock)
        site.replies["/ocsp"] = self.answer
        site.replies["/crl"] = lambda _: (200, List(self.authority).der())
        self.nonce: bytes | None = None
        self.status = ocsp.OCSPCertStatus.GOOD

    def answer(self, body: bytes) -> Reply:
        request = ocsp.load_der_ocsp_request(body)
        assert request.serial_number == self.person.certificate.serial_number
        asked = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        nonce = asked if self.nonce is None else self.nonce
        answer = Answer(self.person.certificate, self.authority, self.status, nonce=nonce)
        return (200, answer.by(create_responder(self.authority)))

    def login(self, *, ocsp_nonce_required: bool = False) -> LoginReport:
        rules = RevocationPolicy(authorities=False, ocsp_nonce_required=ocsp_nonce_required)
        policy = VerificationPolicy(revocation=rules)
        verifier = Verifier(self.anchors, policy, revocation=[self.source], clock=lambda: NOW)
        return verifier.login(write_token(self.person, "p256"), origin=ORIGIN, nonce=NONCE)


@pytest.fixture
def office(city: City, site: Site) -> Office:
    return Office(city, site)


class TestFetched:
    def test_the_responder_is_asked_first(self, office: Office) -> None:
        report = office.login()
        assert report.accepted, report.findings
        assert report.chain[0].revocation.source is RevocationSourceKind.FETCHED
        assert office.site.asked == ["POST /ocsp"]

    def test_an_answer_serves_the_next_login_for_a_while(self, office: Office) -> None:
        office.login()
        office.clock.seconds = CACHE_SECONDS - 1
        assert office.login().chain[0].revocation.source is RevocationSourceKind.CACHED
        office.clock.seconds = CACHE_SECONDS
        assert office.login().chain[0].revocation.source is RevocationSourceKind.FETCHED
        assert office.site.asked == ["POST /ocsp"] * 2

    def test_a_responder_that_is_down_is_said_so_and_the_list_is_read(self, office: Office) -> None:
        office.site.replies["/ocsp"] = lambda _: (503, b"")
        report = office.login()
        assert report.accepted
        assert [one.reason for one in report.findings] == [Reason.REVOCATION_UNAVAILABLE]
        assert report.chain[0].revocation.method == "crl"

    def test_when_all_are_down_the_policy_decides(self, office: Office) -> None:
        office.site.replies = dict.fromkeys(("/ocsp", "/crl"), lambda _: (503, b""))
        report = office.login()
        assert [one.reason for one in report.findings] == [
            Reason.REVOCATION_UNAVAILABLE,
            Reason.REVOCATION_UNAVAILABLE,
            Reason.REVOCATION_UNKNOWN,
        ]
        assert report.chain[0].revocation.state is RevocationState.UNKNOWN

    def test_who_is_down_is_not_asked_again_at_once(self, office: Office) -> None:
        office.site.replies = dict.fromkeys(("/ocsp", "/crl"), lambda _: (503, b""))
        office.login()
        office.clock.seconds = OUTAGE_SECONDS - 1
        office.login()
        assert len(office.site.asked) == 2
        office.clock.seconds = OUTAGE_SECONDS
        office.login()
        assert len(office.site.asked) == 4

    def test_a_revoked_certificate_is_refused(self, office: Office) -> None:
        office.status = ocsp.OCSPCertStatus.REVOKED
        assert [one.reason for one in office.login().errors] == [Reason.CERTIFICATE_REVOKED]

    def test_an_answer_to_another_question_is_not_believed_then_nor_later(
        self, office: Office
    ) -> None:
        office.nonce = b"n" * 32
        for _ in range(2):
            report = office.login()
            assert {one.reason for one in report.findings} == {Reason.REVOCATION_REPLAYED}
            assert report.chain[0].revocation.method == "crl"

    def test_a_responder_without_nonces_is_believed_unless_the_policy_wants_them(
        self, office: Office
    ) -> None:
        office.nonce = b""
        assert office.login().chain[0].revocation.method == "ocsp"
        office.clock.seconds = CACHE_SECONDS
        report = office.login(ocsp_nonce_required=True)
        assert [one.reason for one in report.findings] == [Reason.REVOCATION_REPLAYED]

    def test_garbage_in_the_cache_is_fetched_anew(self, office: Office) -> None:
        honest = office.site.replies["/crl"]
        office.site.replies["/ocsp"] = lambda _: (503, b"")
        office.site.replies["/crl"] = lambda _: (200, b"garbage")
        assert not office.login().accepted
        office.site.replies["/crl"] = honest
        assert office.login().accepted

    def test_a_full_cache_forgets_the_oldest(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetched_module, "MAX_CACHED", 1)
        office.site.replies["/ocsp"] = lambda _: (503, b"")
        office.login()
        office.login()
        assert office.site.asked.count("POST /ocsp") == 2

    def test_a_host_that_the_policy_does_not_name_is_not_asked(self, office: Office) -> None:
        office.source = FetchedRevocation(HttpFetcher(["ocsp.example"]), office.clock)
        report = office.login()
        assert not report.accepted
        assert office.site.asked == []
        assert "names no such host" in report.findings[0].detail

    def test_a_stale_answer_is_not_believed_from_the_cache_either(self, office: Office) -> None:
        old = Answer(
            office.person.certificate,
            office.authority,
            this_update=NOW - 9 * HOUR,
            next_update=NOW - HOUR,
        ).der()
        office.site.replies["/ocsp"] = lambda _: (200, old)
        for _ in range(2):
            report = office.login()
            assert {one.reason for one in report.findings} == {Reason.REVOCATION_STALE}
            assert report.chain[0].revocation.method == "crl"
