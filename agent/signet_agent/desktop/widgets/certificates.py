"""With which certificate: one card, or a list to choose from."""

from datetime import UTC, datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QFrame, QRadioButton, QVBoxLayout, QWidget

from signet_agent.desktop.look import Look
from signet_agent.desktop.texts import Texts
from signet_agent.desktop.widgets.icons import Icon
from signet_agent.desktop.widgets.labels import at_top, box, column, label, restyle, row
from signet_agent.model import Algorithm, Choice

_RADIO = 18


def choice_lines(texts: Texts, choice: Choice) -> tuple[str, ...]:
    """Return what is said of a certificate: whose, on what, until when (local date).

    SM2 is named: a person may hold two certificates that differ in nothing else.
    """
    expiry = datetime.fromtimestamp(choice.not_after, UTC).astimezone()
    name = choice.organisation or choice.holder
    person = (choice.holder,) if choice.organisation and choice.holder != name else ()
    place = texts(f"place.{choice.token_kind}", tail=choice.tail)
    national = choice.algorithm is Algorithm.SM2
    return (
        name,
        *person,
        f"{place} · {texts('certificate.sm2')}" if national else place,
        texts("certificate.until", date=f"{expiry:%Y-%m-%d}"),
    )


def certificate_card(look: Look, choice: Choice) -> QFrame:
    """Return the card of the one certificate that is used."""
    name, *rest = choice_lines(look.texts, choice)
    words = column(
        label(name, "strong", wrap=True), *(label(line, "quiet", wrap=True) for line in rest)
    )
    icon = at_top(Icon(look, choice.token_kind, "ink_2"), 1)
    content = row(icon, words, spacing=12, margins=(12, 11, 12, 11))
    content.setStretch(1, 1)
    return box("card", content)


class CertificateRadio(QRadioButton):
    """A radio button drawn by us; it reads the whole card out."""

    def __init__(self, look: Look, choice: Choice) -> None:
        """Stand for this certificate."""
        super().__init__()
        self._look = look
        self.fingerprint = choice.fingerprint
        self.setAccessibleName("，".join(choice_lines(look.texts, choice)))
        self.setFixedSize(_RADIO + 4, _RADIO + 4)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Return the circle's own size."""
        return QSize(_RADIO + 4, _RADIO + 4)

    def hitButton(self, _position: object) -> bool:  # noqa: N802 -- Qt's name
        """Take a click anywhere in the circle."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Draw circle, choice and focus."""
        palette = self._look.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(2, 2, _RADIO, _RADIO)
        chosen = self.isChecked()
        width = 6.0 if chosen else 1.5
        painter.setPen(QPen(QColor(palette.azurite if chosen else palette.edge), width))
        painter.setBrush(QColor(palette.surface))
        painter.drawEllipse(area.adjusted(width / 2, width / 2, -width / 2, -width / 2))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.ink), 1.5))
            painter.drawEllipse(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75))


class _ChoiceCard(QFrame):
    """A card with its radio button; a click anywhere on it chooses."""

    def __init__(self, look: Look, choice: Choice, *, roomy: bool) -> None:
        super().__init__()
        self.setObjectName("choice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.radio = CertificateRadio(look, choice)
        name, *rest = choice_lines(look.texts, choice)
        if roomy:
            rest[-2:] = [" · ".join(rest[-2:])]
        lines = (label(line, "quiet", wrap=True) for line in rest)
        words = column(label(name, "strong", wrap=True), *lines)
        content = row(at_top(self.radio), words, spacing=10, margins=(10, 10, 12, 10))
        content.setStretch(1, 1)
        self.setLayout(content)
        self.radio.toggled.connect(self._mark)
        self._mark(chosen=False)

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 -- Qt's name
        """Choose this certificate."""
        self.radio.click()

    def _mark(self, chosen: bool) -> None:  # noqa: FBT001 -- Qt's signal carries it
        restyle(self, "chosen", "yes" if chosen else "no")


class CertificateList(QWidget):
    """Certificates to choose from, one of them chosen.

    Signal: ``chosen`` with a fingerprint, when the person selects another one.
    """

    chosen = Signal(str)

    def __init__(self, look: Look, choices: tuple[Choice, ...], *, roomy: bool) -> None:
        """List them in the daemon's order; ``roomy`` puts place and expiry on one line."""
        super().__init__()
        self._selected = ""
        self._group = QButtonGroup(self)
        self.radios: list[CertificateRadio] = []
        cards: QVBoxLayout = column(spacing=8)
        for choice in choices:
            card = _ChoiceCard(look, choice, roomy=roomy)
            self._group.addButton(card.radio)
            self.radios.append(card.radio)
            cards.addWidget(card)
        self.setLayout(cards)
        self._group.buttonToggled.connect(self._tell)

    def select(self, fingerprint: str) -> None:
        """Show this certificate as the chosen one, without telling anybody."""
        self._selected = fingerprint
        for radio in self.radios:
            if radio.fingerprint == fingerprint:
                radio.setChecked(True)

    def _tell(self, radio: CertificateRadio, chosen: bool) -> None:  # noqa: FBT001 -- Qt's signal
        if chosen and radio.fingerprint != self._selected:
            self._selected = radio.fingerprint
            self.chosen.emit(radio.fingerprint)
