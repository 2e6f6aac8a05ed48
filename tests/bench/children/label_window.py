"""The least window Qt can show: a sentence and two buttons.

It writes a line when a question may come; the line it then reads shows the window, and it writes
another when the first painting is done. The end of its input ends it.
"""

import sys

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QVBoxLayout


class LabelWindow(QDialog):
    """Says once that it was painted."""

    def __init__(self) -> None:
        """Fill it."""
        super().__init__()
        self._painted = False
        content = QVBoxLayout(self)
        content.addWidget(QLabel("市国家税务局请您签署 1 份文件"))
        content.addWidget(QPushButton("拒绝"))
        content.addWidget(QPushButton("签名"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Tell after this painting is flushed, as the agent's window does."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, tell)


def tell() -> None:
    """Write one line."""
    sys.stdout.write("true\n")
    sys.stdout.flush()


def main() -> None:
    """Serve one question."""
    application = QApplication(["bench"])
    application.setQuitOnLastWindowClosed(False)
    window = LabelWindow()
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def read() -> None:
        if sys.stdin.readline():
            window.show()
        else:
            application.quit()

    notifier.activated.connect(read)
    tell()
    application.exec()


if __name__ == "__main__":
    main()
