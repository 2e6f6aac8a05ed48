"""Sites that were turned away: counted, told in the log once a minute, never to the person aloud.

Pages must not be able to ring a bell or to fill the log, so the numbers are bounded.
"""

import asyncio
import time
from collections.abc import Callable

from signet_agent.channel.desktop_messages import RefusedSite
from signet_agent.daemon.audit import AuditLog, Entry
from signet_agent.errors import AuditUnavailableError
from signet_agent.model import Origin

MAX_ORIGINS = 64
"""Origins kept by name; what comes beyond is counted together."""

FLUSH_S = 60.0
"""Between two records."""

OTHERS = "others"
"""Stands for origins beyond the bound, and for texts that are no https origin."""


class Refusals:
    """Counts refused origins and tells the log."""

    def __init__(self, log: AuditLog, clock: Callable[[], float] = time.time) -> None:
        """Take the log and a clock in epoch seconds."""
        self._log = log
        self._clock = clock
        self._sites: dict[str, RefusedSite] = {}
        self._pending: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def note(self, origin: str) -> None:
        """Count one refusal."""
        name = self._name(origin)
        known = self._sites.get(name)
        count = 1 if known is None else known.count + 1
        self._sites[name] = RefusedSite(name, count, int(self._clock()))
        self._pending[name] = self._pending.get(name, 0) + 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self._flush_soon)

    def sites(self) -> tuple[RefusedSite, ...]:
        """Return the refused sites, the latest first."""
        return tuple(sorted(self._sites.values(), key=lambda site: -site.last_at))

    async def flush(self) -> None:
        """Write what is pending; an unwritable log keeps it pending."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._pending:
            return
        pending, self._pending = self._pending, {}
        try:
            await self._log.write(Entry("refused", refused=pending))
        except AuditUnavailableError:
            for name, count in pending.items():
                self._pending[name] = self._pending.get(name, 0) + count

    def _flush_soon(self) -> None:
        self._timer = None
        self._writing = asyncio.ensure_future(self.flush())

    def _name(self, origin: str) -> str:
        """Return what is kept: an exact https origin, while there is room."""
        if origin in self._sites:
            return origin
        try:
            Origin.parse(origin)
        except ValueError:
            return OTHERS
        return origin if len(self._sites) < MAX_ORIGINS else OTHERS
