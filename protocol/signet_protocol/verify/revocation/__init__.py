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

__all__ = [
    "Evidence",
    "FetchError",
    "FetchRefusedError",
    "Fetcher",
    "Method",
    "RevocationSource",
    "Unavailable",
]
