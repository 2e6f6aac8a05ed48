"""What a verification answers: one object with the outcome, every finding and all facts.

A report is plain, frozen data. ``accepted`` alone decides; everything else explains. ``to_json``
returns what ``json.dumps`` takes: times as RFC 3339 text, octets as base64.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from signet_protocol.verify.findings import Finding, Severity
from signet_protocol.verify.holder import Holder
from signet_protocol.verify.reasons import VerificationError


class RevocationState(StrEnum):
    """What is known of a certificate's revocation."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """It was asked for, and nothing that can be believed answered."""

    NOT_ASKED = "not_asked"
    """The policy does not ask, or the check could not come that far."""


class RevocationSourceKind(StrEnum):
    """Where the answer came from."""

    EMBEDDED = "embedded"
    """It came within the signature."""

    GIVEN = "given"
    """The server was given it as octets."""

    FETCHED = "fetched"
    """It was fetched for this verification."""

    CACHED = "cached"
    """It was fetched for an earlier one."""


@dataclass(frozen=True, slots=True)
class RevocationFacts:
    """What is known of one certificate's revocation, from whom, and how old that is.

    Attributes:
        state: the answer.
        method: ``"ocsp"``, ``"crl"``, or empty where nothing answered.
        source: where the answer came from.
        this_update: when the answer was true.
        next_update: when a newer one is due, where the answer says so.
        age_seconds: how old the answer was at the time of the verification.
        revoked_at: since when the certificate is revoked.
        why: the reason in the answer (RFC 5280, 5.3.1), such as ``"keyCompromise"``.
    """

    state: RevocationState
    method: str = ""
    source: RevocationSourceKind | None = None
    this_update: datetime | None = None
    next_update: datetime | None = None
    age_seconds: int | None = None
    revoked_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One certificate of a chain.

    Attributes:
        subject: its distinguished name (RFC 4514).
        issuer: its authority's.
        serial_number: upper-case hexadecimal, whole octets.
        fingerprint: SHA-256 of the DER, lower-case hexadecimal; findings name it.
        not_before: the begin of its validity.
        not_after: the end.
        key: such as ``"RSA-2048"`` or ``"P-256"``; empty where the key is not one that is accepted.
        trusted: whether it is one of the department's own roots.
        revocation: what is known; roots are never asked for.
        der: the certificate.
    """

    subject: str
    issuer: str
    serial_number: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    key: str
    trusted: bool
    revocation: RevocationFacts
    der: bytes


@dataclass(frozen=True, slots=True)
class TimeStampFacts:
    """A time stamp (RFC 3161) that holds.

    Attributes:
        at: when the authority saw what it stamped.
        policy: the authority's policy, a dotted OID.
        serial_number: the stamp's, upper-case hexadecimal.
        chain: the authority's certificate first, its root last.
    """

    at: datetime
    policy: str
    serial_number: str
    chain: tuple[CertificateFacts, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What every verification answers.

    Attributes:
        findings: everything that was found, in the order of the checks.
        judged_at: the server's time of this verification.
        chain: the certificates, the holder's first; a root last, if one was reached. Empty where
            no certificate could be read.
    """

    findings: tuple[Finding, ...]
    judged_at: datetime
    chain: tuple[CertificateFacts, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing found is an error."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings for which this is not accepted."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    def require(self) -> None:
        """Go on only with what is accepted.

        Raises:
            VerificationError: for the first error, where there is one.
        """
        for error in self.errors:
            raise VerificationError(error.reason, error.detail)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for ``json.dumps``."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        findings = [finding.to_json() for finding in self.findings]
        return {"accepted": self.accepted, **plain, "findings": findings}


@dataclass(frozen=True, slots=True)
class LoginReport(Report):
    """Who logged in, or why nobody did.

    Attributes:
        origin: the department's origin that the token was checked against.
        holder: who the certificate names. Somebody has logged in only if ``accepted``.
        algorithm: such as ``"ECDSA-SHA256"``; empty where it is not one that is known.
    """

    origin: str
    holder: Holder | None
    algorithm: str


@dataclass(frozen=True, slots=True)
class SignatureReport(Report):
    """Who signed what and when, or why it does not count.

    Attributes:
        holder: who the certificate names. Somebody has signed only if ``accepted``.
        algorithm: such as ``"RSA-SHA256"``; empty where it is not one that is known.
        signed_at: what the signer's clock showed; a claim, not a proof of time.
        valid_at: the time at which the holder's certificate had to be valid: the time stamp's,
            where one holds, or else ``judged_at``.
        timestamp: the time stamp over the signature, where one holds.
        attached: whether the document came within the signature.
        content: the document the signature was checked against.
        digest: SHA-256 of the content, lower-case hexadecimal, as the page was told it.
    """

    holder: Holder | None
    algorithm: str
    signed_at: datetime | None
    valid_at: datetime
    timestamp: TimeStampFacts | None
    attached: bool
    content: bytes | None
    digest: str


@dataclass(frozen=True, slots=True)
class TimeStampReport(Report):
    """Whether a time stamp by itself holds over given octets.

    ``chain`` is the time-stamping authority's.

    Attributes:
        timestamp: the stamp, where it holds.
    """

    timestamp: TimeStampFacts | None
