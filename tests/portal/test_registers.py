from datetime import date
from decimal import Decimal

import pytest

from portal import registers
from portal.forms.values import read
from tests.portal.visits import E1

pytestmark = pytest.mark.quick

AGENT = "990101198808080013"
TODAY = date(2026, 11, 12)


def test_the_invoices_add_up_to_what_the_register_says() -> None:
    known = registers.facts(E1, "2026-10", TODAY)

    invoices = known["r4.input_lines"]
    total = sum((Decimal(row["tax"]) for row in invoices), Decimal(0))
    assert len(invoices) == len({row["number"] for row in invoices}) == 27
    assert total == read("money", known["r4.input_tax"])
    assert all(row["date"].startswith("2026-10-") for row in invoices)
    for row in invoices:
        assert abs(Decimal(row["amount"]) * Decimal("0.13") - Decimal(row["tax"])) < Decimal("0.01")


def test_invoices_have_dates_in_february_too() -> None:
    for row in registers.facts(E1, "2027-02", TODAY)["r4.input_lines"]:
        assert read("date", row["date"])


def test_nothing_is_known_of_a_stranger() -> None:
    for uscc in ("91990100MAYT0003X7", "", "../registers/91990100MAYT00013L", "__init__"):
        assert registers.facts(uscc, "2026-10", TODAY) == {}
        assert registers.mandate(uscc, AGENT, "GS1.申报", TODAY) is None


def test_a_mandate_names_person_and_act() -> None:
    found = registers.mandate(E1, AGENT, "GS1.申报", TODAY)

    assert found is not None
    assert (found.id, found.until) == ("M1", "2027-06-30")
    assert registers.mandate(E1, AGENT, "GS1.审批", TODAY) is None
    assert registers.mandate(E1, "990101199009090025", "GS1.申报", TODAY) is None


def test_a_mandate_that_has_ended_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"id": "M8", "agent": AGENT, "scope": ["SB1.申报"], "until": "2026-10-31"}
    monkeypatch.setattr(registers, "_record", lambda _: {"mandates": [entry]})

    assert registers.mandate(E1, AGENT, "SB1.申报", date(2026, 10, 31)) is not None
    assert registers.mandate(E1, AGENT, "SB1.申报", date(2026, 11, 1)) is None


def test_the_sample_stays_in_season() -> None:
    for today in (date(2026, 6, 30), date(2026, 7, 1), date(2031, 1, 1)):
        found = registers.mandate(E1, AGENT, "GS1.申报", today)
        assert found is not None
        assert today.isoformat() <= found.until <= today.replace(year=today.year + 1).isoformat()
