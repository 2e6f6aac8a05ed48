"""All key stores of this machine as one: who holds which token, and who is asked to sign."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from signet_agent.channel.token_messages import PinKey, Sign, Unwrap
from signet_agent.errors import AgentError, TokenError
from signet_agent.model import PinState, Token
from signet_protocol.errors import ErrorCode

SLOW_STORE_WAIT_S = 1.0
"""How long a call waits for a store that hung at its last look; enough for a fresh room to list."""

_log = logging.getLogger(__name__)


class PinNotTakenError(Exception):
    """The token did not take the PIN, or wants a second question first; the person may go on.

    Attributes:
        pin: how the PIN stands now.
    """

    def __init__(self, pin: PinState) -> None:
        """Keep the state."""
        super().__init__()
        self.pin = pin


class KeyStore(Protocol):
    """One module's tokens. ``name`` is the second part of its tokens' URIs."""

    name: str

    async def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are plugged in now.

        Raises:
            TokenError: the store cannot tell.
        """
        ...

    async def open_pin(self, consent: bytes, token: str) -> PinKey:
        """Return a one-time key for one PIN try.

        Raises:
            TokenError: the token is gone (``token.removed``) or broken.
        """
        ...

    async def sign(self, order: Sign) -> tuple[bytes, ...]:
        """Return the raw signatures of the digests.

        Raises:
            PinNotTakenError: the PIN was not taken; nothing was signed.
            TokenError: the token is gone, locked, too slow or broken.
        """
        ...

    async def unwrap(self, order: Unwrap) -> bytes:
        """Return an envelope's content key, or a random one that opens nothing.

        Raises:
            PinNotTakenError, TokenError: as for ``sign``.
        """
        ...


class Keyring:
    """The stores policy names."""

    def __init__(self, stores: Sequence[KeyStore]) -> None:
        """Take the stores; nothing is loaded before the first question."""
        self._stores = {store.name: store for store in stores}
        self._seen: dict[str, tuple[Token, ...]] = {}
        self._slow: set[str] = set()
        self._looks: dict[str, asyncio.Task[bool]] = {}
        self.has_looked = False

    @property
    def last_seen(self) -> tuple[Token, ...]:
        """Return the tokens as they were seen last, in the order of the stores."""
        return tuple(token for name in self._stores for token in self._seen.get(name, ()))

    async def tokens(self) -> tuple[Token, ...]:
        """Return all present tokens; a store that fails has none, and the others go on.

        A store that hangs costs its deadline once: as long as it has not answered since, the look
        at it goes on by itself, and its tokens are there when it is done.
        """
        await asyncio.gather(*(self._look_in_time(store) for store in self._stores.values()))
        self.has_looked = True
        return self.last_seen

    async def look_at(self, store: KeyStore) -> bool:
        """See what one store holds; whether it could tell."""
        try:
            self._seen[store.name] = await store.tokens()
        except AgentError as error:
            _log.warning("tokens of %s: %s", store.name, error.detail)
            self._seen[store.name] = ()
            if error.code is ErrorCode.TOKEN_TIMEOUT:
                self._slow.add(store.name)
            return False
        self._slow.discard(store.name)
        self.has_looked = True
        return True

    async def end(self) -> None:
        """Leave the looks that still go on."""
        looks = list(self._looks.values())
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def open_pin(self, consent: bytes, token: str) -> PinKey:
        """Return a one-time key for one PIN try on a token.

        Raises:
            TokenError: see ``KeyStore.open_pin``.
        """
        return await self._store(token).open_pin(consent, token)

    async def sign(self, order: Sign) -> tuple[bytes, ...]:
        """Return the raw signatures of the digests.

        Raises:
            PinNotTakenError, TokenError: see ``KeyStore.sign``.
        """
        return await self._store(order.key).sign(order)

    async def unwrap(self, order: Unwrap) -> bytes:
        """Return an envelope's content key, or a random one that opens nothing.

        Raises:
            PinNotTakenError, TokenError: see ``KeyStore.unwrap``.
        """
        return await self._store(order.key).unwrap(order)

    async def _look_in_time(self, store: KeyStore) -> None:
        if store.name not in self._slow:
            await self.look_at(store)
            return
        look = self._looks.get(store.name)
        if look is None:
            look = asyncio.ensure_future(self.look_at(store))
            look.add_done_callback(lambda _: self._looks.pop(store.name))
            self._looks[store.name] = look
        await asyncio.wait([look], timeout=SLOW_STORE_WAIT_S)

    def _store(self, uri: str) -> KeyStore:
        name = uri.partition(":")[2].partition("/")[0]
        store = self._stores.get(name)
        if store is None:
            raise TokenError("no such store", ErrorCode.TOKEN_ABSENT)
        return store
