"""Revocation, a responder that is down or slow, too much work, and the end of the service."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.verification_service import START_SECONDS, Reply, RunningService
from tests.protocol.service.department import configuration, issue, log_in, login_body
from tests.protocol.service.responder import Responder
from tests.protocol.verify.city import City, write_token


@pytest.fixture
def responder() -> Iterator[Responder]:
    with Responder.running() as site:
        yield site


class Calls:
    """Logins on threads of their own, each by somebody with a nonce."""

    def __init__(self, service: RunningService) -> None:
        self.service = service
        self.replies: list[Reply] = []
        self._threads: list[threading.Thread] = []

    def start(self, body: dict[str, object]) -> None:
        def call() -> None:
            self.replies.append(self.service.post("/v1/logins", body))

        thread = threading.Thread(target=call)
        self._threads.append(thread)
        thread.start()

    def join(self) -> list[Reply]:
        for thread in self._threads:
            thread.join()
        return self.replies


def prepare(service: RunningService, responder: Responder, city: City) -> dict[str, object]:
    """Return a good login whose verification asks the responder."""
    nonce = issue(service)
    origin = "https://portal.city.example"
    token = write_token(responder.signer(city), "p256", origin=origin, nonce=nonce)
    return login_body(nonce, token)


def test_a_certificate_that_is_not_on_the_list_is_good(
    home: Path, city: City, responder: Responder
) -> None:
    signer = responder.signer(city)
    with RunningService.started(home, configuration(revocation=responder.rules())) as service:
        report = log_in(service, signer).json
    assert report["accepted"]
    assert report["chain"][0]["revocation"]["source"] == "fetched"


def test_a_revoked_certificate_is_refused(home: Path, city: City, responder: Responder) -> None:
    signer = responder.signer(city, revoked=True)
    with RunningService.started(home, configuration(revocation=responder.rules())) as service:
        assert log_in(service, signer).reasons == ["certificate.revoked"]


@pytest.mark.parametrize(("mode", "accepted"), [("require", False), ("prefer", True)])
def test_a_responder_that_is_down_stands_in_the_report_and_policy_decides(
    home: Path, city: City, mode: str, accepted: bool
) -> None:
    with Responder.running() as responder:
        signer, rules = responder.signer(city), responder.rules(mode)
    with RunningService.started(home, configuration(revocation=rules)) as service:
        reply = log_in(service, signer)
    assert reply.json["accepted"] is accepted
    found = {finding["reason"] for finding in reply.json["findings"]}
    assert {"revocation.unavailable", "revocation.unknown"} <= found
    assert reply.json["chain"][0]["revocation"]["state"] == "unknown"


def test_more_work_than_there_is_room_for_is_sent_away(
    home: Path, city: City, responder: Responder
) -> None:
    text = configuration("threads = 1\nwaiting = 0", revocation=responder.rules())
    with RunningService.started(home, text) as service:
        first, second = (prepare(service, responder, city) for _ in range(2))
        responder.answering.clear()
        calls = Calls(service)
        calls.start(first)
        responder.asked.wait()
        busy = service.post("/v1/logins", second)
        responder.answering.set()
        (reply,) = calls.join()
        again = service.post("/v1/logins", second)
    assert (busy.status, busy.json["code"], busy.json["retry"]) == (503, "service.busy", True)
    assert busy.headers["Retry-After"] == "1"
    assert reply.json["accepted"]
    assert again.json["accepted"]


def test_an_answer_that_takes_too_long_is_not_waited_for(
    home: Path, city: City, responder: Responder
) -> None:
    text = configuration("answer_seconds = 0.5", revocation=responder.rules())
    with RunningService.started(home, text) as service:
        body = prepare(service, responder, city)
        responder.answering.clear()
        reply = service.post("/v1/logins", body)
        responder.answering.set()
        assert service.get("/v1/health").status == 200
    assert (reply.status, reply.json["code"]) == (503, "service.timeout")


def test_a_login_under_way_is_answered_before_the_service_ends(
    home: Path, city: City, responder: Responder
) -> None:
    text = configuration(revocation=responder.rules())
    with RunningService.started(home, text) as service:
        body = prepare(service, responder, city)
        responder.answering.clear()
        calls = Calls(service)
        calls.start(body)
        responder.asked.wait()
        service.process.terminate()
        _until_logged(service, "stopping")
        with pytest.raises(OSError, match="refused"):
            service.get("/v1/health")
        responder.answering.set()
        (reply,) = calls.join()
        assert service.process.wait(START_SECONDS) == 0
    assert reply.json["accepted"]
    assert service.log()[-1]["event"] == "stopped"


def _until_logged(service: RunningService, event: str) -> None:
    while not any(line["event"] == event for line in service.log()):
        assert service.process.poll() is None
        time.sleep(0.01)


def test_the_log_has_one_line_for_each_request_and_nobodys_secrets(home: Path, city: City) -> None:
    with RunningService.started(home, configuration()) as service:
        nonce = issue(service, session="s-e-c-r-e-t")
        token = write_token(city.signer(), "p256", nonce=nonce)
        reply = service.post("/v1/logins", login_body(nonce, token, session="s-e-c-r-e-t"))
        service.get("/somewhere/s-e-c-r-e-t?s-e-c-r-e-t")
        lines = [line for line in service.log() if line["event"] == "request"]
        text = service.log_file.read_text()
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/v1/nonces", 200),
        ("/v1/logins", 200),
        ("", 404),
    ]
    assert lines[1]["reasons"] == ["login.signature_wrong", "revocation.not_asked"]
    assert lines[1]["id"] == reply.headers["X-Request-Id"]
    for secret in ("s-e-c-r-e-t", nonce, str(token["signature"]), "990101199001010011", "张三"):
        assert secret not in text
