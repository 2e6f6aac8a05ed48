"""The four operations of a running service, and what it says when it does not do them."""

import hashlib
from pathlib import Path

import pytest

from tests.kit.verification_service import RunningService
from tests.protocol.service.department import (
    ORIGIN,
    OTHER_ORIGIN,
    SESSION,
    configuration,
    encode,
    issue,
    log_in,
    login_body,
)
from tests.protocol.verify.city import CONTENT, City, write_token
from tests.protocol.verify.draft import Draft
from tests.protocol.verify.tsa import TimeStamper


def sign(city: City, *, attached: bool = False) -> str:
    draft = Draft(city.signer(), CONTENT)
    draft.embedded = CONTENT if attached else None
    return encode(draft.build())


class TestLogins:
    def test_a_token_over_its_nonce_logs_the_person_in(
        self, service: RunningService, city: City
    ) -> None:
        reply = log_in(service, city.signer())
        assert (reply.status, reply.json["accepted"]) == (200, True)
        assert reply.json["holder"]["cid"] == "990101199001010011"
        assert reply.json["origin"] == ORIGIN

    def test_a_nonce_counts_once(self, service: RunningService, city: City) -> None:
        nonce = issue(service)
        assert log_in(service, city.signer(), nonce=nonce).json["accepted"]
        again = log_in(service, city.signer(), nonce=nonce)
        assert (again.status, again.json["accepted"]) == (200, False)
        assert again.reasons == ["login.nonce_unknown"]

    def test_a_nonce_is_used_up_by_a_token_that_is_refused(
        self, service: RunningService, city: City
    ) -> None:
        nonce = issue(service)
        assert service.post("/v1/logins", login_body(nonce, {})).json["accepted"] is False
        assert log_in(service, city.signer(), nonce=nonce).reasons == ["login.nonce_unknown"]

    def test_a_nonce_of_another_session_does_not_count(
        self, service: RunningService, city: City
    ) -> None:
        nonce = issue(service, session="another")
        assert log_in(service, city.signer(), nonce=nonce).reasons == ["login.nonce_unknown"]

    def test_a_nonce_of_another_of_the_departments_sites_does_not_count(
        self, service: RunningService, city: City
    ) -> None:
        nonce = issue(service, origin=OTHER_ORIGIN)
        assert log_in(service, city.signer(), nonce=nonce).reasons == ["login.nonce_unknown"]

    def test_a_token_for_another_origin_is_refused(
        self, service: RunningService, city: City
    ) -> None:
        reply = log_in(service, city.signer(), origin=OTHER_ORIGIN)
        assert reply.reasons == ["login.signature_wrong"]

    def test_a_weak_nonce_and_an_unknown_one_are_both_found(
        self, service: RunningService, city: City
    ) -> None:
        reply = log_in(service, city.signer(), nonce="MTIzNA==")
        assert reply.reasons == ["login.nonce_unknown", "login.nonce_weak"]

    @pytest.mark.parametrize(
        ("algorithm", "reason"),
        [
            ("none", "signature.algorithm_unsupported"),
            ("HS256", "signature.algorithm_unsupported"),
            ("RS256", "signature.algorithm_unsuitable"),
            ("ES384", "signature.algorithm_unsuitable"),
        ],
    )
    def test_a_token_that_names_another_algorithm_than_its_keys_is_refused(
        self, service: RunningService, city: City, algorithm: str, reason: str
    ) -> None:
        nonce = issue(service)
        token = write_token(city.signer(), "p256", origin=ORIGIN, nonce=nonce)
        reply = service.post("/v1/logins", login_body(nonce, {**token, "algorithm": algorithm}))
        assert reason in reply.reasons

    def test_an_origin_that_is_not_the_departments_is_a_problem(
        self, service: RunningService
    ) -> None:
        body = {"origin": "https://evil.example", "session": SESSION}
        reply = service.post("/v1/nonces", body)
        assert (reply.status, reply.json["code"]) == (400, "request.invalid")
        assert "evil" not in reply.body.decode()


class TestSignatures:
    def test_a_detached_signature_over_the_document_is_accepted(
        self, service: RunningService, city: City
    ) -> None:
        body = {"signature": sign(city), "document": encode(CONTENT)}
        report = service.post("/v1/signatures", body).json
        assert (report["accepted"], report["attached"], report["content"]) == (True, False, None)
        assert report["digest"] == hashlib.sha256(CONTENT).hexdigest()

    def test_an_attached_signature_brings_the_document_back(
        self, service: RunningService, city: City
    ) -> None:
        report = service.post("/v1/signatures", {"signature": sign(city, attached=True)}).json
        assert (report["accepted"], report["content"]) == (True, encode(CONTENT))

    @pytest.mark.parametrize("attached", [True, False])
    def test_a_digest_takes_the_documents_place(
        self, service: RunningService, city: City, *, attached: bool
    ) -> None:
        value = hashlib.sha256(CONTENT).digest()
        digest = {"algorithm": "SHA-256", "value": encode(value)}
        body = {"signature": sign(city, attached=attached), "digest": digest}
        report = service.post("/v1/signatures", body).json
        assert (report["accepted"], report["digest"]) == (True, value.hex())

    @pytest.mark.parametrize("attached", [True, False])
    def test_the_digest_of_another_document_is_refused(
        self, service: RunningService, city: City, *, attached: bool
    ) -> None:
        digest = {"algorithm": "SHA-256", "value": encode(bytes(32))}
        body = {"signature": sign(city, attached=attached), "digest": digest}
        assert service.post("/v1/signatures", body).reasons == ["content.different"]

    def test_a_digest_of_another_algorithm_cannot_be_compared(
        self, service: RunningService, city: City
    ) -> None:
        digest = {"algorithm": "SHA-512", "value": encode(hashlib.sha512(CONTENT).digest())}
        body = {"signature": sign(city), "digest": digest}
        assert service.post("/v1/signatures", body).reasons == ["content.missing"]

    def test_another_document_is_refused(self, service: RunningService, city: City) -> None:
        body = {"signature": sign(city), "document": encode(b"{}")}
        assert service.post("/v1/signatures", body).reasons == ["content.different"]

    def test_what_is_no_signature_has_a_report_too(self, service: RunningService) -> None:
        body = {"signature": encode(b"junk"), "document": encode(CONTENT)}
        assert service.post("/v1/signatures", body).reasons == ["signature.malformed"]

    @pytest.mark.parametrize("time", ["2999-01-01T00:00:00Z", "1999-12-31T23:59:59Z"])
    def test_a_time_of_receipt_that_cannot_be_is_a_problem(
        self, service: RunningService, city: City, time: str
    ) -> None:
        body = {"signature": sign(city), "document": encode(CONTENT), "received_at": time}
        reply = service.post("/v1/signatures", body)
        assert (reply.status, reply.json["code"]) == (422, "request.time_unsuitable")

    def test_the_certificate_has_to_have_been_valid_at_the_time_of_receipt(
        self, service: RunningService, city: City
    ) -> None:
        body = {
            "signature": sign(city),
            "document": encode(CONTENT),
            "received_at": "2010-01-01T00:00:00Z",
        }
        assert "certificate.not_yet_valid" in service.post("/v1/signatures", body).reasons


def test_a_time_stamp_is_verified_by_itself(
    service: RunningService, city: City, tmp_path: Path
) -> None:
    token = TimeStamper.create(tmp_path, city.hierarchy.root).stamp(CONTENT)
    body = {"token": encode(token), "content": encode(CONTENT)}
    assert service.post("/v1/timestamps", body).json["accepted"]
    other = service.post("/v1/timestamps", {**body, "content": encode(b"")})
    assert other.reasons == ["timestamp.different"]


def test_health_says_where_the_nonces_are(service: RunningService) -> None:
    reply = service.get("/v1/health")
    assert (reply.status, reply.json["status"], reply.json["nonces"]) == (200, "ok", "memory")


def test_a_service_on_a_unix_socket_answers_again_after_it_was_killed(home: Path) -> None:
    listen = f"unix:{home}/s"
    for _ in range(2):
        with RunningService.started(home, configuration(listen=listen)) as running:
            assert running.address == listen
            assert running.get("/v1/health").status == 200
            running.process.kill()
