from datetime import date
from typing import Any

import pytest

from portal.forms.definition import Form
from portal.forms.filling import MAX_ROWS, Draft, DraftError, Filling, begin, fill
from portal.forms.presentation import line_text
from portal.texts import speaking
from tests.portal.visits import occasion

pytestmark = pytest.mark.quick

IN_TIME = date(2026, 11, 12)
ONE_DAY_LATE = date(2026, 11, 17)


def gs1(today: date = IN_TIME, /, **typed: str) -> Filling:
    """Return the sample return, with some fields typed differently."""
    known = occasion("guoshui", "gs1", today)
    draft = begin(known)
    return fill(known, Draft(draft.fields | {"declare_true": "是"} | typed, draft.tables))


def sg1(today: date = IN_TIME, /, **typed: str) -> Filling:
    known = occasion("gongshang", "sg1", today)
    draft = begin(known)
    return fill(known, Draft(draft.fields | {"declare_true": "是"} | typed, draft.tables))


def gs1_tables(**tables: list[dict[str, str]]) -> Filling:
    known = occasion("guoshui", "gs1", IN_TIME)
    draft = begin(known)
    return fill(known, Draft(draft.fields | {"declare_true": "是"}, draft.tables | tables))


def messages(filling: Filling) -> dict[str, str]:
    return {problem.where: problem.message for problem in filling.problems}


def test_the_clean_return_has_the_figures_of_the_sample_case() -> None:
    filling = gs1()

    assert filling.settled
    figures = {key: str(value) for key, value in filling.values.items()}
    expected = {
        "sales_taxed": "1286400.00",
        "output_tax": "167232.00",
        "input_tax": "98604.35",
        "input_count": "27",
        "carry_in": "0.00",
        "tax_payable": "68627.65",
        "carry_out": "0.00",
        "prepaid": "20000.00",
        "tax_due": "48627.65",
        "pay_by": "2026-11-16",
    }
    assert figures.items() >= expected.items()


def test_a_slipped_decimal_point_is_guessed_and_totals_wait_for_the_line() -> None:
    filling = gs1(input_tax="986,043.50")

    assert messages(filling) == {"input_tax": "比已勾选发票多 887,439.15，请核对小数点"}
    form: Form = occasion("guoshui", "gs1", IN_TIME).form
    assert line_text(form, filling, form.field("tax_payable")) == "待算"
    assert line_text(form, filling, form.field("tax_due")) == "改正第 3 栏后计算"
    assert not filling.settled


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("98604.36", "多 0.01，请核对数字"),
        ("98604.34", "少 0.01，请核对数字"),
        ("-1.00", "不能小于 0"),
        ("12a", "请填金额"),
    ],
)
def test_input_tax_must_be_what_the_ticked_invoices_say(typed: str, said: str) -> None:
    assert said in messages(gs1(input_tax=typed))["input_tax"]


def test_an_unticked_invoice_changes_the_sum() -> None:
    known = occasion("guoshui", "gs1", IN_TIME)
    ticked = begin(known).tables["input_lines"][1:]

    filling = gs1_tables(input_lines=ticked)

    assert filling.values["input_count"] == 26
    assert "多 2,358.98" in messages(filling)["input_tax"]


def test_a_row_whose_tax_is_off_is_marked_at_its_cell() -> None:
    row = {"rate": "13", "kind": "专票", "count": "1", "sales": "100.00", "tax": "14.00"}

    filling = gs1_tables(output_lines=[row])

    assert messages(filling) == {"output_lines.0.tax": "销售额 × 税率是 13.00，请核对"}
    assert filling.waits["tax_due"] == "output_lines"


def test_the_tolerance_of_a_row_is_five_cents() -> None:
    row = {"rate": "13", "kind": "专票", "count": "1", "sales": "1286400.00", "tax": "167231.95"}

    assert "output_lines.0.tax" not in messages(gs1_tables(output_lines=[row]))


def test_cells_are_read_and_choices_are_closed() -> None:
    row = {"rate": "17", "kind": "", "count": "x", "sales": "1", "tax": "1"}

    found = messages(gs1_tables(output_lines=[row, {"rate": " "}]))

    assert found["output_lines.0.rate"] == "请从列表里选一项"
    assert found["output_lines.0.kind"] == "这一栏还没有填"
    assert found["output_lines.0.count"] == "请填整数"
    assert not any(where.startswith("output_lines.1") for where in found)


def test_a_table_without_rows_is_missing_something() -> None:
    assert messages(gs1_tables(output_lines=[]))["output_lines"] == "至少需要一行"


def test_what_is_reversed_needs_a_reason() -> None:
    without = gs1(input_reversed="100.00")
    with_reason = gs1(input_reversed="100.00", reversal_reason="部分货物退回销方")

    assert [(p.where, p.absent) for p in without.problems] == [("reversal_reason", True)]
    assert messages(gs1(input_reversed="100", reversal_reason="退货"))["reversal_reason"]
    assert with_reason.settled
    assert str(with_reason.values["tax_due"]) == "48727.65"
    assert "reversal_reason" in gs1().absent


def test_more_input_than_output_is_carried_forward() -> None:
    row = {"rate": "13", "kind": "专票", "count": "1", "sales": "100.00", "tax": "13.00"}

    filling = gs1_tables(output_lines=[row])

    assert str(filling.values["tax_payable"]) == "0.00"
    assert str(filling.values["carry_out"]) == "98591.35"
    assert str(filling.values["tax_due"]) == "-20000.00"


def test_a_late_return_counts_days_and_surcharge() -> None:
    filling = gs1(ONE_DAY_LATE)

    assert filling.settled
    assert str(filling.values["late_days"]) == "1"
    assert str(filling.values["surcharge"]) == "24.31"
    assert filling.values["pay_by"] == "2026-11-17"
    assert {"late_days", "surcharge"} <= gs1().absent


def test_the_declaration_must_be_ticked() -> None:
    (problem,) = gs1(declare_true="").problems

    assert (problem.where, problem.absent) == ("declare_true", True)


def test_prepaid_must_be_what_is_on_record() -> None:
    assert "相差 1.00" in messages(gs1(prepaid="20,001.00"))["prepaid"]


def test_messages_speak_the_language_of_the_request() -> None:
    with speaking("en"):
        assert "decimal point" in messages(gs1(input_tax="986,043.50"))["input_tax"]


def test_the_clean_inspection_is_settled_and_hints_are_filled() -> None:
    filling = sg1()

    assert filling.settled
    assert filling.hints["employees"] == "参保 286 人"
    assert filling.values["late_mark"] == "逾期 135 天"
    assert "late_mark" in sg1(date(2026, 5, 18)).absent


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"assets": "86,420,000.01"}, "equity"),
        ({"main_revenue": "128,600,000.01"}, "main_revenue"),
        ({"employees": "287"}, "employees_reason"),
        ({"tax_paid": "8,000,000.00"}, "tax_paid_reason"),
        ({"net_profit": "9,000,000.00"}, "net_profit_reason"),
        ({"liabilities": "90,000,000.00", "equity": "-3,580,000.00"}, "equity_reason"),
    ],
)
def test_the_inspection_asks_about_figures_that_do_not_fit(
    typed: dict[str, str], where: str
) -> None:
    assert set(messages(sg1(**typed))) == {where}


@pytest.mark.parametrize(
    ("column", "text", "where", "said"),
    [
        ("paid", "3,500,000.00", "paid_in", "相差 500,000.00"),
        ("share", "61", "paid_in", "比例合计是 101.00%"),
        ("paid", "6,000,000.01", "investors.0.paid", "不能多于认缴"),
    ],
)
def test_investors_must_add_up(column: str, text: str, where: str, said: str) -> None:
    known = occasion("gongshang", "sg1", IN_TIME)
    draft = begin(known)
    rows = [draft.tables["investors"][0] | {column: text}, *draft.tables["investors"][1:]]
    fields = draft.fields | {"declare_true": "是"}

    filling = fill(known, Draft(fields, draft.tables | {"investors": rows}))

    assert said in messages(filling)[where]


def test_an_expired_licence_blocks_the_inspection_and_says_the_cure() -> None:
    known = occasion("gongshang", "sg1", IN_TIME)
    ended = {"number": "样种证〔2024〕007", "name": "林木种子生产经营许可", "issuer": "市审批大厅"}
    facts = dict(known.facts) | {"r3.licences": [ended | {"valid_to": "2026-03-31"}]}
    later = type(known)(known.form, known.rules, known.today, known.period, facts)
    draft = begin(later)

    filling = fill(later, Draft(draft.fields | {"declare_true": "是"}, draft.tables))

    assert messages(filling)["licences.0.valid_to"].startswith(
        "林木种子生产经营许可（样种证〔2024〕007）已于 2026-03-31 到期"
    )


@pytest.mark.parametrize(
    "draft",
    [
        Draft({"tax_due": "0.00"}),
        Draft({"carry_in": "9999.00"}),
        Draft({"prepaid_recorded": "1.00"}),
        Draft({"unheard_of": "1"}),
        Draft({}, {"unheard_of": []}),
        Draft({}, {"output_lines": [{"unheard_of": "1"}]}),
        Draft({}, {"output_lines": [{}] * (MAX_ROWS + 1)}),
        Draft({}, {"input_lines": [{"number": "9999999"}]}),
    ],
)
def test_a_draft_cannot_type_what_is_computed_or_known(draft: Draft) -> None:
    with pytest.raises(DraftError):
        fill(occasion("guoshui", "gs1", IN_TIME), draft)


def test_an_empty_draft_misses_things_and_breaks_nothing() -> None:
    filling = fill(occasion("guoshui", "gs1", IN_TIME), Draft())

    assert all(problem.absent for problem in filling.problems)
    assert {"output_lines", "input_lines", "input_tax", "prepaid", "declare_true"} == {
        problem.where for problem in filling.problems
    }


def test_a_locked_table_takes_nothing_from_the_page() -> None:
    known = occasion("gongshang", "sg1", IN_TIME)
    rows: Any = {"licences": [{"number": "1"}]}

    with pytest.raises(DraftError):
        fill(known, Draft({}, rows))
