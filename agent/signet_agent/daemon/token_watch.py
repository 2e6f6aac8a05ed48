"""Looks again whenever a store says that something came or went, so that the tray knows it.

Only stores that tell are attended to: nothing is polled, and where policy names no such store,
nothing happens at all.
"""

import asyncio
from collections.abc import Callable, Iterable

from signet_agent.daemon.keyring import Keyring, KeyStore
from signet_agent.daemon.token_room import TokenRoom

SETTLE_S = 0.05
"""A card that goes in makes several changes at once; they are one look."""

RETRY_S = 5.0
"""After a look that failed: the room ended, and is started again by the next look."""


class TokenWatch:
    """Attends to the stores of a keyring from ``start`` to ``end``."""

    def __init__(
        self, keys: Keyring, stores: Iterable[KeyStore], changed: Callable[[], None]
    ) -> None:
        """Take what is looked at, and whom to tell when it is no longer as it was."""
        self._keys = keys
        self._stores = [s for s in stores if isinstance(s, TokenRoom) and s.tells]
        self._changed = changed
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Look at each store that tells, and wait for its word from then on."""
        self._tasks = [asyncio.ensure_future(self._attend(store)) for store in self._stores]

    async def end(self) -> None:
        """Stop waiting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _attend(self, store: TokenRoom) -> None:
        while True:
            before = self._keys.last_seen
            if await self._keys.look_at(store):
                if self._keys.last_seen != before:
                    self._changed()
            else:
                await asyncio.sleep(RETRY_S)
                continue
            await store.next_change()
            await asyncio.sleep(SETTLE_S)
