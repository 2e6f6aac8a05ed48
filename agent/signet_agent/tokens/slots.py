"""Which tokens sit in which slots of a PKCS#11 module, and when to doubt what the module says."""

import time
from collections.abc import Container
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import quote

import pkcs11
from pkcs11 import PKCS11Error

from signet_agent.channel.token_messages import TokenFault
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.cryptoki import CKF_TOKEN_INITIALIZED, Cryptoki, CryptokiError, TokenInfo

MAX_SLOTS = 64
"""More readers than a person has; a module that tells of more is broken."""

REOPEN_SECONDS = 2.0
"""Between two initialisations of a module; one that always fails must not keep a core busy."""

_opened_paths: set[str] = set()
"""A library is loaded once per process: one that was opened before is initialised again."""


class Present(NamedTuple):
    """A token, and the slot it was seen in."""

    slot: pkcs11.Slot
    info: TokenInfo

    def is_where(self, other: "Present") -> bool:
        """Whether the same token was seen in the same slot; its flags may have changed."""
        here, there = self.info, other.info
        return (self.slot.slot_id, here.label, here.serial) == (
            other.slot.slot_id,
            there.label,
            there.serial,
        )


class Slots:
    """A loaded module and the tokens it was last seen with.

    Attributes:
        cryptoki: the module's functions.
        doubtful: something happened that makes what the module says of its slots doubtful.
    """

    def __init__(self, name: str, path: str, label: str = "") -> None:
        """Load and initialise the module; ``name`` is the one its tokens' URIs carry.

        Tokens whose labels do not hold ``label`` are left alone.

        Raises:
            PKCS11Error, CryptokiError, OSError, AttributeError, ValueError: it cannot be loaded,
                is no module, or fails at once.
        """
        self.doubtful = False
        self._name = name
        self._label = label
        self._opened = time.monotonic()
        self._present: dict[str, Present] = {}
        self._library = pkcs11.lib(path)
        if path in _opened_paths:
            self.reopen()
        self.cryptoki = Cryptoki(path)
        _opened_paths.add(path)

    @property
    def may_reopen(self) -> bool:
        """Whether the last initialisation is long enough ago."""
        return time.monotonic() - self._opened >= REOPEN_SECONDS

    def reopen(self) -> None:
        """Initialise the module again; whatever it held is gone, a login too.

        Raises:
            PKCS11Error: the module fails.
        """
        self._opened = time.monotonic()
        self.doubtful = False
        self._present = {}
        if self._library.initialized:
            with suppress(PKCS11Error):
                self._library.finalize()
        self._library.initialize()

    def look(self) -> dict[str, Present]:
        """Return the initialised tokens in all slots by URI.

        Raises:
            PKCS11Error, CryptokiError: the module fails.
            TokenRefusalError: it tells of more slots than there can be.
        """
        if self.cryptoki.slot_count() > MAX_SLOTS:
            raise TokenRefusalError(TokenFault.MODULE, "more slots than a machine has")
        found: dict[str, Present] = {}
        for slot in self._library.get_slots(token_present=True):
            try:
                info = self.cryptoki.token_info(slot.slot_id)
            except CryptokiError:
                self.doubtful = True
                continue
            if info.flags & CKF_TOKEN_INITIALIZED and self._label in info.label:
                found[token_uri(self._name, info, found)] = Present(slot, info)
        self._present = found
        return found

    def locate(self, uri: str) -> Present:
        """Return where a token is now; another one may sit in the slot it was seen in.

        Raises:
            TokenRefusalError: it is in no slot.
        """
        known = self._present.get(uri)
        if known is not None:
            with suppress(CryptokiError):
                now = Present(known.slot, self.cryptoki.token_info(known.slot.slot_id))
                if now.is_where(known):
                    return now
        self.doubtful = True
        with suppress(CryptokiError, PKCS11Error):
            elsewhere = self.look().get(uri)
            if elsewhere is not None:
                return elsewhere
        raise TokenRefusalError(TokenFault.REMOVED)


def token_uri(module: str, info: TokenInfo, taken: Container[str]) -> str:
    """Name a token; a card that shows as two slots gets two names with the same ending."""
    name = quote(info.serial or info.label or "0", safe="")
    prefixes = ("", *(f"{number}." for number in range(2, MAX_SLOTS + 1)))
    uris = (f"pkcs11:{module}/{prefix}{name}" for prefix in prefixes)
    return next(uri for uri in uris if uri not in taken)
