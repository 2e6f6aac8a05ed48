"""The head of a consent window: who asks. All of it comes from policy and the browser's origin."""

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from signet_agent.desktop.look import Look
from signet_agent.desktop.origin_parts import split_origin
from signet_agent.desktop.widgets.icons import Icon, Tile
from signet_agent.desktop.widgets.labels import Item, box, column, label, restyle, row
from signet_agent.desktop.widgets.origin_label import OriginLabel, origin_width
from signet_agent.model import ConsentRecord, Operation

_MARGIN = 24
_TILE = 44
_GAP = 16
_SHIELD = 16
_SMALL_GAP = 7


class Who:
    """The head: mark, heading sentence, exact origin.

    Attributes:
        frame: the head itself.
        heading: the sentence; a login window gives it the first focus.
        sentence: the heading's text.
    """

    def __init__(self, look: Look, record: ConsentRecord, width: int) -> None:
        """Build the head for a window of this width."""
        self._common = "sign" if record.operation.signs else "login"
        self.sentence = heading_sentence(look, record)
        self.heading = label(self.sentence, "title", wrap=True)
        self.heading.setMinimumHeight(30)
        self._tile = Tile(look, record.mark, weight=self._tile_weight)
        self._room = width - 2 * _MARGIN - _TILE - _GAP - _SHIELD - _SMALL_GAP
        self._shield = Icon(look, "shield", "malachite", _SHIELD)
        names = column(self.heading)
        self._add_origin(look, record, names)
        content = row(self._tile, names, spacing=_GAP, margins=(_MARGIN, 20, _MARGIN, 20))
        content.setStretch(1, 1)
        self.frame: QFrame = box("who", content)
        self.frame.setProperty("weight", self._common)

    @property
    def _tile_weight(self) -> str:
        return "fill" if self._common == "sign" else "tint"

    def weigh(self, *, grave: bool) -> None:
        """Show the act as grave (the last try, a locked token) or as what it is by itself."""
        self._tile.weigh("grave" if grave else self._tile_weight)
        self._origin.weigh(grave=grave)
        self._shield.show_as("shield", "grave_seen" if grave else "malachite")
        weight = "grave" if grave else self._common
        restyle(self.frame, "weight", weight, *self.frame.findChildren(QLabel))

    def _add_origin(self, look: Look, record: ConsentRecord, names: QVBoxLayout) -> None:
        registered = label(look.texts("site.registered"), "registered")
        beside = registered.sizeHint().width() + 12
        fits = origin_width(record.origin) + beside <= self._room
        self._origin = OriginLabel(look, record.origin, self._room)
        items: list[Item] = [self._shield, self._origin]
        if fits:
            items += [5, registered]
        names.addLayout(row(*items, None, spacing=_SMALL_GAP))
        below = [] if fits else [registered]
        if split_origin(record.origin).encoded:
            below.append(label(look.texts("site.encoded"), "encoded", wrap=True))
        if record.program:
            program = look.texts("site.program", program=record.program)
            below.append(label(program, "quiet", wrap=True))
        for line in below:
            names.addLayout(row(_SHIELD + _SMALL_GAP, line))


def heading_sentence(look: Look, record: ConsentRecord) -> str:
    """Return the one sentence of a window: department, verb, count."""
    if record.operation is Operation.LOGIN:
        return look.texts("login.title", dept=record.site)
    if record.operation is Operation.CHOOSE:
        return look.texts("choose.title", dept=record.site)
    if record.operation is Operation.SIGN_BATCH:
        count = str(len(record.items))
        return look.texts("sign_batch.title", dept=record.site, n=count)
    if record.operation is Operation.DECRYPT:
        return look.texts("decrypt.title", dept=record.site)
    kind = record.kind or look.texts("sign.kind")
    return look.texts("sign.form", dept=record.site, kind=kind)
