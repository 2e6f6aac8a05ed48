"""The middle of a consent window: document and questions, side by side or one below the other."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.comparison_code import ComparisonCode
from signet_agent.desktop.widgets.labels import Link, Step, box, column, discard, hold, holder, row
from signet_agent.desktop.widgets.listed import code_of, paper_of
from signet_agent.desktop.widgets.notices import Note, StatePicture
from signet_agent.desktop.widgets.paper import Sheet, make_sheet
from signet_agent.desktop.widgets.pictures import CURABLE, PICTURED, picture_of
from signet_agent.desktop.widgets.questions import Questions
from signet_agent.desktop.widgets.scroller import BAR_WIDTH, Scroller, needed_height
from signet_agent.desktop.widgets.tries import TriesBars

_MARGINS = (24, 20, 24, 20)
_SIDE_WIDTH = 336
_GAP = 14


class ConsentBody(QFrame):
    """The questions, or in their place the picture of a state.

    Signal: ``retried`` when the token shall be looked for again.

    Attributes:
        sheet: the document, where there is one.
        questions: certificate, consequences, PIN.
        note: what the last try means.
        picture: the state that stands in the questions' place, if one does.
    """

    retried = Signal()

    def __init__(self, look: Look, flow: ConsentFlow, width: int, *, gutter: int) -> None:
        """Build the parts that both layouts share.

        The questions are given this width; where they scroll by themselves, as they do beside a
        document, ``gutter`` of it is left to the bar.
        """
        super().__init__()
        self._look, self._flow = look, flow
        self._gutter = gutter
        self.sheet: Sheet | None = None
        self.code: ComparisonCode | None = None
        if flow.record.operation.signs:
            self.sheet = make_sheet(look, paper_of(look, flow.record))
            if code := code_of(flow.record):
                digest = flow.record.digest
                self.code = ComparisonCode(look, code, digest, roomy=bool(gutter))
        self.questions = Questions(look, flow, width, gutter)
        self.note = Note(look, "stop", "warning", look.texts("pin.last"))
        self._bars = TriesBars(look)
        self.note.add(self._bars)
        self.picture: StatePicture | None = None
        self._pictured: tuple[Stage, str] | None = None
        self._place = holder(column(self.questions))

    def height_for(self, width: int) -> int:
        """Return the height at which nothing of the body needs to scroll, in pixels."""
        raise NotImplementedError

    def reveal(self, part: QWidget) -> None:
        """Scroll to a part that the person has to see now; where nothing is hidden, do nothing."""

    def reflect(self) -> None:
        """Show how the flow stands."""
        flow = self._flow
        chosen = flow.choice.fingerprint if flow.choice else ""
        if self._pictured != (flow.stage, chosen):
            self._pictured = (flow.stage, chosen)
            self._replace_picture()
        self.questions.reflect()
        self._show_note(shown=flow.stage is Stage.LAST_TRY)

    def _show_note(self, *, shown: bool) -> None:
        if shown and self._flow.choice is not None:
            this = self._look.texts(f"this.{self._flow.choice.token_kind}")
            self.note.text.setText(self._look.texts("pin.last.why", token=this))
            self.note.text.show()
            self._bars.show_tries(self._flow.pin.tries or 0, self._flow.most_tries)
        self.note.setVisible(shown)

    def _replace_picture(self) -> None:
        """Take the old picture away and put the stage's own there, if it has one."""
        if self.picture is not None:
            discard(self.picture)
            self.picture = None
        pictured = self._flow.stage in PICTURED
        if pictured:
            self.picture = picture_of(self._look, self._flow, self._steps())
            self.picture.setContentsMargins(0, 0, self._gutter, 0)
            hold(self._place, self.picture)
        self.questions.setVisible(not pictured)

    def _steps(self) -> tuple[Step, ...]:
        """Return what may help out of this stage: looking again, another certificate."""
        steps: list[Step] = []
        if self._flow.stage in CURABLE and self._flow.choice is not None:
            steps.append(Step(self._look.texts("button.retry")))
            steps[-1].clicked.connect(self.retried)
        if self._flow.stage is not Stage.DONE and len(self._flow.record.choices) > 1:
            steps.append(Link(self._look.texts("certificate.change")))
            steps[-1].clicked.connect(self._show_others)
        return tuple(steps)

    def _show_others(self) -> None:
        """Put the list of certificates in the picture's place."""
        if self.picture is not None:
            self.picture.hide()
        self.questions.show()
        self.questions.open_list()


class WideBody(ConsentBody):
    """The document left, the questions right; the note on the last try above both."""

    def __init__(self, look: Look, flow: ConsentFlow) -> None:
        """Build the two columns."""
        left, top, right, bottom = _MARGINS
        margins = (left, top, right - BAR_WIDTH, bottom)
        super().__init__(look, flow, _SIDE_WIDTH - left - margins[2], gutter=BAR_WIDTH)
        below = (_GAP, self.code) if self.code is not None else ()
        self._document = column(self.sheet, *below, margins=_MARGINS)
        self._document.setStretch(0, 1)
        side = column(self._place, margins=margins)
        side.setStretch(0, 1)
        self._side = box("with", side)
        self._side.setFixedWidth(_SIDE_WIDTH)
        columns = row(box("what", self._document), self._side)
        columns.setStretch(0, 1)
        self._strip = box("noteStrip", column(self.note, margins=(24, 12, 24, 12)))
        content = column(self._strip, columns)
        content.setStretch(1, 1)
        self.setLayout(content)

    def height_for(self, width: int) -> int:
        """Return the height of the higher column, and of the note while it is shown."""
        inner = width - _SIDE_WIDTH - _MARGINS[0] - _MARGINS[2]
        document = _MARGINS[1] + _MARGINS[3]
        if self.sheet is not None:
            document += self.sheet.height_for(inner)
        if self.code is not None:
            document += _GAP + needed_height(self.code, inner)
        strip = needed_height(self._strip, width) if self._strip.isVisibleTo(self) else 0
        return max(document, needed_height(self._side, _SIDE_WIDTH)) + strip

    def _show_note(self, *, shown: bool) -> None:
        super()._show_note(shown=shown)
        self._strip.setVisible(shown)


class NarrowBody(ConsentBody):
    """One column that scrolls as a whole, between the head and the buttons that stay."""

    def __init__(self, look: Look, flow: ConsentFlow, width: int) -> None:
        """Build the column for a window of this width."""
        super().__init__(look, flow, width - _MARGINS[0] - _MARGINS[2], gutter=0)
        content = column(spacing=18, margins=_MARGINS)
        for part in (self.sheet, self.code, self.note):
            if part is not None:
                content.addWidget(part)
        content.addWidget(self._place, 1)
        self._scroller = Scroller(box("one", content), width)
        self.setLayout(column(self._scroller))

    def height_for(self, width: int) -> int:
        """Return the height of the whole column; the document is given all of its own."""
        if self.sheet is not None:
            self.sheet.setMinimumHeight(self.sheet.height_for(width - _MARGINS[0] - _MARGINS[2]))
        return self._scroller.sizeHint().height()

    def reveal(self, part: QWidget) -> None:
        """Scroll the one column to a part of it."""
        self._scroller.reveal(part)
