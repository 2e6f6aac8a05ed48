"""The authorities a department trusts, and the way from a certificate to one of them.

The way is found by the library's own path validation (RFC 5280, section 6), which also checks
validity, path length, name constraints, critical extensions and algorithms of every authority.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self

from cryptography import x509
from cryptography.x509 import verification

from signet_protocol.verify.certificates import UNREADABLE, is_authority
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_AUTHORITIES = 4
"""Authorities between a person and a root; the city's chain has one, bridges have two or three."""


_UNREADABLE_ANCHOR = "a certificate among the anchors cannot be read"


class TrustAnchorError(ValueError):
    """The department's own list of authorities cannot be used; a fault of its configuration."""


class TrustAnchors:
    """Roots that a department trusts, and intermediate authorities to build chains from.

    Immutable and safe to share between threads; a server makes one when it starts.
    """

    def __init__(
        self, roots: Iterable[x509.Certificate], intermediates: Iterable[x509.Certificate] = ()
    ) -> None:
        """Take the roots as trusted.

        Raises:
            TrustAnchorError: there is no root, or one that is no authority's.
        """
        self._roots = tuple(roots)
        self._intermediates = tuple(intermediates)
        if not self._roots:
            message = "there is no root certificate"
            raise TrustAnchorError(message)
        _require_authorities(self._roots + self._intermediates)
        self._policy = (
            verification.PolicyBuilder()
            .store(verification.Store(list(self._roots)))
            .max_chain_depth(MAX_AUTHORITIES)
            .extension_policies(
                ca_policy=_AUTHORITY_POLICY, ee_policy=verification.ExtensionPolicy.permit_all()
            )
        )

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

    def require_chain(
        self, certificate: x509.Certificate, at: datetime, others: Iterable[x509.Certificate] = ()
    ) -> None:
        """Refuse a certificate that no valid chain leads from.

        ``others`` came with the signature: they may help to build the chain, never end it.

        Raises:
            VerificationError: there is no chain to a root that is valid at this time.
        """
        moment = at.astimezone(UTC).replace(tzinfo=None)
        verifier = self._policy.time(moment).build_client_verifier()
        try:
            verifier.verify(certificate, [*self._intermediates, *others])
        except (verification.VerificationError, *UNREADABLE):
            # The library's sentence quotes names from the certificate: not for a log.
            raise VerificationError(Reason.CERTIFICATE_UNTRUSTED) from None


def _require_authorities(certificates: tuple[x509.Certificate, ...]) -> None:
    try:
        suitable = all(is_authority(certificate) for certificate in certificates)
    except UNREADABLE as error:
        raise TrustAnchorError(_UNREADABLE_ANCHOR) from error
    if not suitable:
        message = "a certificate among the anchors is not a certification authority's"
        raise TrustAnchorError(message)


def _require_certificate_signing(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage
) -> None:
    if not usage.key_cert_sign:
        message = "keyUsage: not for signing certificates"
        raise ValueError(message)


# The library's own defaults are the web's rules for server certificates (subject alternative
# names, extended usages); an authority for persons is held to RFC 5280 alone. That cA is true in
# basicConstraints is seen to by the library itself.
_AUTHORITY_POLICY = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, verification.Criticality.AGNOSTIC, None)
    .require_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _require_certificate_signing)
)
