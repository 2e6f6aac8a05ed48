"""Revocation information that the server was given: files that IT distributes, or a signature's."""

from collections.abc import Iterable, Iterator

from cryptography import x509

from signet_protocol.verify.reports import RevocationSourceKind
from signet_protocol.verify.revocation.base import Evidence, Method, Unavailable


class GivenRevocation:
    """OCSP responses and CRLs as octets; responses are looked at first, in the order given.

    Args:
        crls: lists, in DER.
        ocsp: responses, in DER.
        source: what reports say of their origin.
    """

    def __init__(
        self,
        *,
        crls: Iterable[bytes] = (),
        ocsp: Iterable[bytes] = (),
        source: RevocationSourceKind = RevocationSourceKind.GIVEN,
    ) -> None:
        self._evidence = (
            *(Evidence(Method.OCSP, der, source) for der in ocsp),
            *(Evidence(Method.CRL, der, source) for der in crls),
        )

    def find(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[Evidence | Unavailable]:
        """Yield everything; which of it concerns the certificate is judged, not guessed."""
        del certificate, issuer
        yield from self._evidence
