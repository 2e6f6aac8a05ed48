"""A site that keeps asking is left unheard for a while: no person shall be worn down.

What counts is a window that ended without the person's yes, whoever ended it: a page that opens and
cancels windows is as tiresome as one that asks again after each no. A yes clears the count.
"""

from collections import deque
from collections.abc import Callable

from signet_agent.errors import PageError
from signet_agent.model import Origin
from signet_protocol.errors import ErrorCode

MAX_WINDOWS_WITHOUT_A_YES = 3
"""Twice may be a mistake: the wrong card, the wrong button. The third time is an answer."""

WITHIN_S = 300.0
"""Windows further apart than this are not one campaign."""

REST_S = 300.0
"""Long enough to be useless to whoever hopes for a tired click, short enough to wait for."""


class Patience:
    """Remembers, for each site, its windows that ended without a yes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a monotonic clock; a new agent remembers nothing."""
        self._clock = clock
        self._without_yes: dict[Origin, deque[float]] = {}

    def require(self, origin: Origin) -> None:
        """Refuse a site that has to rest; no window opens for it.

        Raises:
            PageError: it does (``page.asked_too_often``).
        """
        ends = self._without_yes.get(origin, deque())
        if len(ends) == MAX_WINDOWS_WITHOUT_A_YES and self._clock() - ends[-1] < REST_S:
            raise PageError("without a yes, again and again", ErrorCode.PAGE_ASKED_TOO_OFTEN)

    def note(self, origin: Origin, *, agreed: bool) -> None:
        """Remember how a window of this site ended."""
        if agreed:
            self._without_yes.pop(origin, None)
            return
        now = self._clock()
        ends = self._without_yes.setdefault(origin, deque(maxlen=MAX_WINDOWS_WITHOUT_A_YES))
        while ends and now - ends[0] >= WITHIN_S:
            ends.popleft()
        ends.append(now)
