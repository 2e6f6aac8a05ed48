"""Qt holds dots; what was typed stands in one buffer that is wiped."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QInputMethodEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from signet_agent.channel.sealed_pin import MAX_PIN_BYTES
from signet_agent.desktop.widgets.pin_field import DOT, PinField

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def field(application: QApplication) -> PinField:
    made = PinField()
    made.show()
    return made


def type_into(field: PinField, text: str) -> None:
    QTest.keyClicks(field, text)


def test_qt_only_ever_holds_dots(field: PinField) -> None:
    seen: list[str] = []
    field.textChanged.connect(seen.append)
    type_into(field, "73Ab 9!")
    assert field.text() == DOT * 7
    assert all(set(text) <= {DOT} for text in seen)
    assert field.take() == b"73Ab 9!"


def test_taking_empties_field_and_buffer(field: PinField) -> None:
    type_into(field, "735192")
    field.take()
    assert (field.text(), field.length()) == ("", 0)
    assert field._buffer == bytes(len(field._buffer))


@pytest.mark.parametrize("key", [Qt.Key.Key_Backspace, Qt.Key.Key_Delete])
def test_erasing_takes_the_last_character_out_of_the_buffer(field: PinField, key: Qt.Key) -> None:
    type_into(field, "7351")
    QTest.keyClick(field, key)
    assert field._buffer[:4] == b"735\0"
    assert field.take() == b"735"


def test_erasing_an_empty_field_is_nothing(field: PinField) -> None:
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.length() == 0


@pytest.mark.parametrize("modifier", [CTRL, Qt.KeyboardModifier.ShiftModifier])
def test_erasing_a_word_empties_the_field(field: PinField, modifier: Qt.KeyboardModifier) -> None:
    type_into(field, "7351")
    QTest.keyClick(field, Qt.Key.Key_Backspace, modifier)
    assert field.length() == 0
    assert field._buffer == bytes(len(field._buffer))


def test_typing_over_a_selection_replaces_all(field: PinField) -> None:
    type_into(field, "7351")
    QTest.keyClick(field, Qt.Key.Key_A, CTRL)
    type_into(field, "99")
    assert field.take() == b"99"


def test_erasing_a_selection_empties_the_field(field: PinField) -> None:
    type_into(field, "7351")
    QTest.keyClick(field, Qt.Key.Key_A, CTRL)
    QTest.keyClick(field, Qt.Key.Key_Delete)
    assert field.length() == 0


def test_nothing_is_pasted_or_copied(field: PinField) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("1234")
    type_into(field, "73")
    for key in (Qt.Key.Key_V, Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_Z):
        QTest.keyClick(field, Qt.Key.Key_A, CTRL)
        QTest.keyClick(field, key, CTRL)
    QTest.keyClick(field, Qt.Key.Key_Insert, Qt.KeyboardModifier.ShiftModifier)
    assert field.take() == b"73"
    assert clipboard.text() == "1234"


def test_the_middle_button_pastes_nothing(field: PinField) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard.supportsSelection():
        clipboard.setText("1234", QClipboard.Mode.Selection)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        at = QPointF(5, 5)
        middle = Qt.MouseButton.MiddleButton
        event = QMouseEvent(kind, at, at, middle, middle, NONE)
        QApplication.sendEvent(field, event)
    QTest.mouseDClick(field, Qt.MouseButton.LeftButton)
    assert field.length() == 0
    assert not field.hasSelectedText()


def test_nothing_comes_from_an_input_method(field: PinField) -> None:
    event = QInputMethodEvent()
    event.setCommitString("1234")
    QApplication.sendEvent(field, event)
    assert field.length() == 0
    assert not field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_nothing_can_be_dropped_in(field: PinField) -> None:
    assert not field.acceptDrops()
    assert not field.dragEnabled()
    assert not QMimeData().hasText()


@pytest.mark.parametrize("text", ["７３５１", "é", "\t", "密"])
def test_what_can_be_no_pin_is_not_typed(field: PinField, text: str) -> None:
    for character in text:
        field._type(character)
    assert field.length() == 0


def test_what_assistive_technology_sets_is_moved_into_the_buffer(field: PinField) -> None:
    field.setText("735192")
    assert field.text() == DOT * 6
    assert field.take() == b"735192"


def test_what_it_inserts_stands_between_what_was_there(field: PinField) -> None:
    type_into(field, "79")
    field.setText(f"{DOT}35{DOT}")
    assert field.take() == b"7359"


def test_what_it_deletes_is_gone(field: PinField) -> None:
    type_into(field, "7351")
    field.setText(DOT * 2)
    assert field.take() == b"73"


@pytest.mark.parametrize("text", ["73５1", "1" * (MAX_PIN_BYTES + 2), f"7{DOT}{DOT}"])
def test_a_set_text_that_can_be_no_pin_empties_the_field(field: PinField, text: str) -> None:
    field.setText(text)
    assert (field.text(), field.length()) == ("", 0)


def test_a_pin_that_is_too_long_is_kept_too_long_not_cut_to_another(field: PinField) -> None:
    type_into(field, "1" * (MAX_PIN_BYTES + 5))
    assert field.length() == MAX_PIN_BYTES + 1


def test_enter_is_told_of_once_and_types_nothing(field: PinField) -> None:
    entered: list[int] = []
    field.entered.connect(lambda: entered.append(1))
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (entered, field.length()) == ([1], 0)


def test_the_wrong_border_comes_and_goes_and_leaves_the_dots_apart(field: PinField) -> None:
    type_into(field, "73")
    field.mark(wrong=True)
    assert (field.property("wrong"), field.font().letterSpacing()) == ("yes", 4)
    field.mark(wrong=False)
    assert field.property("wrong") == "no"
