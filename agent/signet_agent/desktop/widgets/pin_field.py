"""The PIN field: Qt only ever holds dots; the characters live in one buffer that is wiped.

No input method, no paste, no undo, no context menu. The X server and assistive technology see
what is typed or set all the same; nothing of it stays in this process.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QInputMethodEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit

from signet_agent.channel.sealed_pin import MAX_PIN_BYTES, wipe
from signet_agent.desktop.widgets.labels import ENTER_KEYS, restyle

DOT = "●"
"""What stands in the field for each character; no PIN character, so the two never mix."""

_PRINTABLE = range(0x20, 0x7F)
"""Token standards leave PINs to ASCII; full-width digits would be another PIN."""

_CAPACITY = MAX_PIN_BYTES + 1
"""One more than can be sealed: a PIN that is too long is refused whole, never cut to another."""

_PASSED_ON = frozenset({Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape})
_ERASE_ONE = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete})
_TYPING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
"""With any other modifier a key is a command, not a character."""


class PinField(QLineEdit):
    """A password field over its own buffer.

    Signals: ``edited`` when the number of characters changed, ``entered`` when Enter was pressed.
    """

    edited = Signal()
    entered = Signal()

    def __init__(self) -> None:
        """Make an empty field."""
        super().__init__()
        self._buffer = bytearray(_CAPACITY)
        self._length = 0
        self.setObjectName("pin")
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setFixedHeight(42)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on=False)
        self.textChanged.connect(self._absorb)

    def length(self) -> int:
        """Return the number of characters typed."""
        return self._length

    def take(self) -> bytearray:
        """Return the PIN in a buffer of the caller's, who wipes it; the field is empty then."""
        taken = bytearray(memoryview(self._buffer)[: self._length])
        self.wipe()
        return taken

    def mark(self, *, wrong: bool) -> None:
        """Show or clear the border of a PIN that was wrong."""
        restyle(self, "wrong", "yes" if wrong else "no")
        self._space_dots()  # a new style takes the font back

    def wipe(self) -> None:
        """Overwrite what was typed and empty the field."""
        wipe(self._buffer)
        self._resize(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        """Put characters into the buffer; Qt's own editing never sees them."""
        if event.key() in ENTER_KEYS:
            if not event.isAutoRepeat():
                self.entered.emit()
        elif event.key() in _PASSED_ON:
            event.ignore()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif event.key() in _ERASE_ONE:
            self._erase(whole=bool(event.modifiers()) or self.hasSelectedText())
        elif not event.modifiers() & ~_TYPING:
            self._type(event.text())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        """Take the focus and nothing else: no cursor in the middle, no selection to drag."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        """Leave out what Qt does here: the middle button would paste the X selection."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        """Leave out Qt's selecting."""
        event.accept()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 -- Qt's name
        """Take nothing from an input method: it keeps histories."""
        event.ignore()

    def _type(self, text: str) -> None:
        if len(text) != 1 or ord(text) not in _PRINTABLE:
            return
        if self.hasSelectedText():
            self._erase(whole=True)
        if self._length < _CAPACITY:
            self._buffer[self._length] = ord(text)
            self._resize(self._length + 1)

    def _erase(self, *, whole: bool) -> None:
        if whole:
            self.wipe()
        elif self._length:
            self._buffer[self._length - 1] = 0
            self._resize(self._length - 1)

    def _absorb(self, text: str) -> None:
        """Move what assistive technology set or inserted into the buffer; leave dots.

        Dots stand for the characters that were there, in their order. Anything that can be no
        PIN empties the field, so that no other PIN is tried than the one that was meant.
        """
        earlier = (self._buffer[place] for place in range(self._length))
        absorbed = bytearray(_CAPACITY)
        for place, letter in enumerate(text):
            octet = next(earlier, 0) if letter == DOT else ord(letter)
            if octet not in _PRINTABLE or place >= _CAPACITY:
                self.wipe()
                return
            absorbed[place] = octet
        self._buffer[:] = absorbed
        wipe(absorbed)
        self._resize(len(text))

    def _resize(self, length: int) -> None:
        """Show as many dots as there are characters, and say so when that changed."""
        changed, self._length = self._length != length, length
        dots = DOT * length
        if self.text() != dots:
            self.blockSignals(True)  # noqa: FBT003 -- Qt's signature
            self.setText(dots)
            self.blockSignals(False)  # noqa: FBT003 -- Qt's signature
        self._space_dots()
        if changed:
            self.edited.emit()

    def _space_dots(self) -> None:
        """Set the dots apart, but not the sentence that stands in an empty field."""
        font = QFont(self.font())
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 4 if self._length else 0)
        self.setFont(font)
