import pytest
from django.test import Client

from portal.middleware import CONTENT_SECURITY_POLICY
from tests.portal.people import Person
from tests.portal.visits import Visit, visit

SITES = ["portal", "guoshui", "gongshang"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8443",
        "127.0.0.1:8443",
        "guoshui.localhost",
        "guoshui.localhost:9000",
        "dishui.localhost:8443",
        "evil.guoshui.localhost:8443",
        "guoshui.localhost.evil.example:8443",
        "guoshui.localhost:8443.evil.example",
        "guoshui_x.localhost:8443",
        "GUOSHUI.localhost:8443",
        "",
    ],
)
def test_an_unknown_host_gets_400_and_nothing_else(host: str) -> None:
    answer = Client(headers={"host": host}).get("/", secure=True)

    assert answer.status_code == 400
    assert answer.content == b"400 no such site\n"
    assert not answer.cookies


def test_a_forwarded_host_counts_for_nothing() -> None:
    answer = Client(headers={"host": "evil.example", "x-forwarded-host": "guoshui.localhost:8443"})

    assert answer.get("/", secure=True).status_code == 400


def test_each_site_has_its_own_addresses() -> None:
    assert Visit("portal").get("/login/nonce").status_code == 404
    assert Visit("portal").get("/gs1/").status_code == 404
    assert Visit("guoshui").get("/about/").status_code == 404


def test_a_department_has_its_own_forms_only(zhang: Person) -> None:
    assert visit("guoshui", zhang).get("/sg1/").status_code == 404
    assert visit("gongshang", zhang).get("/gs1/").status_code == 404


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("path", ["/", "/nowhere/at/all/x/", "/static/portal.css"])
def test_every_answer_carries_the_headers(site: str, path: str) -> None:
    headers = Visit(site).get(path).headers

    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "loopback-network=(self)" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == ("no-cache" if path == "/static/portal.css" else "no-store")


def test_the_policy_lets_scripts_reach_the_agent_and_nothing_else_outside() -> None:
    directives = dict(each.split(" ", 1) for each in CONTENT_SECURITY_POLICY.split("; "))

    assert directives["connect-src"] == (
        "'self' ws://127.0.0.1:* wss://localhost:* https://localhost:*"
    )
    assert directives["script-src"] == "'self'"
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_plain_http_is_sent_to_https() -> None:
    answer = Visit("guoshui").client.get("/")

    assert answer.status_code == 301
    assert answer["Location"] == "https://guoshui.localhost:8443/"


def test_cookies_cannot_be_set_by_another_host(zhang: Person) -> None:
    browser = visit("guoshui", zhang)
    browser.get("/gs1/?lang=en")

    assert set(browser.client.cookies) == {"__Host-session", "__Host-csrf", "__Host-language"}
    for cookie in browser.client.cookies.values():
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
        assert cookie["samesite"] == "Lax"


def test_the_home_page_keeps_nothing_about_a_visitor() -> None:
    browser = Visit("portal")
    browser.get("/")

    assert not browser.client.cookies


@pytest.mark.parametrize("path", ["/login", "/login/nonce", "/logout", "/gs1/draft"])
def test_a_post_without_its_token_is_refused_calmly(path: str) -> None:
    browser = Visit("guoshui")
    client = Client(enforce_csrf_checks=True, headers={"host": browser.host})

    page = client.post(path, secure=True)
    call = client.post(path, secure=True, headers={"accept": "application/json"})

    assert page.status_code == call.status_code == 403
    assert "请刷新页面" in page.content.decode()
    assert call.json()["error"]["code"] == "stale_page"


def test_a_post_with_another_origin_is_refused() -> None:
    browser = Visit("guoshui")
    client = Client(enforce_csrf_checks=True, headers={"host": browser.host})
    page = client.get("/", secure=True).content.decode()
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    headers = {"x-csrftoken": token, "origin": "https://gongshang.localhost:8443"}

    foreign = client.post("/login/nonce", secure=True, headers=headers)
    own = client.post("/login/nonce", secure=True, headers=headers | {"origin": browser.origin})

    assert (foreign.status_code, own.status_code) == (403, 200)


@pytest.mark.parametrize("path", ["/login", "/gs1/draft", "/gs1/offer", "/logout"])
def test_what_changes_something_takes_posts_only(path: str) -> None:
    assert Visit("guoshui").get(path).status_code == 405


def test_a_chosen_language_is_kept() -> None:
    browser = Visit("guoshui")

    assert '<html lang="zh-Hans">' in browser.get("/").content.decode()
    assert '<html lang="en">' in browser.get("/?lang=en").content.decode()
    assert '<html lang="en">' in browser.get("/").content.decode()
    assert '<html lang="zh-Hans">' in browser.get("/?lang=zh-Hans").content.decode()


@pytest.mark.parametrize("wish", ["xx", "../en", "EN"])
def test_an_unknown_language_changes_nothing(wish: str) -> None:
    browser = Visit("guoshui")
    browser.client.cookies["__Host-language"] = wish

    answer = browser.client.get("/", {"lang": wish}, secure=True)

    assert '<html lang="zh-Hans">' in answer.content.decode()


def test_the_browsers_own_language_is_not_followed() -> None:
    browser = Visit("guoshui")

    answer = browser.client.get("/", secure=True, headers={"accept-language": "en"})

    assert '<html lang="zh-Hans">' in answer.content.decode()
