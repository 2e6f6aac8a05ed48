"""Where the window cannot show everything at once, it shows what the person has to see now."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from signet_agent.channel.desktop_messages import PinReady, PinRejected, TokenMissing
from signet_agent.desktop.application import dress
from signet_agent.desktop.consent_flow import ConsentFlow
from signet_agent.desktop.look import Look
from signet_agent.desktop.palette import LIGHT
from signet_agent.desktop.widgets.consent_body import WideBody
from signet_agent.desktop.widgets.consent_dialog import TWO_COLUMNS_FROM, ConsentDialog
from signet_agent.model import Operation, Paper, Row
from tests.kit.consents import CITIZEN, ENTERPRISE, TokenDesk, record_of

NOTEBOOK = QSize(683, 384)
"""1366 x 768 at a scale of 200 %."""

LONG = Paper("增值税纳税申报表（月报）", tuple(Row(f"第 {n} 栏", f"{n}.00") for n in range(40)))


class SmallWindow:
    """A window on a small screen, painted, with its flow."""

    def __init__(
        self, application: QApplication, operation: Operation, screen: QSize = NOTEBOOK
    ) -> None:
        self._application = application
        record = record_of(operation, paper=LONG, choices=(ENTERPRISE, CITIZEN))
        self.flow = ConsentFlow(record, lambda _: None)
        look = Look("zh-Hans", LIGHT)
        self.dialog = ConsentDialog(look, self.flow, screen)
        dress(self.dialog, look)
        self.dialog.reflect()
        self.dialog.show()
        self.pump()

    def pump(self) -> None:
        for _ in range(5):
            self._application.processEvents()

    def take(self, order: PinReady | PinRejected | TokenMissing) -> None:
        self.flow.take(order)
        self.dialog.reflect()
        self.pump()

    def sees(self, part: QWidget | None) -> bool:
        """Whether the whole part is in sight."""
        assert part is not None
        return part.isVisible() and part.visibleRegion().boundingRect() == part.rect()


@pytest.fixture
def signing(application: QApplication) -> Iterator[SmallWindow]:
    window = SmallWindow(application, Operation.SIGN)
    yield window
    window.dialog.hide()
    window.dialog.deleteLater()


def test_on_the_smallest_screen_with_two_columns_nothing_lies_over_anything(
    application: QApplication,
) -> None:
    window = SmallWindow(application, Operation.SIGN, TWO_COLUMNS_FROM)
    window.take(TokenDesk(tries=1).ready(ENTERPRISE.fingerprint))
    body = window.dialog.body

    assert isinstance(body, WideBody)
    assert body.sheet is not None
    for part in (body.sheet, body.code, body.note, body.questions.pin, body.questions.tick):
        assert window.sees(part)
    assert body.code is not None
    assert body.sheet.geometry().bottom() < body.code.geometry().top()
    window.dialog.hide()
    window.dialog.deleteLater()


def test_it_opens_at_the_document(signing: SmallWindow) -> None:
    signing.take(TokenDesk().ready(ENTERPRISE.fingerprint))

    assert not signing.sees(signing.dialog.body.questions.pin)
    assert signing.sees(signing.dialog.foot.refuse)
    assert signing.sees(signing.dialog.foot.agree)


def test_a_wrong_pin_shows_the_pin_and_what_is_said_of_it(signing: SmallWindow) -> None:
    desk = TokenDesk()
    signing.take(desk.ready(ENTERPRISE.fingerprint))
    signing.take(desk.reject(ENTERPRISE.fingerprint))

    assert signing.sees(signing.dialog.body.questions.pin.field)
    assert signing.sees(signing.dialog.body.questions.pin._wrong)


def test_the_last_try_shows_its_note_and_the_tick_the_pin(signing: SmallWindow) -> None:
    signing.take(TokenDesk(tries=1).ready(ENTERPRISE.fingerprint))
    assert signing.sees(signing.dialog.body.note)

    signing.dialog.body.questions.tick.setChecked(True)
    signing.pump()
    assert signing.sees(signing.dialog.body.questions.pin.field)


def test_a_locked_or_missing_token_is_shown(signing: SmallWindow) -> None:
    for order in (
        TokenDesk(tries=0).ready(ENTERPRISE.fingerprint),
        TokenMissing(ENTERPRISE.fingerprint),
    ):
        signing.take(order)
        picture = signing.dialog.body.picture
        assert picture is not None
        assert picture.visibleRegion().boundingRect().height() > picture.height() / 2


def test_a_window_that_grows_over_the_edge_moves_up(application: QApplication) -> None:
    available = application.primaryScreen().availableGeometry()
    window = SmallWindow(application, Operation.LOGIN, available.size())
    dialog = window.dialog
    dialog.move(available.left(), available.bottom() - dialog.frameGeometry().height())
    window.pump()
    before = dialog.height()
    window.take(TokenDesk(tries=1).ready(ENTERPRISE.fingerprint))

    assert dialog.height() > before
    assert dialog.frameGeometry().bottom() <= available.bottom()
    assert dialog.y() >= available.top()

    # Where the person put it afterwards, it stays: nothing grows any more.
    dialog.move(available.left(), available.bottom() - 100)
    window.take(TokenDesk(tries=1).ready(ENTERPRISE.fingerprint))
    assert dialog.y() == available.bottom() - 100
    dialog.hide()
    dialog.deleteLater()
