"""The consent window: who asks, what for, with what, and two answers of one size.

It draws a ``ConsentFlow`` and passes the person's hand on. Refusing costs one key; agreeing is
the button with the verb, or Enter in a PIN field of sufficient length.
"""

from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QDialog, QWidget

from signet_agent.desktop.announce import announce
from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.consent_body import ConsentBody, NarrowBody, WideBody
from signet_agent.desktop.widgets.foot import Foot
from signet_agent.desktop.widgets.labels import ENTER_KEYS, column
from signet_agent.desktop.widgets.notices import demo_strip
from signet_agent.desktop.widgets.pictures import CURABLE
from signet_agent.desktop.widgets.scroller import needed_height
from signet_agent.desktop.widgets.who import Who

WIDE = 940
NARROW = 480
MAX_HEIGHT = 700
"""Fits a screen of 1366 x 768 with its task bar."""

TWO_COLUMNS_FROM = QSize(900, 600)
"""On a smaller screen than this (1366 x 768 at a scale of 150 % and more) one column scrolls as a
whole: beside the questions, the note on the last try would leave the document no room."""

_TITLE_BAR = 40
"""What the desktop adds above the window, about."""

_GRAVE = frozenset({Stage.LAST_TRY, Stage.LOCKED})


class ConsentDialog(QDialog):
    """The window of one consent.

    Signals: ``agreed``, ``refused`` (button, Enter or Escape), ``closed`` by the desktop,
    ``chosen`` with a fingerprint, ``retried``, ``activated`` when it gains the focus, and once
    ``painted``.
    """

    agreed = Signal()
    refused = Signal()
    closed = Signal()
    chosen = Signal(str)
    retried = Signal()
    activated = Signal()
    painted = Signal()

    def __init__(self, look: Look, flow: ConsentFlow, screen: QSize) -> None:
        """Build the window for a screen with this much room."""
        super().__init__()
        self._look, self._flow = look, flow
        self._painted = False
        self._after_painting = QTimer(self, singleShot=True, interval=0)
        self._after_painting.timeout.connect(self.painted)
        self._shown_stage: Stage | None = None
        roomy = screen.expandedTo(TWO_COLUMNS_FROM) == screen
        wide = flow.record.operation.signs and roomy
        self._width = min(WIDE if wide else NARROW, screen.width())
        self._limit = min(MAX_HEIGHT, screen.height() - _TITLE_BAR)
        self.who = Who(look, flow.record, self._width)
        self.demo = demo_strip(look)
        self.body: ConsentBody = (
            WideBody(look, flow) if wide else NarrowBody(look, flow, self._width)
        )
        self.foot = Foot(look, flow)
        content = column(self.who.frame, self.demo, self.body, self.foot.frame)
        content.setStretch(2, 1)
        self.setLayout(content)
        self.setObjectName("window")
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.WindowStaysOnTopHint)
        title = look.texts(f"window.{flow.record.operation.value}")
        self.setWindowTitle(title)
        self.setAccessibleName(f"{title} · {self.who.sentence}")
        self._connect()

    def reflect(self) -> None:
        """Show how the flow stands, and say what changed."""
        flow = self._flow
        changed = self._shown_stage is not flow.stage
        self._shown_stage = flow.stage
        self.who.weigh(grave=flow.stage in _GRAVE)
        self.demo.setVisible(flow.choice is not None and flow.choice.demo)
        self.body.reflect()
        self.reflect_pin()
        self._fit()
        if self._painted:
            self._move_focus(changed=changed)
            self._say()

    def reflect_pin(self) -> None:
        """Show whether agreeing is possible with what is typed and ticked."""
        questions = self.body.questions
        ticked = questions.tick.isChecked()
        length = questions.pin.field.length()
        self.foot.reflect(self._flow, may_agree=self._flow.may_agree(length, ticked=ticked))

    def count_down(self, left: int) -> None:
        """Show the seconds left, and announce them when the last minute begins."""
        sentence = self.foot.count_down(left, self._flow.stage)
        if left and left % 30 == 0:
            announce(self, sentence)

    def focus_first(self) -> None:
        """Give the focus to the document, or to the heading: stray typing then does nothing."""
        first = self.body.sheet or self.who.heading
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        """Take Escape and Enter as the refusal they are; Enter on the agree button as nothing."""
        enter = event.key() in ENTER_KEYS and not self.foot.agree.hasFocus()
        if enter or event.key() == Qt.Key.Key_Escape:
            self.refused.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        """Take closing as refusing; the window goes when that is settled."""
        event.ignore()
        self.closed.emit()

    def reject(self) -> None:
        """Take Qt's own word for closing a dialog as closing."""
        self.closed.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Tell of a regained focus."""
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Tell once that the window stands on the screen: after this painting is flushed."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self._after_painting.start()

    def _connect(self) -> None:
        """Pass the person's hand on, and set the order of the Tab key."""
        questions = self.body.questions
        questions.chosen.connect(self.chosen)
        questions.tick.toggled.connect(self._take_tick)
        questions.pin.field.edited.connect(self.reflect_pin)
        questions.pin.field.entered.connect(self._take_enter)
        self.body.retried.connect(self.retried)
        self.foot.refuse.clicked.connect(self.refused)
        self.foot.agree.clicked.connect(self.agreed)
        stops: list[QWidget] = [self.who.heading]
        if self.body.sheet is not None and self.body.code is not None:
            stops = [self.body.sheet, self.body.code.more]
        stops += [*questions.focus_order(), self.foot.refuse, self.foot.agree]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def _take_tick(self, ticked: bool) -> None:  # noqa: FBT001 -- Qt's signal carries it
        """Open or shut the PIN field; a fresh tick leads into it."""
        questions = self.body.questions
        questions.pin.reflect(self._flow, ticked=ticked)
        self.reflect_pin()
        if ticked:
            questions.pin.field.setFocus()
            self.body.reveal(questions.pin)

    def _take_enter(self) -> None:
        """Take Enter in the PIN field: it agrees only where nothing grave is at stake."""
        if self._flow.enter_agrees and self.foot.agree.isEnabled():
            self.agreed.emit()

    def _fit(self) -> None:
        """Grow to what is to be shown, up to what fits; never shrink under the hand."""
        height = self.body.height_for(self._width)
        for part in (self.who.frame, self.demo, self.foot.frame):
            if part.isVisibleTo(self):
                part.setFixedHeight(needed_height(part, self._width))
                height += part.height()
        before = self.height()
        if self._painted:
            height = max(height, before)
        self.setFixedSize(self._width, min(height, self._limit))
        if self._painted and self.height() > before:
            self._stay_on_screen()

    def _stay_on_screen(self) -> None:
        """Move up when growing has pushed the buttons over the lower edge."""
        available = self.screen().availableGeometry()
        over = self.frameGeometry().bottom() - available.bottom()
        if over > 0:
            self.move(self.x(), max(self.y() - over, available.top()))

    def _move_focus(self, *, changed: bool) -> None:
        """Put the focus where the stage needs the person, and show what it is about."""
        stage, body = self._flow.stage, self.body
        if stage is Stage.READY and self._flow.rejected:
            body.questions.pin.field.setFocus()
            body.reveal(body.questions.pin)
        elif changed and stage in CURABLE and body.picture is not None:
            body.picture.focus_first(self.foot.refuse)
            body.reveal(body.picture)
        elif changed and stage in _GRAVE | {Stage.DONE}:
            self.foot.refuse.setFocus()
            body.reveal(body.picture or body.note)

    def _say(self) -> None:
        """Announce a state that came without the person's doing."""
        body, flow = self.body, self._flow
        wrong = body.questions.pin.wrong_sentence(flow)
        if body.picture is not None:
            announce(self, body.picture.sentence)
        elif flow.stage is Stage.LAST_TRY:
            announce(self, f"{body.note.heading.text()} {body.note.text.text()}")
        elif wrong or flow.stage is Stage.WORKING:
            announce(self, wrong or self.foot.count_down(0, flow.stage))
