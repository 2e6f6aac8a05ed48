"""What is signed is shown in full, as plain text."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from signet_agent.desktop.look import Look
from signet_agent.desktop.palette import LIGHT
from signet_agent.desktop.widgets.paper import FormSheet, TextSheet, make_sheet
from signet_agent.desktop.widgets.paper_row import PaperRow
from signet_agent.model import Paper, Row
from tests.kit.consents import FORM

MARKUP = "<b>x</b>&amp;<img src='file:///etc/passwd'>"


@pytest.fixture
def look(application: QApplication) -> Look:
    return Look("zh-Hans", LIGHT)


def test_a_form_reads_label_and_value_row_by_row(look: Look) -> None:
    sheet = make_sheet(look, FORM)
    assert isinstance(sheet, FormSheet)
    read = [row.text() for row in sheet.findChildren(PaperRow)]
    assert read == [f"{row.label}，{row.value}" for row in FORM.rows]
    assert sheet.accessibleName() == "要签署的内容：增值税纳税申报表（月报）"


def test_markup_in_a_document_stays_text(look: Look) -> None:
    sheet = make_sheet(look, Paper(MARKUP, (Row(MARKUP, MARKUP),)))
    labels = sheet.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert any(label.text() == MARKUP for label in labels)


def test_a_text_is_shown_as_it_is_and_cannot_be_changed(look: Look) -> None:
    sheet = make_sheet(look, Paper(text=f"声明\n{MARKUP}\n"))
    assert isinstance(sheet, TextSheet)
    assert sheet.toPlainText() == f"声明\n{MARKUP}\n"
    assert sheet.isReadOnly()
    QTest.keyClicks(sheet, "abc")
    assert sheet.toPlainText() == f"声明\n{MARKUP}\n"


def test_a_longer_text_is_given_more_room_up_to_a_page(look: Look) -> None:
    heights = [
        make_sheet(look, Paper(text="样例文字。" * count)).height_for(500)
        for count in (1, 80, 4000, 8000)
    ]
    assert heights == sorted(heights)
    assert heights[0] < heights[1] < heights[2] == heights[3]


def row_of(look: Look, row: Row) -> PaperRow:
    return PaperRow(look, row, QApplication.font())


def test_a_long_value_wraps_and_makes_its_row_higher(look: Look) -> None:
    short, long = row_of(look, Row("a", "1.00")), row_of(look, Row("a", "数值" * 60))
    assert long.heightForWidth(500) > 2 * short.heightForWidth(500)
    assert long.hasHeightForWidth()


def test_a_word_without_a_gap_wraps_as_well(look: Look) -> None:
    row = row_of(look, Row("key", "f" * 400))
    assert row.heightForWidth(300) > row.heightForWidth(3000)


def test_every_line_of_a_value_is_shown(look: Look) -> None:
    one, three = row_of(look, Row("a", "x")), row_of(look, Row("a", "x\ny\nz"))
    assert three.heightForWidth(500) >= one.heightForWidth(500) + 20


@pytest.mark.parametrize("row", [Row("短", "1"), Row("很长的标签" * 20, "很长的值" * 20, level=9)])
def test_no_row_draws_outside_itself(look: Look, row: Row) -> None:
    made = row_of(look, row)
    for width in (120, 300, 500):
        made.setFixedSize(width, made.heightForWidth(width))
        blocks = made._blocks(width) or made._single_lines()
        assert all(block.boundingRect().height() <= made.height() for block in blocks)
        assert not made.grab().isNull()


def test_a_sum_line_is_higher_than_a_row(look: Look) -> None:
    row, total = row_of(look, Row("a", "1")), row_of(look, Row("a", "1", total=True))
    assert total.heightForWidth(500) > row.heightForWidth(500)


@pytest.mark.parametrize("paper", [FORM, Paper(text="文件")])
def test_the_focus_is_drawn_when_the_keyboard_brought_it(look: Look, paper: Paper) -> None:
    sheet = make_sheet(look, paper)
    rings = []
    for reason in (Qt.FocusReason.OtherFocusReason, Qt.FocusReason.TabFocusReason):
        sheet.focusInEvent(QFocusEvent(QFocusEvent.Type.FocusIn, reason))
        rings.append(sheet.property("ring"))
    sheet.focusOutEvent(QFocusEvent(QFocusEvent.Type.FocusOut))
    rings.append(sheet.property("ring"))
    assert rings == ["no", "yes", "no"]


def test_forty_rows_ask_for_all_their_height(look: Look) -> None:
    rows = tuple(Row(f"{number}", "1.00") for number in range(40))
    sheet = make_sheet(look, Paper("表", rows))
    sheet.resize(QSize(500, 300))
    assert sheet.sizeHint().height() > 40 * 30


def test_a_scroll_area_has_one_child_whether_it_scrolls_or_not(look: Look) -> None:
    rows = tuple(Row(f"{number}", "1.00") for number in range(40))
    sheet = make_sheet(look, Paper("表", rows))
    counts = []
    for height in (2000, 200):
        sheet.resize(500, height)
        sheet.show()
        QApplication.processEvents()
        counts.append(QAccessible.queryAccessibleInterface(sheet).childCount())
    assert counts == [1, 1]
    assert sheet.verticalScrollBar().maximum() > 0


def test_our_bar_and_the_hidden_one_move_together(look: Look) -> None:
    sheet = FormSheet(look, Paper("表", tuple(Row(f"{n}", "1.00") for n in range(40))))
    sheet.resize(500, 200)
    sheet.show()
    QApplication.processEvents()
    sheet._bar.setValue(50)
    moved = [sheet.verticalScrollBar().value()]
    sheet.verticalScrollBar().setValue(80)
    moved.append(sheet._bar.value())
    assert moved == [50, 80]
    sheet.hide()
