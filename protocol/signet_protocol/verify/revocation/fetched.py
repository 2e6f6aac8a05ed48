"""Revocation information from the addresses that a certificate names (RFC 5280, 4.2.2.1, 4.2.1.13).

The addresses are the sender's words; the fetcher alone decides whether one is asked.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from secrets import token_bytes
from threading import Lock

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from signet_protocol.verify.certificates import UNREADABLE, find_extension, fingerprint
from signet_protocol.verify.reports import RevocationSourceKind
from signet_protocol.verify.revocation.base import (
    Evidence,
    Fetcher,
    FetchError,
    Method,
    Unavailable,
)
from signet_protocol.verify.revocation.ocsp import write_request

MAX_ADDRESSES = 2
"""Addresses asked of each kind; a certificate that names more only costs the server time."""

CACHE_SECONDS = 10 * 60
"""How long an answer serves for the next verification. Whether it is fresh is judged each time."""

OUTAGE_SECONDS = 30
"""How long an address that did not answer is not asked again, so that a dead responder costs its
time-out once and not for each login."""

MAX_CACHED = 1_000
"""Answers kept; the oldest goes first."""

MAX_CACHED_BYTES = 64 * 1024 * 1024
"""Octets kept, some large lists and many small responses."""

NONCE_OCTETS = 32
"""RFC 9654, 2.1: what a client should send."""

OCSP_REQUEST = "application/ocsp-request"


class _Cache:
    """Answers and outages by key, bounded by age, number and size; safe between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, Evidence | Unavailable]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> Evidence | Unavailable | None:
        """Return what was kept, as long as it serves."""
        with self._lock:
            until, found = self._kept.get(key, (0.0, None))
            return found if self._clock() < until else None

    def keep(self, key: str, answer: Evidence | Unavailable) -> None:
        """Remember an answer or an outage."""
        seconds = CACHE_SECONDS if isinstance(answer, Evidence) else OUTAGE_SECONDS
        with self._lock:
            self._forget(key)
            self._kept[key] = (self._clock() + seconds, answer)
            self._bytes += _size(answer)
            while len(self._kept) > MAX_CACHED or self._bytes > MAX_CACHED_BYTES:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        _, old = self._kept.pop(key, (0.0, None))
        self._bytes -= _size(old)


def _size(kept: Evidence | Unavailable | None) -> int:
    return len(kept.der) if isinstance(kept, Evidence) else 0


class FetchedRevocation:
    """Asks the OCSP responder that a certificate names, and then for its CRL.

    Args:
        fetcher: how the network is reached, and who may be asked.
        clock: seconds that only ever grow.
    """

    def __init__(self, fetcher: Fetcher, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetcher = fetcher
        self._cache = _Cache(clock)

    def find(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[Evidence | Unavailable]:
        """Yield what is kept, then what is fetched; each address is asked only when it is due."""
        for url in _responders(certificate)[:MAX_ADDRESSES]:
            yield from self._ask(url, certificate, issuer)
        for url in _lists(certificate)[:MAX_ADDRESSES]:
            yield from self._load(url)

    def _ask(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[Evidence | Unavailable]:
        """Yield the answer; one from the cache is held to the nonce it was asked with."""
        nonce = token_bytes(NONCE_OCTETS)
        key = f"{url} {fingerprint(issuer)} {certificate.serial_number}"

        def fetch() -> bytes:
            request = write_request(certificate, issuer, nonce)
            return self._fetcher.post(url, request, OCSP_REQUEST)

        yield from self._through_cache(Method.OCSP, key, fetch, nonce)

    def _load(self, url: str) -> Iterator[Evidence | Unavailable]:
        return self._through_cache(Method.CRL, url, lambda: self._fetcher.get(url))

    def _through_cache(
        self, method: Method, key: str, fetch: Callable[[], bytes], nonce: bytes = b""
    ) -> Iterator[Evidence | Unavailable]:
        """Yield what is kept and, when that is not believed, what is fetched anew."""
        kept = self._cache.get(key)
        if kept is not None:
            yield kept
        if isinstance(kept, Unavailable):
            return
        try:
            fetched = fetch()
        except UNREADABLE:
            yield Unavailable(method, "the request cannot be written for this certificate")
        except FetchError as error:
            outage = Unavailable(method, str(error))
            self._cache.keep(key, outage)
            yield outage
        else:
            answer = Evidence(method, fetched, RevocationSourceKind.FETCHED, nonce)
            self._cache.keep(key, replace(answer, source=RevocationSourceKind.CACHED))
            yield answer


def _responders(certificate: x509.Certificate) -> list[str]:
    access = find_extension(certificate, x509.AuthorityInformationAccess)
    return [
        one.access_location.value
        for one in access or ()
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]


def _lists(certificate: x509.Certificate) -> list[str]:
    points = find_extension(certificate, x509.CRLDistributionPoints)
    return [
        name.value
        for point in points or ()
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]
