import pytest

from portal.models import Receipt
from portal.signature_facts import serial_tail
from signet_protocol.verify import comparison_code
from tests.portal.people import Person
from tests.portal.visits import Visit, complete_draft, visit


@pytest.fixture
def browser(zhang: Person) -> Visit:
    """Return a browser whose person has filed one return."""
    browser = visit("guoshui", zhang)
    browser.submit(browser.offer("gs1", complete_draft("guoshui", "gs1")), zhang)
    return browser


def receipt_path() -> str:
    return f"/receipts/{Receipt.objects.get().case.number}/"


def test_a_receipt_tells_who_signed_what_and_when(browser: Visit) -> None:
    page = browser.get(receipt_path()).content.decode()

    code = comparison_code(bytes(Receipt.objects.get().offer.document))
    for said in ("受理回执", "48,627.65 元", "张三 样例", "证书尾号 4821", code, "没有法律效力"):
        assert said in page
    assert page.count('<li class="holds">') == 5


def test_page_and_receipt_show_the_same_code(zhang: Person) -> None:
    browser = visit("guoshui", zhang)
    offer = browser.offer("gs1", complete_draft("guoshui", "gs1"))
    code = comparison_code(browser.document(offer))

    assert f'id="comparison-code">{code}<' in browser.get(offer).content.decode()


def test_a_receipt_whose_document_was_changed_says_so(browser: Visit) -> None:
    receipt = Receipt.objects.get()
    offer = receipt.offer
    offer.document = bytes(offer.document).replace(b"48627.65", b"00000.01")
    offer.save()

    page = browser.get(receipt_path()).content.decode()

    assert "有核验没有通过" in page
    assert "五项核验全部通过" not in page


@pytest.mark.parametrize(
    ("column", "value"), [("once", "f" * 32), ("case.agent_cid", "990101199009090025")]
)
def test_a_receipt_whose_row_was_changed_says_so(browser: Visit, column: str, value: str) -> None:
    receipt = Receipt.objects.get()
    row = receipt.case if column.startswith("case.") else receipt
    setattr(row, column.removeprefix("case."), value)
    row.save()

    page = browser.get(receipt_path()).content.decode()

    assert "有核验没有通过" in page
    assert page.count('<li class="fails">') == 1


def test_a_receipt_is_shown_to_its_enterprise_only(browser: Visit, li: Person) -> None:
    path = receipt_path()
    other = visit("guoshui", li)

    for name in ("", "document.json", "signature.p7s"):
        assert browser.get(path + name).status_code == 200
        assert other.get(path + name).status_code == 404
        assert Visit("guoshui").get(path + name).status_code == 302


def test_a_receipt_belongs_to_its_department(browser: Visit, zhang: Person) -> None:
    assert visit("gongshang", zhang).get(receipt_path()).status_code == 404
    assert browser.get("/receipts/GS-2000-0101-000001/").status_code == 404


def test_a_signed_offer_leads_to_its_receipt(browser: Visit) -> None:
    once = Receipt.objects.get().once

    assert browser.get(f"/gs1/{once}/")["Location"] == receipt_path()


def test_the_list_shows_what_was_accepted_here(browser: Visit, zhang: Person, li: Person) -> None:
    number = Receipt.objects.get().case.number

    assert number in browser.get("/receipts/").content.decode()
    assert "还没有受理过的文件" in visit("gongshang", zhang).get("/receipts/").content.decode()
    assert number not in visit("guoshui", li).get("/receipts/").content.decode()


def test_what_was_left_over_is_carried_into_the_next_period(browser: Visit) -> None:
    receipt = Receipt.objects.get()
    offer = receipt.offer
    offer.document = bytes(offer.document).replace(b'"carry_out":"0.00"', b'"carry_out":"12.34"')
    offer.save()
    Receipt.objects.update(period="2020-01")

    page = browser.get("/gs1/").content.decode()

    assert ">12.34</output>" in page


def test_a_serial_names_the_tail_printed_on_the_token() -> None:
    assert serial_tail("59542025E001482101") == "4821"
    assert serial_tail("0A1B2C3D") == "2C3D"
