"""The foot of a consent window: how long it waits, and the two answers, both of one size."""

from PySide6.QtWidgets import QFrame

from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.icons import Icon
from signet_agent.desktop.widgets.labels import Button, box, label, restyle, row

_REFUSED_ONLY = frozenset({Stage.MISSING, Stage.REMOVED, Stage.LOCKED, Stage.DONE})
_CLOSED = frozenset({Stage.LOCKED, Stage.DONE})


class Foot:
    """Waiting time on the left, refuse and agree on the right.

    Attributes:
        frame: the foot itself.
        refuse: the default button; it closes where there is nothing left to refuse.
        agree: named by its verb.
    """

    def __init__(self, look: Look, flow: ConsentFlow) -> None:
        """Build the foot."""
        self._texts = look.texts
        self._verb = flow.record.operation.value
        self._clock = Icon(look, "clock", "ink_3", 16)
        self._words = label("", "footText", wrap=True)
        self.refuse = Button("")
        self.refuse.setDefault(True)
        self.agree = Button(look.texts(f"button.{self._verb}"), "agree")
        self._left = 0
        answers = row(self.refuse, self.agree, spacing=12)
        content = row(self._clock, self._words, answers, spacing=6, margins=(24, 14, 24, 14))
        content.setStretch(1, 1)
        self.frame: QFrame = box("foot", content)

    def reflect(self, flow: ConsentFlow, *, may_agree: bool) -> None:
        """Show the answers that are possible now."""
        stage = flow.stage
        self.refuse.setText(self._refusal(stage))
        self.refuse.setEnabled(stage is not Stage.WORKING)
        self.agree.setVisible(stage not in _REFUSED_ONLY)
        self.agree.setEnabled(may_agree)
        self.count_down(self._left, stage)

    def count_down(self, left: int, stage: Stage) -> str:
        """Show the seconds left (0: no need to yet) and return the sentence."""
        self._left = left
        if stage is Stage.WORKING:
            sentence = self._texts(f"working.{self._verb}")
        elif stage is Stage.DONE:
            sentence = ""
        elif left:
            sentence = self._texts.count("idle.soon", left)
        else:
            sentence = self._texts("idle")
        self._words.setText(sentence)
        soon = bool(left) and stage is not Stage.WORKING
        self._clock.setVisible(bool(sentence))
        self._clock.show_as("clock", "ochre" if soon else "ink_3")
        restyle(self._words, "tone", "soon" if soon else "calm")
        return sentence

    def _refusal(self, stage: Stage) -> str:
        if stage in _CLOSED:
            return self._texts("button.close")
        if stage is Stage.LAST_TRY:
            return self._texts(f"button.later.{self._verb}")
        return self._texts("button.refuse")
