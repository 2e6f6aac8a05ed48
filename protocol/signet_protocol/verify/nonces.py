"""Nonces of logins: issued to one session, used once, for five minutes.

Without them a login token that was seen once could be shown again. A department with several
processes keeps them where its sessions are, behind the same two methods.
"""

import time
from base64 import b64encode
from collections.abc import Callable
from secrets import token_bytes
from threading import Lock
from typing import NamedTuple, Protocol

from signet_protocol.verify.reasons import Reason, VerificationError

NONCE_OCTETS = 32
"""256 bits, the least that Web eID's rule allows; in base64 44 characters."""

NONCE_SECONDS = 5 * 60
"""A person finds her card and types a PIN in this time; Web eID's validators use the same."""

MAX_OPEN_NONCES = 10_000
"""A server with more logins under way than this is being flooded; the oldest nonces go."""


class NonceLedger(Protocol):
    """Where a department remembers the nonces it gave out.

    ``session`` is any key that the server alone connects with a browser, such as the identifier
    of its session. A nonce counts in that session only.
    """

    def issue(self, session: str) -> str:
        """Return a new nonce for a session: 32 random octets in base64."""
        ...

    def redeem(self, nonce: str, session: str) -> None:
        """Use a nonce up.

        Raises:
            VerificationError: ``NONCE_UNKNOWN``: it was not issued to this session, was used
                before or is older than five minutes.
        """
        ...


class _Issued(NamedTuple):
    session: str
    at: float


class MemoryNonces:
    """The ledger of a server that is one process; safe to share between its threads.

    Args:
        clock: seconds that only ever grow; the times in it are compared, never shown.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._issued: dict[str, _Issued] = {}

    def issue(self, session: str) -> str:
        """Return a new nonce for a session."""
        nonce = new_nonce()
        with self._lock:
            # A dictionary keeps the order of insertion: the first is the oldest.
            while len(self._issued) >= MAX_OPEN_NONCES:
                del self._issued[next(iter(self._issued))]
            self._issued[nonce] = _Issued(session, self._clock())
        return nonce

    def redeem(self, nonce: str, session: str) -> None:
        """Use a nonce up; whatever the outcome, it cannot be shown again.

        Raises:
            VerificationError: unknown, another session's, used or too old.
        """
        with self._lock:
            issued = self._issued.pop(nonce, None)
        if issued is None or issued.session != session:
            raise VerificationError(Reason.NONCE_UNKNOWN)
        if self._clock() - issued.at > NONCE_SECONDS:
            raise VerificationError(Reason.NONCE_UNKNOWN, "the nonce is older than five minutes")


def new_nonce() -> str:
    """Return a nonce as every ledger should make it."""
    return b64encode(token_bytes(NONCE_OCTETS)).decode("ascii")
