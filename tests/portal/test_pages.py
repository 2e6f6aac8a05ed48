import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser

import pytest

from portal.forms.definition import Form
from portal.forms.presentation import cell_text
from portal.texts import speaking
from portal.views.city import find_matters, open_matters
from tests.portal.people import Person
from tests.portal.visits import Visit, complete_draft, occasion, visit

HAN = re.compile(r"[\u4e00-\u9fff]")

_KEPT = (
    r"云汀[^<]*公司",
    r"云汀市证书服务中心（示例）企业 CA",
    r"[张孙]\S 样例|样例科技|云汀市样例路 1 号",
    r"户外广告设置许可|市审批大厅|样广许〔2025〕0018",
    r"中文|逾期 \d+ 天",
    r"value=\"[^\"]*\"|data-key=\"[^\"]*\"",
    r"lang=\"zh-Hans\">[^<]*|aria-hidden=\"true\">[^<]*",
)
CONTENT = re.compile("|".join(_KEPT))
"""What stays Chinese on an English page: names, register content, codes, marks, the seal."""


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, *tags: str) -> Iterator[dict[str, str | None]]:
        return (attributes for tag, attributes in self.elements if tag in tags)


def every_page(zhang: Person, language: str) -> dict[str, str]:
    """Return every page of the portal in a language, by a name."""
    city, out, tax = Visit("portal"), Visit("guoshui"), visit("guoshui", zhang)
    registry = visit("gongshang", zhang)
    for browser in (city, out, tax, registry):
        browser.get(f"/?lang={language}")
    vat = tax.offer("gs1", complete_draft("guoshui", "gs1"))
    filed = tax.submit(vat, zhang).json()["next"]
    inspection = registry.offer("sg1", complete_draft("gongshang", "sg1"))
    reports = registry.submit(inspection, zhang).json()["next"]
    again = tax.offer("gs1", complete_draft("guoshui", "gs1"))
    found = {
        "home": city.get("/"),
        "search": city.get("/?q=VAT"),
        "nothing found": city.get("/?q=xyzzy"),
        "about": city.get("/about/"),
        "landing": out.get("/"),
        "signed in": tax.get("/"),
        "form": tax.get("/gs1/"),
        "other form": registry.get("/sg1/"),
        "sign": tax.get(again),
        "receipt": tax.get(filed),
        "other receipt": registry.get(reports),
        "cases": tax.get("/receipts/"),
        "fault": tax.get("/receipts/none/"),
    }
    return {name: answer.content.decode() for name, answer in found.items()}


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_page_is_whole(zhang: Person, language: str) -> None:
    for name, text in every_page(zhang, language).items():
        page = Page(text)
        ids = [each["id"] for _, each in page.elements if "id" in each]
        assert f'<html lang="{language}">' in text, name
        assert len(list(page.all("h1"))) == 1, name
        assert len(ids) == len(set(ids)), name
        body = re.sub(r'<script id="texts".*?</script>', "", text.split("<body>")[1])
        assert not re.search(r"\{[{%a-z]|None|Undefined", body), name


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_pages_load_nothing_from_elsewhere_and_hold_no_code(zhang: Person, language: str) -> None:
    for name, text in every_page(zhang, language).items():
        page = Page(text)
        loaded = [each.get("src") or "" for each in page.all("script", "img") if "src" in each]
        loaded += [each.get("href") or "" for each in page.all("link")]
        assert all(address.startswith("/static/") for address in loaded), name
        assert all(Visit("guoshui").get(address).status_code == 200 for address in loaded), name
        assert all(
            "src" in each or each.get("type") == "application/json" for each in page.all("script")
        ), name
        for tag, attributes in page.elements:
            assert "style" not in attributes, (name, tag)
            assert not any(key.startswith("on") for key in attributes), (name, tag)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_control_has_a_name(zhang: Person, language: str) -> None:
    for name, text in every_page(zhang, language).items():
        page = Page(text)
        labelled = {each.get("for") for each in page.all("label")}
        for control in page.all("input", "select"):
            if control.get("type") == "hidden":
                continue
            within_label = control.get("type") == "checkbox" and "data-field" in control
            has_name = "aria-label" in control or control.get("id") in labelled or within_label
            assert has_name, (name, control)


def test_an_english_page_has_no_chinese_sentence(zhang: Person) -> None:
    for name, text in every_page(zhang, "en").items():
        body = CONTENT.sub("", text)
        left = [line.strip() for line in body.splitlines() if HAN.search(line)]
        assert left == [], name


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        ("landing", ["login", "cancel", "agent-state", "agent-absent", "other-language"]),
        ("signed in", ["start-gs1", "logout", "person"]),
        ("form", ["to-sign", "field-declare_true", "field-tax_due", "case-number"]),
        ("sign", ["sign", "cancel", "back", "agent-state", "comparison-code", "document"]),
        ("receipt", ["receipt", "comparison-code", "download-document", "download-signature"]),
    ],
)
def test_ids_that_others_rely_on_are_there(zhang: Person, page: str, ids: list[str]) -> None:
    found = {each.get("id") for _, each in Page(every_page(zhang, "zh-Hans")[page]).elements}

    assert set(ids) <= found


def test_buttons_say_what_they_do(zhang: Person) -> None:
    pages = every_page(zhang, "zh-Hans")

    assert re.search(r'id="login"[^>]*>登录<', pages["landing"])
    assert re.search(r'id="to-sign"[^>]*>核对并签名<', pages["form"])
    assert re.search(r'id="sign"[^>]*>签名<', pages["sign"])


def test_departments_in_preparation_are_shown_as_such_and_lead_nowhere() -> None:
    text = Visit("portal").get("/").content.decode()

    assert text.count('class="department coming"') == 10
    assert "dishui.localhost" not in text
    assert 'href="https://guoshui.localhost:8443/?lang=zh-Hans"' in text


def test_a_matter_is_found_by_its_name_or_department() -> None:
    assert [hit.name for hit in find_matters("年检")] == ["网上年检"]
    assert [bool(hit.address) for hit in find_matters("国家税务局")] == [True, False, False]
    with speaking("en"):
        assert [hit.name for hit in find_matters("vat")] == ["Monthly VAT return"]


def test_a_question_is_shown_as_text() -> None:
    text = Visit("portal").client.get("/", {"q": "<script>x"}, secure=True).content.decode()

    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def test_what_is_due_next_comes_first() -> None:
    in_time = open_matters(date(2026, 5, 12))
    late = open_matters(date(2026, 11, 20))

    assert [matter.days for matter in in_time] == [3, 49]
    assert [matter.days for matter in late] == [-4, -143]
    assert in_time[0].due == "5 月 15 日截止"


def test_personal_numbers_are_masked_and_codes_are_not() -> None:
    form: Form = occasion("gongshang", "sg1", date(2026, 11, 12)).form
    (column,) = (each for each in form.tables[0].columns if each.key == "code")

    assert cell_text(column, "990101199009090025") == "9901**********0025"
    assert cell_text(column, "91990100MAYT00064W") == "91990100MAYT00064W"


def test_masked_numbers_are_masked_where_the_document_is_shown(zhang: Person) -> None:
    registry = visit("gongshang", zhang)

    page = registry.get(registry.offer("sg1", complete_draft("gongshang", "sg1"))).content.decode()

    assert "9901**********0025" in page
    assert "990101199009090025" not in page


def test_what_a_person_typed_is_shown_as_text(zhang: Person) -> None:
    registry = visit("gongshang", zhang)
    draft = complete_draft("gongshang", "sg1")
    draft["tables"]["websites"][0]["name"] = '"><script>x</script>'
    path = registry.offer("sg1", draft)

    for page in (registry.get("/sg1/"), registry.get(path)):
        assert "<script>x" not in page.content.decode()


def test_a_failing_page_says_so_without_a_trace(
    zhang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visit("guoshui", zhang)
    browser.client.raise_request_exception = False
    monkeypatch.setattr("portal.views.filling.open_case", lambda _: 1 / 0)

    answer = browser.get("/gs1/")

    assert answer.status_code == 500
    assert "您的草稿没有丢" in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()
