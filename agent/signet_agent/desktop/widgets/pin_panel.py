"""The PIN: its field, the tries that are left, and what was wrong."""

from PySide6.QtWidgets import QWidget

from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.labels import column, label, row
from signet_agent.desktop.widgets.pin_field import PinField
from signet_agent.desktop.widgets.tries import TriesBars


class PinPanel(QWidget):
    """Heading with the tries left, the field, and under it the sentence after a wrong PIN."""

    def __init__(self, look: Look) -> None:
        """Build the panel."""
        super().__init__()
        self._texts = look.texts
        self._tries = label("", "quiet", right=True)
        self.field = PinField()
        self._wrong = label("", "wrong", wrap=True)
        self._bars = TriesBars(look)
        self._below = QWidget()
        below = row(self._wrong, self._bars, spacing=12, margins=(0, 6, 0, 0))
        below.setStretch(0, 1)
        self._below.setLayout(below)
        heading = row(label(look.texts("pin.label"), "heading"), None, self._tries)
        self.setLayout(column(heading, 6, self.field, self._below))

    def reflect(self, flow: ConsentFlow, *, ticked: bool) -> None:
        """Show how the PIN stands, and open the field where a PIN can be typed."""
        last = flow.stage is Stage.LAST_TRY
        ready = flow.stage is Stage.READY or (last and ticked)
        is_open = ready and not flow.pin.at_reader
        if not is_open:
            self.field.wipe()
        self.field.setEnabled(is_open)
        self.field.setPlaceholderText(self._placeholder(flow, is_open=is_open))
        self.field.setAccessibleName(self._name(flow))
        self._tries.setText(self._quiet_sentence(flow))
        wrong = self.wrong_sentence(flow)
        self._wrong.setText(wrong)
        self.field.setAccessibleDescription(wrong)
        self._bars.show_tries(flow.pin.tries or 0, flow.most_tries)
        self._below.setVisible(bool(wrong))
        self.field.mark(wrong=bool(wrong) and is_open)

    def wrong_sentence(self, flow: ConsentFlow) -> str:
        """Return what to say after a wrong PIN; nothing before one."""
        if not flow.rejected or flow.stage is not Stage.READY:
            return ""
        if flow.pin.tries is None:
            return self._texts("pin.wrong.uncounted")
        return self._texts.count("pin.wrong", flow.pin.tries)

    def _quiet_sentence(self, flow: ConsentFlow) -> str:
        """Return what stands beside the heading: the tries, or that there was a mistake before."""
        if not flow.asking or flow.stage is Stage.CONNECTING or self.wrong_sentence(flow):
            return ""
        if flow.pin.tries is not None:
            return self._texts.count("pin.tries", flow.pin.tries)
        return self._texts("pin.before") if flow.pin.wrong_before else ""

    def _name(self, flow: ConsentFlow) -> str:
        if flow.pin.tries is None:
            return self._texts("pin.label")
        return self._texts.count("pin.name", flow.pin.tries)

    def _placeholder(self, flow: ConsentFlow, *, is_open: bool) -> str:
        if flow.stage is Stage.CONNECTING:
            return self._texts("pin.connecting")
        if flow.pin.at_reader:
            return self._texts("pin.reader")
        closed = flow.stage is Stage.LAST_TRY and not is_open
        return self._texts("pin.last.closed") if closed else ""
