"""The way from a certificate to a trusted root (RFC 5280, section 6), and what is wrong with it.

Written here rather than taken from the library: its verifier knows the web's certificates, says
only that there is no chain, and knows no SM2. Certificates that came with a signature may help to
build a chain, never end it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from signet_protocol.verify.algorithms import require_signed
from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.certificates import (
    find_extension,
    fingerprint,
    has_unknown_critical,
    is_authority,
    validity_fault,
)
from signet_protocol.verify.findings import Finding, Part, Severity
from signet_protocol.verify.keys import read_key
from signet_protocol.verify.name_constraints import are_names_allowed
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_protocol.verify.reasons import Reason, VerificationError

MAX_AUTHORITIES = 4
"""Authorities between a person and a root; the city's chain has one, bridges have two or three."""

MAX_SIGNATURE_CHECKS = 32
"""Signatures checked in one search. Authorities of equal names could make it long otherwise."""

_ANY_POLICY = x509.ObjectIdentifier("2.5.29.32.0")
"""RFC 5280, 4.2.1.4; an authority's certificate may name it, a holder's does not count with it."""

_SEARCH_ENDED = "the search was ended: too many authorities have the same name"

Path = tuple[x509.Certificate, ...]
"""A certificate, its authority, and so on; in a whole chain the last is a root."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The best way that was found.

    Attributes:
        path: the holder's certificate first; as far as it leads.
        trusted: whether it ends at a root of the department's.
        findings: what is wrong with it.
    """

    path: Path
    trusted: bool
    findings: tuple[Finding, ...]


class ChainBuilder:
    """Finds chains to one department's roots; immutable.

    Args:
        trust: where chains end, and what they may lead over.
        algorithms: which keys and algorithms an authority may sign with.
        skew: how far the begin of a validity may lie in the future.
    """

    def __init__(self, trust: TrustAnchors, algorithms: AlgorithmPolicy, skew: timedelta) -> None:
        self._trust = trust
        self._algorithms = algorithms
        self._skew = skew

    def build(
        self, certificate: x509.Certificate, at: datetime, others: Iterable[x509.Certificate] = ()
    ) -> Chain:
        """Return the chain with the fewest faults; of equal ones, the shortest that was found.

        Args:
            certificate: where the chain begins; read through before.
            at: when it has to be valid.
            others: authorities that came along; read through before.
        """
        search = _Search(self._trust, tuple(others), self._algorithms)
        best: Chain | None = None
        for path in search.paths((certificate,)):
            chain = Chain(path, trusted=True, findings=tuple(self._judge(path, at)))
            if best is None or len(chain.findings) < len(best.findings):
                best = chain
            if not best.findings:
                break
        return best or Chain(search.longest, trusted=False, findings=(search.fault(),))

    def _judge(self, path: Path, at: datetime) -> Iterator[Finding]:
        """Yield what is wrong with the authorities of a path whose signatures hold."""
        for number, authority in enumerate(path[1:], 1):
            for reason, detail in self._authority_faults(authority, path[:number], at):
                yield _fault(reason, authority, detail)

    def _authority_faults(
        self, authority: x509.Certificate, below: Path, at: datetime
    ) -> Iterator[tuple[Reason, str]]:
        unsuitable = Reason.AUTHORITY_UNSUITABLE
        fault = validity_fault(authority, at, self._skew)
        if fault:
            yield Reason.AUTHORITY_NOT_VALID, fault.meaning
        usage = find_extension(authority, x509.KeyUsage)
        if usage is None or not usage.key_cert_sign:
            yield unsuitable, "keyUsage is not for signing certificates"
        if has_unknown_critical(authority):
            yield unsuitable, "it has a critical extension that is not understood"
        if not is_authority(authority):
            yield unsuitable, "basicConstraints do not make it an authority"
        elif _exceeds_path_length(authority, below):
            yield unsuitable, "more authorities are below it than pathLenConstraint allows"
        constraints = find_extension(authority, x509.NameConstraints)
        if constraints and not all(are_names_allowed(one, constraints) for one in below):
            yield unsuitable, "nameConstraints do not allow a name below it"


class _Search:
    """One search, and what it may cost."""

    def __init__(self, trust: TrustAnchors, others: Path, algorithms: AlgorithmPolicy) -> None:
        self._roots = trust.roots
        self._between = (*trust.intermediates, *others)
        self._algorithms = algorithms
        self._checks = 0
        self._detail = ""
        self.longest: Path = ()

    def paths(self, path: Path) -> Iterator[Path]:
        """Yield every way that leads on from a path to a root."""
        if len(path) > len(self.longest):
            self.longest = path
        for root in self._issuers(path[-1], self._roots):
            # A root may be asked about itself: then the chain is the root alone.
            yield path if root == path[-1] else (*path, root)
        if len(path) > MAX_AUTHORITIES:
            return
        for authority in self._issuers(path[-1], self._between):
            if authority not in path:
                yield from self.paths((*path, authority))

    def fault(self) -> Finding:
        """Return the finding for a search that came to no root."""
        detail = self._detail or "no authority that is known has issued the last of the chain"
        return Finding(
            Reason.CERTIFICATE_UNTRUSTED,
            Severity.ERROR,
            Part.CERTIFICATE,
            fingerprint(self.longest[-1]),
            detail,
        )

    def _issuers(
        self, certificate: x509.Certificate, candidates: Path
    ) -> Iterator[x509.Certificate]:
        for candidate in candidates:
            if candidate.subject == certificate.issuer and self._has_issued(candidate, certificate):
                yield candidate

    def _has_issued(self, authority: x509.Certificate, certificate: x509.Certificate) -> bool:
        if self._checks >= MAX_SIGNATURE_CHECKS:
            self._detail = _SEARCH_ENDED
            return False
        self._checks += 1
        try:
            require_issued(authority, certificate, self._algorithms)
        except VerificationError as error:
            self._detail = (
                f"an authority of the issuer's name has not issued it: {error.reason.meaning}"
            )
            return False
        return True


def require_issued(
    authority: x509.Certificate, certificate: x509.Certificate, accepted: AlgorithmPolicy
) -> None:
    """Check an authority's signature under a certificate.

    Raises:
        VerificationError: key or algorithm are not accepted, or the signature does not verify.
    """
    signed = (certificate.signature, certificate.tbs_certificate_bytes)
    key = read_key(authority, accepted)
    require_signed(key, certificate.signature_algorithm_oid, signed, accepted)


def has_policy(path: Path, accepted: tuple[str, ...]) -> bool:
    """Whether the certificates of a path, its root aside, are issued under an accepted policy."""
    holder, *authorities = path[:-1] if len(path) > 1 else path
    named = [_policies(one) for one in authorities]
    return any(
        policy in _policies(holder)
        and all(policy in some or _ANY_POLICY.dotted_string in some for some in named)
        for policy in accepted
    )


def _policies(certificate: x509.Certificate) -> frozenset[str]:
    extension = find_extension(certificate, x509.CertificatePolicies)
    return frozenset(one.policy_identifier.dotted_string for one in extension or ())


def _exceeds_path_length(authority: x509.Certificate, below: Path) -> bool:
    """Whether more authorities follow than allowed; self-issued ones do not count."""
    constraints = find_extension(authority, x509.BasicConstraints)
    if constraints is None or constraints.path_length is None:
        return False
    counted = [one for one in below[1:] if one.subject != one.issuer]
    return len(counted) > constraints.path_length


def _fault(reason: Reason, authority: x509.Certificate, detail: str) -> Finding:
    return Finding(reason, Severity.ERROR, Part.AUTHORITY, fingerprint(authority), detail)
