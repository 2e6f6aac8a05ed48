"""A place where a browser keeps the roots it believes, and what can go wrong with it."""

from enum import StrEnum
from typing import Protocol

from signet_agent.errors import AgentError

ROOT_NAME_PREFIX = "Signet localhost "
"""Every root of ours is named so, followed by sixteen digits of its own; nobody else's is."""


class StoreFault(StrEnum):
    """Why a store cannot be read or changed."""

    TOOL_MISSING = "tool_missing"
    """NSS's certutil is not installed."""
    LOCKED = "locked"
    """Firefox's primary password protects the store."""
    DAMAGED = "damaged"
    """The store's files cannot be read or written, or hold something else."""
    SLOW = "slow"
    """Another program held the store for too long."""
    FOREIGN = "foreign"
    """The store belongs to another person; the command was run with sudo."""


class StoreError(AgentError):
    """A store did not do what it was asked; the person or IT can cure the named fault."""

    def __init__(self, fault: StoreFault, detail: str = "") -> None:
        """Keep the fault; ``detail`` is the tool's own sentence for the log."""
        super().__init__(detail)
        self.fault = fault


class TrustStore(Protocol):
    """One store of one person; the members are interchangeable.

    ``browser`` is the browser's name, ``place`` the folder. Every method raises ``StoreError``.
    """

    @property
    def browser(self) -> str:
        """Return the browser that reads this store."""
        ...

    @property
    def place(self) -> str:
        """Return where it is, for the person to find."""
        ...

    def present(self) -> bool:
        """Whether the store exists yet; installing makes it."""
        ...

    def install(self, name: str, root_der: bytes) -> None:
        """Trust this root for servers, under this name; nothing is left behind on a fault."""
        ...

    def remove(self, name: str) -> None:
        """Take out the root of this name."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of all roots of ours in the store, trusted or not."""
        ...

    def trusts(self, name: str, root_der: bytes) -> bool:
        """Whether exactly this root is in the store and trusted for servers."""
        ...
