"""Everything beside the document: what the site learns or what follows, with what, and the PIN."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.certificates import CertificateList, certificate_card
from signet_agent.desktop.widgets.icons import Icon
from signet_agent.desktop.widgets.labels import (
    Item,
    Link,
    at_top,
    column,
    discard,
    hold,
    holder,
    label,
    row,
)
from signet_agent.desktop.widgets.listed import size_text
from signet_agent.desktop.widgets.pin_panel import PinPanel
from signet_agent.desktop.widgets.scroller import Scroller
from signet_agent.desktop.widgets.tick import TickBox, TickSentence
from signet_agent.model import Choice, ConsentRecord, Operation


class Questions(QWidget):
    """The questions of one consent.

    Signal: ``chosen`` with a fingerprint, when the person selects another certificate.

    Attributes:
        tick: what opens the PIN field for the last try.
        pin: the PIN panel.
    """

    chosen = Signal(str)

    def __init__(self, look: Look, flow: ConsentFlow, width: int, gutter: int) -> None:
        """Build the questions of the flow's record for a column of this width.

        ``gutter`` is how much of it, on the right, is left to a scroll bar.
        """
        super().__init__()
        self._look, self._flow = look, flow
        self.pin = PinPanel(look)
        self.change = Link(look.texts("certificate.change"))
        self.change.clicked.connect(self._open_list)
        signing = flow.record.operation.signs
        listed = flow.record.choices if self._several else ()
        self.list = CertificateList(look, listed, roomy=not signing)
        self.list.chosen.connect(self._choose)
        self._heading = label("", "heading")
        self._card_place = holder(column())
        self._card: QWidget | None = None
        self._described = ""
        self._learns = holder(column(spacing=2))
        self._learned: list[QWidget] = []
        sentence = look.texts("pin.last.tick")
        self.tick = TickBox(look, sentence)
        ticking = row(at_top(self.tick), TickSentence(sentence, self.tick), spacing=8)
        ticking.setStretch(1, 1)
        self._tick_row = holder(ticking)
        self._spread = self._several and not signing
        self.setLayout(column(*self._parts(width, gutter), spacing=18))

    @property
    def _several(self) -> bool:
        return len(self._flow.record.choices) > 1

    def reflect(self) -> None:
        """Show how the flow stands."""
        flow, choice = self._flow, self._flow.choice
        if choice is None:
            return
        self._describe(choice)
        self.list.select(choice.fingerprint)
        self._show_certificates()
        last = flow.stage is Stage.LAST_TRY
        if not last:
            self.tick.setChecked(False)
        self._tick_row.setVisible(last)
        self.setEnabled(flow.stage is not Stage.WORKING)
        self.pin.setVisible(flow.needs_pin)
        self.pin.reflect(flow, ticked=self.tick.isChecked())

    def focus_order(self) -> list[QWidget]:
        """Return what the Tab key visits here, in order."""
        return [self.change, *self.list.radios, self.tick, self.pin.field]

    def open_list(self) -> None:
        """Show all certificates to choose from."""
        self._open_list()

    def _parts(self, width: int, gutter: int) -> list[Item]:
        """Put the parts of this operation together."""
        texts, record = self._look.texts, self._flow.record
        certificates = column(row(self._heading, None, self.change), 6, self._card_place, self.list)
        if record.operation.signs:
            points = [_point(point) for point in (*record.after, texts("sign.final"))]
            after = column(label(texts("sign.after"), "heading"), 2, *points, spacing=4)
            clear = (0, 0, gutter, 0)
            upper = holder(column(certificates, after, None, spacing=18, margins=clear))
            lower = column(self._tick_row, self.pin, spacing=18, margins=clear)
            return [Scroller(upper, width), lower]
        verb = record.operation.value
        nothing_signed = _statement(self._look, "cross", "ink_3", texts(f"{verb}.not"))
        learns = column(
            label(texts(f"{verb}.learns"), "heading"), 4, self._learns, 6, nothing_signed
        )
        return [learns, certificates, self._tick_row, self.pin, None]

    def _describe(self, choice: Choice) -> None:
        """Show the card of the chosen certificate, and what the site will know of its holder."""
        if self._described == choice.fingerprint:
            return
        self._described = choice.fingerprint
        for part in (*self._learned, *([self._card] if self._card else [])):
            discard(part)
        self._card = certificate_card(self._look, choice)
        hold(self._card_place, self._card)
        self._learned = [
            _statement(self._look, "tick", "azurite", sentence)
            for sentence in _learned(self._look, self._flow.record, choice)
        ]
        for line in self._learned:
            hold(self._learns, line)

    def _show_certificates(self) -> None:
        """Show the list where it is asked for, else the card and a way to the list."""
        texts = self._look.texts
        self._heading.setText(texts("certificate.many" if self._spread else "certificate.used"))
        self.change.setVisible(self._several and not self._spread)
        self.list.setVisible(self._spread)
        if self._card is not None:
            self._card.setVisible(not self._spread)

    def _open_list(self) -> None:
        self._spread = True
        self._show_certificates()
        for radio in self.list.radios:
            if radio.isChecked():
                radio.setFocus()

    def _choose(self, fingerprint: str) -> None:
        self.chosen.emit(fingerprint)


def _learned(look: Look, record: ConsentRecord, choice: Choice) -> list[str]:
    """Return the sentences on what the site will know."""
    whose = "organisation" if choice.organisation else "person"
    told = (f"learns.{whose}", f"learns.{whose}.numbers")
    keys = {
        Operation.LOGIN: told,
        Operation.CHOOSE: (*told, "learns.certificate"),
        Operation.DECRYPT: ("learns.content", "learns.certificate"),
    }.get(record.operation, ())
    size = size_text(sum(item.size for item in record.items))
    return [look.texts(key, size=size) for key in keys]


def _point(text: str) -> Item:
    """Return one line of what follows from signing."""
    words = label(text, "then", wrap=True)
    line = row(at_top(label("•", "then")), words, spacing=8)
    line.setStretch(1, 1)
    return line


def _statement(look: Look, icon: str, colour: str, text: str) -> QWidget:
    """Return a sentence behind a small icon."""
    words = label(text, "muted" if icon == "cross" else "", wrap=True)
    line = row(at_top(Icon(look, icon, colour, 16), 3), words, spacing=8)
    line.setStretch(1, 1)
    return holder(line)
