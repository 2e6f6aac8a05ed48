"""A list and a file on paper: everything that is signed, and plain words on what cannot be seen."""

import pytest

from signet_agent.desktop.look import Look
from signet_agent.desktop.palette import LIGHT
from signet_agent.desktop.widgets.listed import code_of, paper_of, size_text
from signet_agent.model import Item, Operation, Paper, Row
from tests.kit.consents import CODE, FORM, record_of

pytestmark = pytest.mark.quick

LOOK = Look("zh-Hans", LIGHT)


def test_a_list_shows_every_document_whole() -> None:
    record = record_of(Operation.SIGN_BATCH)
    paper = paper_of(LOOK, record)
    assert paper.title == "共 2 份文件"
    labels = [row.label for row in paper.rows]
    assert labels == [
        "1. 2026 年 9 月",
        FORM.title,
        *(row.label for row in FORM.rows),
        "2. 文件",
        record.items[1].paper.text,
        "2 份文件，合计",
    ]
    assert paper.rows[0].value == f"1.2 kB，核对码 {CODE}"
    assert [row.label for row in paper.rows if row.total] == ["2 份文件，合计"]
    assert paper.rows[-1].value == "1.3 kB"
    assert code_of(record) == ""


def test_a_documents_own_rows_stand_below_its_name() -> None:
    paper = paper_of(LOOK, record_of(Operation.SIGN_BATCH))
    assert {row.level for row in paper.rows if row.label in {r.label for r in FORM.rows}} == {1, 2}


def test_a_file_is_named_by_the_page_and_said_to_be_unseen() -> None:
    record = record_of(Operation.SIGN_FILE)
    paper = paper_of(LOOK, record)
    assert paper.title == "这份文件的内容不能在这里显示"
    assert Row("网页给出的文件名", "施工图（一期）.zip") in paper.rows
    assert Row("大小", "2.1 GB") in paper.rows
    assert code_of(record) == CODE


def test_one_document_keeps_its_own_paper() -> None:
    record = record_of(Operation.SIGN)
    assert paper_of(LOOK, record) is record.paper
    assert code_of(record) == record.code


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (262_144, "262 kB"),
        (2_147_483_648, "2.1 GB"),
        (4_294_967_296_000, "4295 GB"),
    ],
)
def test_a_size_has_few_digits(octets: int, text: str) -> None:
    assert size_text(octets) == text


def test_an_empty_paper_leaves_only_name_and_size() -> None:
    items = (Item("a", 1, CODE, Paper()),)
    assert len(paper_of(LOOK, record_of(Operation.SIGN_BATCH, items=items)).rows) == 2
