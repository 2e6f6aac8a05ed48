from base64 import b64encode
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.login import MAX_OPEN_NONCES, StoredNonces
from portal.models import LoginNonce
from portal.signed_in import SignedIn
from signet_protocol.verify import Reason, VerificationError
from signet_protocol.verify.nonces import NONCE_SECONDS
from tests.portal.people import Person
from tests.portal.visits import Visit, visit

GUOSHUI = "https://guoshui.localhost:8443"


def test_a_person_logs_in_by_certificate(zhang: Person) -> None:
    browser = Visit("guoshui")

    assert browser.log_in(zhang).json() == {"name": "张三 样例"}
    page = browser.get("/").content.decode()
    assert "云汀样例科技有限公司" in page
    assert 'id="start-gs1"' in page


def test_nonces_are_new_each_time_and_kept_as_digests_only() -> None:
    browser = Visit("guoshui")

    nonces = {browser.nonce() for _ in range(3)}

    assert len(nonces) == 3
    assert all(len(nonce) == 44 for nonce in nonces)
    assert not nonces & set(LoginNonce.objects.values_list("digest", flat=True))


def test_a_nonce_is_used_once(zhang: Person) -> None:
    browser = Visit("guoshui")
    nonce = browser.nonce()
    body = {"nonce": nonce, "token": zhang.token(GUOSHUI, nonce)}

    assert browser.post("/login", body).status_code == 200
    again = browser.post("/login", body)

    assert again.status_code == 422
    assert again.json()["error"]["code"] == Reason.NONCE_UNKNOWN


def test_a_token_that_was_refused_used_its_nonce_up_too(zhang: Person, stranger: Person) -> None:
    browser = Visit("guoshui")
    nonce = browser.nonce()

    first = browser.post("/login", {"nonce": nonce, "token": stranger.token(GUOSHUI, nonce)})
    second = browser.post("/login", {"nonce": nonce, "token": zhang.token(GUOSHUI, nonce)})

    assert first.json()["error"]["code"] == Reason.CERTIFICATE_UNTRUSTED
    assert second.json()["error"]["code"] == Reason.NONCE_UNKNOWN


def test_another_browsers_nonce_is_refused(zhang: Person) -> None:
    nonce = Visit("guoshui").nonce()
    attacker = Visit("guoshui")
    attacker.nonce()

    answer = attacker.post("/login", {"nonce": nonce, "token": zhang.token(GUOSHUI, nonce)})

    assert answer.json()["error"]["code"] == Reason.NONCE_UNKNOWN


def test_a_browser_without_a_session_cannot_log_in(zhang: Person) -> None:
    nonce = Visit("guoshui").nonce()

    answer = Visit("guoshui").post("/login", {"nonce": nonce, "token": zhang.token(GUOSHUI, nonce)})

    assert answer.json()["error"]["code"] == Reason.NONCE_UNKNOWN


def test_a_token_for_another_origin_is_refused(zhang: Person) -> None:
    browser = Visit("guoshui")
    nonce = browser.nonce()
    token = zhang.token("https://gongshang.localhost:8443", nonce)

    answer = browser.post("/login", {"nonce": nonce, "token": token})

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == Reason.LOGIN_SIGNATURE_WRONG


def test_a_nonce_grows_too_old(zhang: Person) -> None:
    browser = Visit("guoshui")
    nonce = browser.nonce()
    early = timezone.now() - timedelta(seconds=NONCE_SECONDS + 1)
    LoginNonce.objects.update(issued_at=early)

    answer = browser.post("/login", {"nonce": nonce, "token": zhang.token(GUOSHUI, nonce)})

    assert answer.json()["error"]["code"] == Reason.NONCE_UNKNOWN


def test_old_and_surplus_nonces_are_forgotten() -> None:
    ledger = StoredNonces()
    ledger.issue("other")
    LoginNonce.objects.update(issued_at=timezone.now() - timedelta(seconds=NONCE_SECONDS + 1))
    nonces = [ledger.issue("one") for _ in range(MAX_OPEN_NONCES + 2)]

    assert LoginNonce.objects.count() == MAX_OPEN_NONCES
    with pytest.raises(VerificationError):
        ledger.redeem(nonces[0], "one")
    ledger.redeem(nonces[-1], "one")


@pytest.mark.parametrize(
    "token",
    [
        {},
        {"format": "web-eid:1.0"},
        {"format": 1, "signature": [], "unverifiedCertificate": None},
        {"format": "web-eid:1.0", "unverifiedCertificate": b64encode(b"x" * 900).decode()},
    ],
)
def test_garbage_in_place_of_a_token_is_refused_calmly(token: object) -> None:
    browser = Visit("guoshui")

    answer = browser.post("/login", {"nonce": browser.nonce(), "token": token})

    assert answer.status_code == 422
    assert "请" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"nonce": 1, "token": {}}', "application/json", 400),
        (b'{"nonce": "a"}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b" " * 600_000, "application/json", 400),
        (b"nonce=a", "application/x-www-form-urlencoded", 415),
    ],
)
def test_garbage_in_place_of_a_body_is_refused_calmly(
    body: bytes, media_type: str, status: int
) -> None:
    browser = Visit("guoshui")

    answer = browser.client.post("/login", body, content_type=media_type, secure=True)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == "malformed"


def test_logging_in_gives_the_session_a_new_key(zhang: Person) -> None:
    browser = Visit("guoshui")
    browser.nonce()
    before = browser.client.cookies["__Host-session"].value

    browser.log_in(zhang)

    assert browser.client.cookies["__Host-session"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session(zhang: Person) -> None:
    browser = visit("guoshui", zhang)
    key = browser.client.cookies["__Host-session"].value

    answer = browser.post("/logout")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not Session.objects.filter(session_key=key).exists()
    assert browser.get("/gs1/").status_code == 302


def test_another_departments_session_belongs_to_nobody(zhang: Person) -> None:
    tax = visit("guoshui", zhang)
    registry = Visit("gongshang")
    registry.client.cookies["__Host-session"] = tax.client.cookies["__Host-session"].value

    assert registry.get("/sg1/")["Location"] == "/?next=%2Fsg1%2F"
    assert "云汀样例科技有限公司" not in registry.get("/").content.decode()
    # It is neither ended nor taken over.
    assert tax.get("/gs1/").status_code == 200


def test_another_departments_nonce_is_refused(zhang: Person) -> None:
    tax = Visit("guoshui")
    nonce = tax.nonce()
    registry = Visit("gongshang")
    registry.client.cookies["__Host-session"] = tax.client.cookies["__Host-session"].value

    answer = registry.post("/login", {"nonce": nonce, "token": zhang.token(registry.origin, nonce)})

    assert answer.json()["error"]["code"] == Reason.NONCE_UNKNOWN


def test_an_english_page_gets_an_english_refusal(zhang: Person) -> None:
    browser = Visit("guoshui")
    browser.get("/?lang=en")
    nonce = browser.nonce()

    answer = browser.post(
        "/login", {"nonce": nonce, "token": zhang.token("https://x.example", nonce)}
    )

    assert answer.json()["error"]["message"].startswith("The login signature is not over")


def test_the_page_one_came_for_follows_the_login() -> None:
    browser = Visit("guoshui")

    assert browser.get("/gs1/")["Location"] == "/?next=%2Fgs1%2F"
    assert 'data-next="/gs1/"' in browser.get("/?next=/gs1/").content.decode()


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "", "/a\nb", "/a\\b"]
)
def test_a_login_never_leads_to_another_site(path: str) -> None:
    page = Visit("guoshui").client.get("/", {"next": path}, secure=True).content.decode()

    assert 'data-next="/"' in page


def test_who_is_signed_in_is_compared_by_numbers_not_names() -> None:
    person = SignedIn("张三 样例", "990101198808080013", "甲", "91990100MAYT00013L")

    assert person.enterprise
    assert not SignedIn("张三 样例", "990101198808080013", "", "").enterprise
