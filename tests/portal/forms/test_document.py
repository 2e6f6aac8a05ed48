import json
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from portal.forms.definition import Form
from portal.forms.document import Head, compose, labels
from portal.forms.filling import Draft, begin, fill
from tests.portal.visits import occasion

pytestmark = pytest.mark.quick

HEAD = Head(
    case_no="GS-2026-1112-000381",
    once="00" * 16,
    applicant={"name": "云汀样例科技有限公司", "code": "91990100MAYT00013L"},
    agent={"name": "张三 样例", "cid": "990101198808080013"},
    mandate_id="M1",
    filled_at=datetime(2026, 11, 12, 14, 20, 32, 999, timezone(timedelta(hours=8))),
)


def document(label: str = "guoshui", form: str = "gs1", head: Head = HEAD) -> bytes:
    known = occasion(label, form, date(2026, 11, 12))
    draft = begin(known)
    filling = fill(known, Draft(draft.fields | {"declare_true": "是"}, draft.tables))
    assert filling.settled
    return compose(known, filling, head)


def test_the_document_is_canonical_json() -> None:
    octets = document()

    members = json.loads(octets)
    written = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert octets == written.encode("utf-8")
    assert all(one < two for one, two in pairwise(members))


def test_the_document_says_what_the_sample_says() -> None:
    members = json.loads(document())

    assert members["form"] == "gs1/1"
    assert members["period"] == "2026-10"
    assert members["case_no"] == "GS-2026-1112-000381"
    assert members["filled_at"] == "2026-11-12T14:20:32+08:00"
    assert members["tax_due"] == "48627.65"
    assert members["declare_true"] == "是"
    assert members["output_lines"][1] == {
        "rate": "13",
        "kind": "普票",
        "count": "58",
        "sales": "186400.00",
        "tax": "24232.00",
    }
    assert len(members["input_lines"]) == 27


def test_absent_lines_and_figures_to_compare_with_are_not_signed() -> None:
    members = json.loads(document())

    assert not {"reversal_reason", "late_days", "surcharge", "prepaid_recorded", "replaces"} & set(
        members
    )


def test_a_correction_names_what_it_replaces() -> None:
    head = Head(**{**HEAD.__dict__, "replaces": "GS-2026-1101-000007"})

    assert json.loads(document(head=head))["replaces"] == "GS-2026-1101-000007"


def _paths(value: object, path: str = "") -> set[str]:
    if isinstance(value, dict):
        below = [_paths(member, f"{path}.{name}".lstrip(".")) for name, member in value.items()]
        return set().union({path} if path else set(), *below)
    if isinstance(value, list):
        return set().union({path}, *(_paths(member, path) for member in value))
    return {path}


@pytest.mark.parametrize(("label", "form"), [("guoshui", "gs1"), ("gongshang", "sg1")])
def test_every_member_of_a_document_has_a_label(label: str, form: str) -> None:
    definition: Form = occasion(label, form, datetime.now(UTC).date()).form

    assert _paths(json.loads(document(label, form))) <= labels(definition).keys()


def test_labels_are_in_reading_order_with_line_numbers() -> None:
    named = labels(occasion("guoshui", "gs1", date(2026, 11, 12)).form)

    lines = [text.zh for text in named.values() if text.zh[0].isdigit()]
    assert lines == [
        "1 按适用税率计税销售额",
        "2 销项税额",
        "3 进项税额",
        "4 上期留抵税额",
        "5 应纳税额",
        "6 本期已缴税额",
    ]
    assert list(named)[:3] == ["period", "applicant", "applicant.name"]
