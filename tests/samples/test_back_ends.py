"""The sample back ends do what their readers will copy: they let in who should be, and no other."""

import asyncio
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.kit.pki import CITIZEN, ENCRYPTION, KeyKind, private_key
from tests.kit.sample import Sample
from tests.protocol.verify.city import City, write_token
from tests.protocol.verify.draft import Draft, Signer
from tests.samples.conftest import java
from tests.samples.people import ORIGIN, log_in

ALL = ("python", "java_rest", "java_login")
SIGNING = ("python", "java_rest")


@pytest.fixture(params=ALL)
def sample(request: pytest.FixtureRequest, samples: dict[str, Sample]) -> Sample:
    return samples[request.param]


@pytest.fixture(params=SIGNING)
def signing(request: pytest.FixtureRequest, samples: dict[str, Sample]) -> Sample:
    return samples[request.param]


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384", "p521"])
def test_a_person_logs_in_with_any_accepted_key(sample: Sample, city: City, kind: KeyKind) -> None:
    answer = log_in(sample.browser(), city.signer(kind), kind)
    assert answer == (200, {"name": "张三 样例"})


def test_a_token_counts_once(sample: Sample, city: City) -> None:
    browser = sample.browser()
    _, issued = browser.post("/nonce", {})
    token = write_token(city.signer(), "p256", origin=ORIGIN, nonce=issued["nonce"])
    body = {"nonce": issued["nonce"], "token": token}
    before = browser.session
    assert browser.post("/login", body)[0] == 200
    browser.session = before
    assert browser.post("/login", body)[0] == 403


def test_a_token_counts_in_its_own_browser_only(sample: Sample, city: City) -> None:
    hers, his = sample.browser(), sample.browser()
    _, issued = hers.post("/nonce", {})
    his.post("/nonce", {})
    token = write_token(city.signer(), "p256", origin=ORIGIN, nonce=issued["nonce"])
    assert his.post("/login", {"nonce": issued["nonce"], "token": token})[0] == 403


def test_a_token_for_another_origin_is_refused(sample: Sample, city: City) -> None:
    other = "https://evil.example"
    assert log_in(sample.browser(), city.signer(), origin=other)[0] == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"algorithm": "none"},
        {"algorithm": "RS256"},
        {"algorithm": "ES384"},
        {"format": "web-eid:2.0"},
        {"signature": "!"},
        {"signature": b64encode(bytes(64)).decode()},
        {"unverifiedCertificate": "MIIB"},
        {"unverifiedCertificate": None},
    ],
    ids=str,
)
def test_a_token_that_is_wrong_in_one_member_is_refused(
    sample: Sample, city: City, changed: dict[str, object]
) -> None:
    assert log_in(sample.browser(), city.signer(), changed=changed)[0] == 403


def test_a_key_on_a_curve_of_the_same_size_is_refused(sample: Sample, city: City) -> None:
    assert log_in(sample.browser(), city.signer("k256"), "k256")[0] == 403


def test_a_short_rsa_key_is_refused(sample: Sample, city: City) -> None:
    assert log_in(sample.browser(), city.signer("rsa1024"), "rsa1024")[0] == 403


def test_a_certificate_for_encryption_is_refused(sample: Sample, city: City) -> None:
    assert log_in(sample.browser(), city.signer(usage=ENCRYPTION))[0] == 403


def test_somebody_of_another_city_is_refused(sample: Sample) -> None:
    assert log_in(sample.browser(), City().signer())[0] == 403


def test_a_revoked_certificate_is_refused_where_lists_are_read(
    samples: dict[str, Sample], revoked: Signer
) -> None:
    assert log_in(samples["java_login"].browser(), revoked)[0] == 403
    assert "revoked" in samples["java_login"].errors.read_text()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"a":1,"a":1}',
        b'{"a":null,"a":1}',
        b"[" * 60_000,
        b"9" * 60_000,
    ],
    ids=lambda body: f"{body[:8]!r}",
)
def test_a_body_that_is_no_object_is_told(sample: Sample, body: bytes) -> None:
    status, answer = sample.browser().send("/login", body, "application/json")
    # Python's own reader takes the last of two members with one name.
    assert status in (400, 403)
    assert answer["error"]


def test_a_form_of_another_site_gets_nowhere(sample: Sample) -> None:
    assert sample.browser().send("/nonce", b"{}", "text/plain")[0] == 415


def test_a_body_beyond_the_limit_is_refused(sample: Sample) -> None:
    body = b" " * (1024 * 1024 + 1)
    assert sample.browser().send("/login", body, "application/json")[0] == 413


def test_another_page_is_not_found(sample: Sample) -> None:
    assert sample.browser().post("/admin", {})[0] == 404


def sign(signer: Signer, form: str) -> dict[str, object]:
    return {"signature": b64encode(Draft(signer, form.encode()).build()).decode()}


def test_a_person_signs_the_form_that_the_server_holds(signing: Sample, city: City) -> None:
    browser, signer = signing.browser(), city.signer()
    log_in(browser, signer)
    _, shown = browser.post("/form", {})
    status, answer = browser.post("/signature", sign(signer, shown["document"]))
    assert (status, answer["accepted"]) == (200, True)
    other = shown["document"].replace("12840", "1")
    assert browser.post("/signature", sign(signer, other))[0] == 403


def test_nobody_signs_without_a_login(signing: Sample) -> None:
    browser = signing.browser()
    browser.post("/nonce", {})
    assert browser.post("/form", {})[0] == 403
    assert browser.post("/signature", {"signature": ""})[0] == 403


def test_who_has_no_identity_number_does_not_log_in(signing: Sample, city: City) -> None:
    nobody, key = replace(CITIZEN, identities={}, serial_number=None), private_key("p256")
    signer = Signer(city.hierarchy.citizen.issue(nobody, key.public_key()), key)
    browser = signing.browser()
    status, answer = log_in(browser, signer)
    assert (status, "身份号码" in answer["error"]) == (403, True)
    assert browser.post("/form", {})[0] == 403


def test_nothing_is_not_signed(signing: Sample, city: City) -> None:
    browser, signer = signing.browser(), city.signer()
    log_in(browser, signer)
    assert browser.post("/signature", sign(signer, ""))[0] == 409


@pytest.mark.parametrize("junk", ["!", "MIIB", None, 1])
def test_what_is_no_signature_is_refused(signing: Sample, city: City, junk: object) -> None:
    browser = signing.browser()
    log_in(browser, city.signer())
    browser.post("/form", {})
    assert browser.post("/signature", {"signature": junk})[0] in (400, 403)


def test_the_session_has_a_new_name_after_the_login(signing: Sample, city: City) -> None:
    browser = signing.browser()
    browser.post("/nonce", {})
    before = browser.session
    log_in(browser, city.signer())
    assert browser.session != before
    browser.session = before
    assert browser.post("/form", {})[0] == 403


async def test_a_proxy_that_answers_in_the_services_place_is_no_fault_of_the_page(
    tmp_path: Path,
) -> None:
    async def fail(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<h1>Bad Gateway</h1>", content_type="text/html")

    def ask(service: str) -> tuple[int, object]:
        words = (java(), "samples/java/RestBackEnd.java", service, ORIGIN, "0")
        with Sample.started(tmp_path, words) as sample:
            return sample.browser().post("/nonce", {})

    proxy = web.Application()
    proxy.router.add_post("/v1/nonces", fail)
    async with TestServer(proxy) as server:
        status, answer = await asyncio.to_thread(ask, f"http://127.0.0.1:{server.port}")
    assert (status, answer) == (503, {"error": "本网站暂时无法核对，操作没有完成。请稍后再试。"})
