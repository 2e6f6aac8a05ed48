"""The comparison code under the paper, and the full digest one click away."""

from PySide6.QtWidgets import QWidget

from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.labels import Link, column, label, row

_INDENT = " " * len("SHA-256 ")
"""Both lines begin below each other; the face is of one width."""


class ComparisonCode(QWidget):
    """Sixteen digits, four by four, read out digit by digit.

    They tie page, window, receipt and history together; they do not prove the page honest.
    """

    def __init__(self, look: Look, code: str, digest: str, *, roomy: bool) -> None:
        """Show the code of a document and keep its SHA-256 (hexadecimal) ready.

        ``roomy`` puts the digits beside their name, else they stand below it.
        """
        super().__init__()
        self._digits = label(code, "code")
        spoken = ", ".join(" ".join(group) for group in code.split())
        self._digits.setAccessibleName(look.texts("code.spoken", digits=spoken))
        self.more = Link(look.texts("code.more"))
        self._digest = label(
            look.texts("code.digest", digest=_grouped(digest)), "digest", wrap=True
        )
        self._digest.setAccessibleName(look.texts("code.digest", digest=digest))
        self._digest.setVisible(False)
        self.more.clicked.connect(self._turn)
        hint = row(label(look.texts("code.hint"), "quiet"), self.more, None, spacing=10)
        names = column(label(look.texts("code.label"), "strong"), hint)
        digits = row(None, self._digits) if roomy else row(self._digits, None)
        both = row(names, digits) if roomy else column(names, 4, digits)
        self.setLayout(column(both, self._digest, spacing=6))

    def _turn(self) -> None:
        """Show the digest, or hide it again."""
        self._digest.setVisible(self._digest.isHidden())


def _grouped(digest: str) -> str:
    """Set a digest in two lines of four groups of eight, so that it can be compared."""
    groups = [digest[start : start + 8] for start in range(0, len(digest), 8)]
    return "\n".join((" ".join(groups[:4]), _INDENT + " ".join(groups[4:])))
