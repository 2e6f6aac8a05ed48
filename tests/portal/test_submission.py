import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from portal import submission
from portal.models import Case, Offer, Receipt
from portal.submission import CLOCK_SECONDS, OFFER_SECONDS
from signet_protocol.verify import Reason, VerifiedSignature
from tests.portal.people import Person
from tests.portal.visits import Visit, complete_draft, visit


def offered(zhang: Person, label: str = "guoshui", form: str = "gs1") -> tuple[Visit, str]:
    browser = visit(label, zhang)
    browser.get(f"/{form}/")
    return browser, browser.offer(form, complete_draft(label, form))


def code(answer: HttpResponse) -> str:
    found: str = answer.json()["error"]["code"]
    return found


@pytest.mark.parametrize(("label", "form"), [("guoshui", "gs1"), ("gongshang", "sg1")])
def test_a_signed_form_is_accepted(zhang: Person, label: str, form: str) -> None:
    browser, offer = offered(zhang, label, form)

    answer = browser.submit(offer, zhang)

    receipt = Receipt.objects.get()
    assert answer.json() == {"next": f"/receipts/{receipt.case.number}/"}
    assert json.loads(bytes(receipt.offer.document))["once"] == receipt.once
    assert receipt.signer["tail"] == "4821"
    assert "五项核验全部通过" in browser.get(answer.json()["next"]).content.decode()


def test_the_page_gets_exactly_the_bytes_that_are_compared(zhang: Person) -> None:
    browser, offer = offered(zhang)

    answer = browser.get(f"{offer}document.json")

    assert answer["Content-Type"] == "application/json"
    assert answer.content == bytes(Offer.objects.get().document)


@pytest.mark.parametrize(
    "change",
    [
        lambda octets: octets.replace(b'"48627.65"', b'"48627.64"'),
        lambda octets: octets + b" ",
        lambda octets: json.dumps(json.loads(octets)).encode(),
        lambda _: b"",
    ],
)
def test_a_signature_over_other_content_is_refused(
    zhang: Person, change: Callable[[bytes], bytes]
) -> None:
    browser, offer = offered(zhang)
    other = change(browser.document(offer))

    answer = browser.post(f"{offer}signature", {"signature": zhang.sign(other)})

    assert (answer.status_code, code(answer)) == (422, Reason.CONTENT_DIFFERENT)
    assert Receipt.objects.count() == 0


def test_another_holders_signature_is_refused(zhang: Person, li: Person) -> None:
    browser, offer = offered(zhang)

    answer = browser.submit(offer, li)

    assert (answer.status_code, code(answer)) == (422, "other_holder")


def test_the_same_person_without_her_enterprise_is_another_holder(
    zhang: Person, zhang_as_citizen: Person
) -> None:
    browser, offer = offered(zhang)

    assert code(browser.submit(offer, zhang_as_citizen)) == "other_holder"


def test_an_untrusted_certificate_is_refused(zhang: Person, stranger: Person) -> None:
    browser, offer = offered(zhang)

    assert code(browser.submit(offer, stranger)) == Reason.CERTIFICATE_UNTRUSTED


def test_a_login_token_is_no_signature(zhang: Person) -> None:
    browser, offer = offered(zhang)
    token = zhang.token(browser.origin, browser.nonce())

    answer = browser.post(f"{offer}signature", {"signature": token["signature"]})

    assert code(answer) == Reason.SIGNATURE_MALFORMED


@pytest.mark.parametrize("signature", ["", "###", "AAA", b64encode(b"0" * 200_000).decode()])
def test_garbage_in_place_of_a_signature_is_refused_calmly(zhang: Person, signature: str) -> None:
    browser, offer = offered(zhang)

    answer = browser.post(f"{offer}signature", {"signature": signature})

    assert answer.status_code == 422
    assert "请" in answer.json()["error"]["message"]


def test_a_signature_with_more_than_a_signature_is_malformed(zhang: Person) -> None:
    browser, offer = offered(zhang)
    body = {"signature": zhang.sign(browser.document(offer)), "document": "x"}

    assert code(browser.post(f"{offer}signature", body)) == "malformed"


def test_the_same_signature_is_accepted_once(zhang: Person) -> None:
    browser, offer = offered(zhang)
    body = {"signature": zhang.sign(browser.document(offer))}

    first = browser.post(f"{offer}signature", body)
    second = browser.post(f"{offer}signature", body)

    assert (first.status_code, second.status_code) == (200, 409)
    assert code(second) == "accepted_before"
    assert Receipt.objects.count() == 1


def test_two_offers_of_one_case_give_one_receipt(zhang: Person) -> None:
    browser, first = offered(zhang)
    second = browser.offer("gs1", complete_draft("guoshui", "gs1"))
    assert first != second

    answers = [browser.submit(offer, zhang).status_code for offer in (second, first)]

    assert answers == [200, 409]
    assert Receipt.objects.count() == 1


def test_of_two_requests_at_the_same_time_the_database_takes_one(
    zhang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, offer = offered(zhang)
    body = {"signature": zhang.sign(browser.document(offer))}
    original = submission._verify
    path = f"{offer}signature"

    def verify_while_another_is_faster(offer: Offer, signature: str) -> VerifiedSignature:
        monkeypatch.setattr(submission, "_verify", original)
        assert browser.post(path, body).status_code == 200
        return original(offer, signature)

    monkeypatch.setattr(submission, "_verify", verify_while_another_is_faster)

    assert code(browser.post(path, body)) == "accepted_before"
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("field", ["once", "offer", "case"])
def test_the_database_itself_refuses_a_second_receipt(zhang: Person, field: str) -> None:
    browser, offer = offered(zhang)
    browser.submit(offer, zhang)
    row = Receipt.objects.get()
    row.pk = None
    row._state.adding = True
    row.replaces = "something else"
    other = Offer.objects.create(
        case=row.case, once="1" * 32, document=b"", mandate_id="", offered_at=timezone.now()
    )
    case = Case.objects.create(number="x", period="", draft={}, saved_at=timezone.now())
    changed = {"once": "2" * 32, "offer": other, "case": case}
    changed.pop(field)
    for name, value in changed.items():
        setattr(row, name, value)

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_second_filing_corrects_the_first(zhang: Person) -> None:
    browser, offer = offered(zhang)
    browser.submit(offer, zhang)
    first = Receipt.objects.get().case.number

    page = browser.get("/gs1/").content.decode()
    again = browser.offer("gs1", complete_draft("guoshui", "gs1"))
    answer = browser.submit(again, zhang)

    assert f"已有受理记录 {first}" in page
    assert json.loads(browser.document(again))["replaces"] == first
    assert f"更正并替代 {first}" in browser.get(answer.json()["next"]).content.decode()
    assert Receipt.objects.count() == 2


def test_an_offer_does_not_wait_for_ever(zhang: Person) -> None:
    browser, offer = offered(zhang)
    Offer.objects.update(offered_at=timezone.now() - timedelta(seconds=OFFER_SECONDS + 1))

    answer = browser.submit(offer, zhang)

    assert (answer.status_code, code(answer)) == (410, "offer_expired")


def test_a_clock_that_is_far_off_spoils_no_receipt(zhang: Person) -> None:
    browser, offer = offered(zhang)
    Offer.objects.update(offered_at=timezone.now() + timedelta(seconds=CLOCK_SECONDS + 60))

    assert code(browser.submit(offer, zhang)) == "clock"


def test_an_offer_is_its_persons_own(zhang: Person, li: Person) -> None:
    _, offer = offered(zhang)
    other = visit("guoshui", li)

    assert other.get(offer).status_code == 403
    assert other.get(f"{offer}document.json").status_code == 403
    assert code(other.submit(offer, zhang)) == "no_mandate"


def test_an_offer_belongs_to_its_department(zhang: Person) -> None:
    _, offer = offered(zhang)
    registry = visit("gongshang", zhang)

    once = offer.rsplit("/", 2)[1]

    assert registry.get(f"/sg1/{once}/").status_code == 404
    assert code(registry.post(f"/sg1/{once}/signature", {"signature": "AAAA"})) == "no_offer"


def test_nobody_files_without_being_signed_in(zhang: Person) -> None:
    _, offer = offered(zhang)
    nobody = Visit("guoshui")

    for path in ("/gs1/draft", "/gs1/offer", f"{offer}signature"):
        answer = nobody.post(path, {})
        assert (answer.status_code, code(answer)) == (401, "not_signed_in")
    assert nobody.get(offer).status_code == 302


def test_a_mandate_is_asked_again_when_the_signature_arrives(
    zhang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, offer = offered(zhang)
    signature = zhang.sign(browser.document(offer))
    monkeypatch.setattr("portal.registers.mandate", lambda *_: None)

    answer = browser.post(f"{offer}signature", {"signature": signature})

    assert (answer.status_code, code(answer)) == (403, "no_mandate")
    assert Receipt.objects.count() == 0


def test_a_citizens_card_is_not_enough(zhang_as_citizen: Person) -> None:
    browser = visit("guoshui", zhang_as_citizen)

    assert "个人证书" in browser.get("/").content.decode()
    assert browser.get("/gs1/").status_code == 403
    assert code(browser.post("/gs1/draft", {})) == "enterprise_only"


def test_an_unfinished_form_is_not_offered(zhang: Person) -> None:
    browser = visit("guoshui", zhang)
    draft = complete_draft("guoshui", "gs1")
    draft["fields"]["input_tax"] = "986,043.50"

    answer = browser.post("/gs1/offer", draft)

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["where"] == "input_tax"
    assert Offer.objects.count() == 0


def test_a_draft_is_kept_and_judged(zhang: Person) -> None:
    browser = visit("guoshui", zhang)
    draft = complete_draft("guoshui", "gs1")
    draft["fields"]["input_tax"] = "1"

    judged = browser.post("/gs1/draft", draft).json()

    assert judged["lines"]["tax_due"] == {
        "shown": "改正第 3 栏后计算",
        "waiting": True,
        "hint": "第 5 栏 − 第 6 栏",
        "absent": False,
    }
    assert 'data-field="input_tax" value="1"' in browser.get("/gs1/").content.decode()


@pytest.mark.parametrize(
    "draft",
    [
        {"fields": {"tax_due": "0"}},
        {"fields": {"input_tax": 1}},
        {"fields": [], "tables": {}},
        {"unheard": {}},
        {"tables": {"input_lines": [{"number": "1"}]}},
    ],
)
def test_a_draft_of_another_form_is_refused_and_not_kept(zhang: Person, draft: object) -> None:
    browser = visit("guoshui", zhang)

    answer = browser.post("/gs1/draft", draft)

    assert (answer.status_code, code(answer)) == (400, "malformed")
    assert Case.objects.count() == 0


def test_the_signature_a_receipt_keeps_verifies_with_openssl(
    zhang: Person, folder: Path, tmp_path: Path
) -> None:
    browser, offer = offered(zhang)
    receipt = browser.submit(offer, zhang).json()["next"]
    for name in ("document.json", "signature.p7s"):
        answer = browser.get(f"{receipt}{name}")
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        (tmp_path / name).write_bytes(answer.content)
    authorities = Visit("portal").get("/sample-authorities.pem").content
    (tmp_path / "sample-authorities.pem").write_bytes(authorities)
    about = Visit("portal").get("/about/").content.decode()
    command = about.split('<pre class="command">')[1].split("</pre>")[0].replace("\\\n", " ")

    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)

    assert b"CMS Verification successful" in done.stderr, done.stderr
    assert authorities == (folder / "anchors.pem").read_bytes()


def test_a_signature_is_stored_as_it_came(zhang: Person) -> None:
    browser, offer = offered(zhang)
    signature = zhang.sign(browser.document(offer))

    browser.post(f"{offer}signature", {"signature": signature})

    assert bytes(Receipt.objects.get().signature) == b64decode(signature)
