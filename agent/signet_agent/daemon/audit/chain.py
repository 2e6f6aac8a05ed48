"""The chain: each record's head is the digest over the head before it, its number and its body."""

from hashlib import sha256

from msgspec import Struct

GENESIS = sha256(b"signet audit 1").digest()
"""The head before the first record."""


class Record(Struct, frozen=True):
    """One record as stored: number from 1, JSON body, head (32 octets)."""

    seq: int
    body: str
    head: bytes


def next_record(previous: Record | None, body: str) -> Record:
    """Return the record that follows ``previous`` (``None`` for the first)."""
    seq = 1 if previous is None else previous.seq + 1
    return Record(
        seq, body, chained_head(GENESIS if previous is None else previous.head, seq, body)
    )


def chained_head(previous_head: bytes, seq: int, body: str) -> bytes:
    """Return SHA-256(previous head || number in 8 octets, big-endian || body in UTF-8)."""
    return sha256(previous_head + seq.to_bytes(8, "big") + body.encode("utf-8")).digest()
