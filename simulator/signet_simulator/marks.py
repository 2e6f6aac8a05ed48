"""Audit marks: chained as the agent's, so that a page can keep them, and marked as simulated."""

import json
from hashlib import sha256

from signet_protocol.messages import AuditMark

_BEGINNING = b"signet-simulator: no person agreed to anything in this log"


class SimulatedMark(AuditMark, frozen=True):
    """A mark that no log stands behind; replies may grow, so it says so itself."""

    simulated: bool = True


class MarkChain:
    """The records of one run; only the last digest is kept."""

    def __init__(self) -> None:
        """Begin a chain; two runs begin alike."""
        self._seq = 0
        self._head = sha256(_BEGINNING).digest()

    def append(self, **facts: str) -> None:
        """Add a record: the digest is of the one before and of the record's JSON."""
        record = json.dumps({"simulated": True, **facts}, sort_keys=True, ensure_ascii=False)
        self._seq += 1
        self._head = sha256(self._head + record.encode("utf-8")).digest()

    def mark(self) -> AuditMark:
        """Return where the chain stands."""
        return SimulatedMark(self._seq, self._head.hex())
