"""Whether a certificate was revoked: sources that find evidence, and who judges it."""

from signet_protocol.verify.revocation.base import (
    Evidence,
    Fetcher,
    FetchError,
    FetchRefusedError,
    Method,
    RevocationSource,
    Unavailable,
)
from signet_protocol.verify.revocation.given import GivenRevocation

__all__ = [
    "Evidence",
    "FetchError",
    "FetchRefusedError",
    "Fetcher",
    "GivenRevocation",
    "Method",
    "RevocationSource",
    "Unavailable",
]
