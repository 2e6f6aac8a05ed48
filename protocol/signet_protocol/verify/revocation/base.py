"""What every source of revocation information offers, and how one reaches a network.

A source finds octets; it judges nothing. Whether an OCSP response or a CRL can be believed is
decided in one place, whoever brought it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cryptography import x509

from signet_protocol.verify.reports import RevocationSourceKind


class Method(StrEnum):
    """How revocation is told."""

    OCSP = "ocsp"
    """RFC 6960: a signed answer about one certificate."""

    CRL = "crl"
    """RFC 5280, section 5: a signed list of all that are revoked."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An OCSP response or a CRL that may tell of a certificate.

    Attributes:
        method: what the octets are.
        der: the octets, not judged yet.
        source: where they came from.
        nonce: the nonce that an OCSP request asked to be repeated; empty where none did.
    """

    method: Method
    der: bytes
    source: RevocationSourceKind
    nonce: bytes = b""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A source that should have answered and did not.

    Attributes:
        method: what was asked for.
        detail: one English sentence, without any of the certificate's own text.
    """

    method: Method
    detail: str


class RevocationSource(Protocol):
    """Where a verifier looks for revocation information."""

    def find(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[Evidence | Unavailable]:
        """Yield what may tell of a certificate, the best first.

        The verifier stops at the first that it believes, so a source that fetches does so only
        when it is asked for the next. Safe to call from several threads at once.
        """
        ...


class FetchError(Exception):
    """A host that was allowed did not answer as it should; the network's fault, or the host's."""


class FetchRefusedError(FetchError):
    """The address is not one that may be asked; nothing was sent."""


class Fetcher(Protocol):
    """How a source reaches a network. A department may hand in its own, behind its own proxy."""

    def get(self, url: str) -> bytes:
        """Return the body behind an address.

        Raises:
            FetchError: refused, not reached, too late, too large, or not an answer.
        """
        ...

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        """Send a body; return the body of the answer.

        Raises:
            FetchError: refused, not reached, too late, too large, or not an answer.
        """
        ...
