"""Notices: a strip across the window, a tinted note, and the picture of a whole state."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.icons import Disc, Icon
from signet_agent.desktop.widgets.labels import Item, Step, box, column, label, row

_ICON_GAP = 10


def demo_strip(look: Look) -> QFrame:
    """Return the strip that says a certificate has no legal effect; in every window of one."""
    icon = Icon(look, "information", "ochre", 16)
    return box(
        "demo",
        row(icon, label(look.texts("demo"), "demoText"), None, spacing=8, margins=(24, 6, 24, 6)),
    )


class Note(QFrame):
    """A tinted box: icon, a bold sentence, and what follows from it."""

    def __init__(self, look: Look, tone: str, icon: str, heading: str, text: str = "") -> None:
        """Choose the tone: ``stop``, ``look``, ``ok``, ``act`` or ``calm``."""
        super().__init__()
        self.setObjectName("note")
        self.setProperty("tone", tone)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        colours = {"stop": "cinnabar", "look": "ochre", "ok": "malachite", "act": "azurite"}
        self.heading = label(heading, "noteHeading", wrap=True)
        self.text = label(text, "noteText", wrap=True)
        self.text.setVisible(bool(text))
        self._heading_row = row(
            Icon(look, icon, colours.get(tone, "ink_2")), self.heading, spacing=_ICON_GAP
        )
        self._heading_row.setStretch(1, 1)
        words = row(20 + _ICON_GAP, self.text)
        words.setStretch(1, 1)
        self.setLayout(column(self._heading_row, words, margins=(14, 10, 14, 10)))

    def add(self, widget: QWidget) -> None:
        """Put something at the right end of the heading."""
        self._heading_row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


class StatePicture(QWidget):
    """A state that takes the place of everything there was to do: disc, heading, sentence.

    Attributes:
        sentence: heading and text, to be announced.
    """

    def __init__(
        self, look: Look, disc: tuple[str, str], words: tuple[str, str], steps: tuple[Step, ...]
    ) -> None:
        """Choose the disc (icon, tone), the words (heading, text) and the steps that may help."""
        super().__init__()
        heading, text = words
        self.sentence = look.texts("state.spoken", heading=heading, text=text) if text else heading
        items: list[Item] = [
            None,
            _middle(Disc(look, *disc)),
            12,
            _centred(heading, "stateHeading"),
        ]
        if text:
            items += [6, _centred(text, "stateText")]
        for step in steps:
            items += [14, _middle(step)]
        self._steps = steps
        self.setLayout(column(*items, None, margins=(0, 12, 0, 12)))

    def focus_first(self, otherwise: QWidget) -> None:
        """Give the focus to the first step, or to a widget elsewhere where there is none."""
        (self._steps[0] if self._steps else otherwise).setFocus()


def _centred(text: str, name: str) -> QLabel:
    made = label(text, name, wrap=True)
    made.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
    return made


def _middle(widget: QWidget) -> Item:
    return row(None, widget, None)
