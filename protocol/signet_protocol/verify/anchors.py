"""The authorities a department trusts."""

from collections.abc import Iterable
from typing import Self

from cryptography import x509

from signet_protocol.verify.certificates import UNREADABLE, is_authority

_UNREADABLE_ANCHOR = "a certificate among the anchors cannot be read"


class TrustAnchorError(ValueError):
    """The department's own list of authorities cannot be used; a fault of its configuration."""


class TrustAnchors:
    """Roots that a department trusts, and intermediate authorities to build chains from.

    Immutable and safe to share between threads; a server makes one when it starts.

    Attributes:
        roots: where every chain has to end.
        intermediates: authorities between; no chain ends at one.
    """

    def __init__(
        self, roots: Iterable[x509.Certificate], intermediates: Iterable[x509.Certificate] = ()
    ) -> None:
        """Take the roots as trusted.

        Raises:
            TrustAnchorError: there is no root, or one that is no authority's.
        """
        self.roots = tuple(roots)
        self.intermediates = tuple(intermediates)
        if not self.roots:
            raise TrustAnchorError("there is no root certificate")
        _require_authorities(self.roots + self.intermediates)

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read a PEM file's octets: self-issued certificates are roots, the rest intermediates.

        Raises:
            TrustAnchorError: the file has no root, or something that is no authority's certificate.
        """
        try:
            certificates = x509.load_pem_x509_certificates(pem)
            roots = [one for one in certificates if one.issuer == one.subject]
        except UNREADABLE as error:
            raise TrustAnchorError(_UNREADABLE_ANCHOR) from error
        return cls(roots, [one for one in certificates if one not in roots])


def _require_authorities(certificates: tuple[x509.Certificate, ...]) -> None:
    try:
        suitable = all(is_authority(certificate) for certificate in certificates)
    except UNREADABLE as error:
        raise TrustAnchorError(_UNREADABLE_ANCHOR) from error
    if not suitable:
        raise TrustAnchorError("a certificate among the anchors is not a certification authority's")
