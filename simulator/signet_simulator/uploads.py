"""Uploaded documents: each piece is hashed and forgotten; nothing is stored."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING

from signet_protocol.errors import ErrorCode
from signet_protocol.messages import ACKNOWLEDGE_EVERY_BYTES, UPLOAD_ID_BYTES, Piece, Upload
from signet_simulator.errors import CallEndedError

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_UPLOADS_OF_A_SITE = 4
"""The contract's."""

KEPT_WITHOUT_CONNECTION_S = 120.0
"""The contract's: long enough for a page to connect again."""

KEPT_WITHOUT_USE_S = 3600.0
"""The contract's."""


@dataclass
class Arriving:
    """One upload: how far it is, the digest so far, and whose connection sends it."""

    id: str
    origin: str
    size: int
    owner: object
    used_at: float
    left_at: float | None = None
    received: int = 0
    digest: "_Hash" = field(default_factory=sha256)


class Uploads:
    """The uploads of every site."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        make_id: Callable[[], str] = lambda: token_hex(UPLOAD_ID_BYTES),
    ) -> None:
        """Start empty."""
        self._clock = clock
        self._make_id = make_id
        self._all: dict[str, Arriving] = {}

    def begin(self, origin: str, owner: object, call: Upload) -> Arriving:
        """Announce an upload, or go on with one that this site began.

        Raises:
            CallEndedError: it is not known, has another size, or the site has four already.
        """
        self._forget_old()
        if call.resume is not None:
            arriving = self.of(origin, call.resume)
            if arriving.size != call.size:
                raise CallEndedError(ErrorCode.PAGE_UPLOAD_UNKNOWN)
            arriving.owner, arriving.left_at = owner, None
            return arriving
        if sum(each.origin == origin for each in self._all.values()) >= MAX_UPLOADS_OF_A_SITE:
            raise CallEndedError(ErrorCode.AGENT_STORAGE_FULL)
        arriving = Arriving(self._make_id(), origin, call.size, owner, self._clock())
        self._all[arriving.id] = arriving
        return arriving

    def receive(self, owner: object, piece: Piece) -> Arriving | None:
        """Take a piece; ``None`` unless it is the next one of an upload of this connection."""
        arriving = self._all.get(piece.upload)
        if arriving is None or arriving.owner is not owner:
            return None
        end = piece.offset + len(piece.octets)
        if piece.offset != arriving.received or end > arriving.size:
            return None
        arriving.digest.update(piece.octets)
        arriving.received = end
        arriving.used_at = self._clock()
        return arriving

    def of(self, origin: str, upload: str) -> Arriving:
        """Return a site's upload.

        Raises:
            CallEndedError: the site has none with this id.
        """
        self._forget_old()
        arriving = self._all.get(upload)
        if arriving is None or arriving.origin != origin:
            raise CallEndedError(ErrorCode.PAGE_UPLOAD_UNKNOWN)
        return arriving

    def complete(self, origin: str, upload: str) -> Arriving:
        """Return a site's upload that has arrived whole.

        Raises:
            CallEndedError: it is not known, or octets are missing.
        """
        arriving = self.of(origin, upload)
        if arriving.received < arriving.size:
            raise CallEndedError(ErrorCode.PAGE_UPLOAD_INCOMPLETE)
        arriving.used_at = self._clock()
        return arriving

    def use_up(self, arriving: Arriving) -> None:
        """Forget an upload that was signed."""
        self._all.pop(arriving.id, None)

    def leave(self, owner: object) -> None:
        """A connection ended: its uploads wait for another one."""
        for arriving in self._all.values():
            if arriving.owner is owner:
                arriving.owner, arriving.left_at = None, self._clock()

    def _forget_old(self) -> None:
        now = self._clock()
        for each in list(self._all.values()):
            alone = each.left_at is not None and now - each.left_at > KEPT_WITHOUT_CONNECTION_S
            if alone or now - each.used_at > KEPT_WITHOUT_USE_S:
                del self._all[each.id]


def is_acknowledged(before: int, arriving: Arriving) -> bool:
    """Whether the page is told now: every 256 KiB and with the last octet."""
    crossed = before // ACKNOWLEDGE_EVERY_BYTES < arriving.received // ACKNOWLEDGE_EVERY_BYTES
    return crossed or arriving.received == arriving.size
