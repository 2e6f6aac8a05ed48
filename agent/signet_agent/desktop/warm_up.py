"""Paying for fonts, styles and drawings before anybody waits: a window that nobody sees.

Its record is made of our own sentences; no page has a part in it.
"""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from signet_agent.desktop.application import choose_font, dress
from signet_agent.desktop.consent_flow import ConsentFlow
from signet_agent.desktop.look import Look
from signet_agent.desktop.theme import system_palette
from signet_agent.desktop.widgets.consent_dialog import ConsentDialog
from signet_agent.model import Choice, ConsentRecord, Operation, Paper, Row

_LANGUAGE = "zh-Hans"
_SCREEN = QSize(1366, 768)


def warm_up(application: QApplication) -> None:
    """Build and paint one window of each kind out of sight."""
    look = Look(_LANGUAGE, system_palette())
    choose_font(application, look)
    for operation in (Operation.SIGN, Operation.LOGIN):
        dialog = ConsentDialog(look, ConsentFlow(_record(look, operation), _drop), _SCREEN)
        dress(dialog, look)
        dialog.reflect()
        dialog.grab()
        dialog.deleteLater()


def _record(look: Look, operation: Operation) -> ConsentRecord:
    words, digits = look.texts("product"), "0123456789"
    paper = Paper(words, (Row(words, digits), Row(words, digits, total=True)))
    choice = Choice(digits, words, words, words, "usb-key", digits[:4], 0, demo=True)
    return ConsentRecord(
        id=bytes(16),
        operation=operation,
        origin="https://localhost",
        site=words,
        mark=words[:1],
        kind=words,
        choices=(choice,),
        paper=paper,
        code=digits,
        digest=digits,
        language=_LANGUAGE,
    )


def _drop(_message: object) -> None:
    """Send nothing: there is no question."""
