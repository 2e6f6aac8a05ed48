import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from portal.departments import department, departments
from portal.departments.catalogue import FOLDER, DefinitionError, read_form
from portal.departments.released import definition_digest, released
from portal.forms.occasion import working_day
from tests.portal.visits import occasion

pytestmark = pytest.mark.quick

GS1 = FOLDER / "guoshui" / "gs1.toml"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_the_city_has_twelve_departments_of_which_two_are_open() -> None:
    marks = "".join(found.seat.mark for found in departments())

    assert marks == "税地商建统社房科资财环批"
    assert [found.label for found in departments() if found.open] == ["guoshui", "gongshang"]


def test_every_department_code_has_its_check_digit() -> None:
    for found in departments():
        code = found.seat.code
        total = sum(ALPHABET.index(char) * 3**at for at, char in enumerate(code[:17]))
        assert ALPHABET[(31 - total % 31) % 31] == code[17], found.label


def test_an_unknown_department_is_none() -> None:
    with pytest.raises(KeyError):
        department("nowhere")


def test_every_form_is_released_as_it_is() -> None:
    digests = {
        form.key: definition_digest((FOLDER / found.label / f"{name}.toml").read_text("utf-8"))
        for found in departments()
        for name, form in found.forms.items()
    }

    assert digests == released()


def _copy(tmp_path: Path, change: Callable[[str], str]) -> Path:
    file = tmp_path / "gs1.toml"
    file.write_text(change(GS1.read_text("utf-8")), "utf-8")
    return file


def test_a_changed_definition_under_an_old_version_is_refused(tmp_path: Path) -> None:
    changed = _copy(tmp_path, lambda text: text.replace("0.0005", "0.0006"))

    with pytest.raises(DefinitionError, match="gs1/1 is not released"):
        read_form(changed)


def test_comments_and_order_do_not_change_a_definition(tmp_path: Path) -> None:
    same = _copy(tmp_path, lambda text: "# a remark\n" + text)

    assert read_form(same) == department("guoshui").forms["gs1"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('period = "month"', 'period = "week"'),
        ('verb = "申报"', 'verb = "申报"\nsurprise = 1'),
        ('formula = "sum(output_lines.sales)"', "formula = \"__import__('os')\""),
        ("请核对小数点", "请核对 {open('x')}"),
        ('title = { zh-Hans = "申报截止", en = "File by" }', 'title = { zh-Hans = "申报截止" }'),
        ("version = 1", "version = "),
    ],
)
def test_a_mistake_in_a_definition_is_named_by_file(
    tmp_path: Path, before: str, after: str
) -> None:
    assert before in GS1.read_text("utf-8")

    with pytest.raises(DefinitionError, match=r"gs1\.toml"):
        read_form(_copy(tmp_path, lambda text: text.replace(before, after, 1)))


def test_a_missing_definition_is_named_by_file(tmp_path: Path) -> None:
    shutil.copy(GS1, tmp_path / "other.toml")

    with pytest.raises(DefinitionError, match=r"gs1\.toml"):
        read_form(tmp_path / "gs1.toml")


@pytest.mark.parametrize(
    ("today", "due", "pay_by", "late"),
    [
        (date(2026, 11, 12), "2026-11-16", "2026-11-16", "0"),
        (date(2026, 11, 16), "2026-11-16", "2026-11-16", "0"),
        (date(2026, 11, 17), "2026-11-16", "2026-11-17", "1"),
        (date(2026, 11, 28), "2026-11-16", "2026-11-30", "12"),
        (date(2026, 1, 5), "2026-01-15", "2026-01-15", "0"),
        (date(2026, 3, 1), "2026-03-16", "2026-03-16", "0"),
    ],
)
def test_a_return_is_due_on_the_fifteenth_or_the_monday_after(
    today: date, due: str, pay_by: str, late: str
) -> None:
    known = occasion("guoshui", "gs1", today)

    assert known.rule("declare_by") == due
    assert known.rule("pay_by") == pay_by
    assert known.rule("late_days") == late


def test_only_public_functions_of_a_department_are_rules() -> None:
    assert set(department("guoshui").rules) == {"declare_by", "pay_by", "late_days"}
    assert department("dishui").rules == {}


def test_weekends_move_to_monday() -> None:
    assert [working_day(date(2026, 11, day)).day for day in (13, 14, 15, 16)] == [13, 16, 16, 16]
