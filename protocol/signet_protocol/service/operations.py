"""What the service does with a body: plain functions that run in a thread and know no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, json

from signet_protocol.service.ledger import Ledger
from signet_protocol.service.messages import (
    Digest,
    LoginRequest,
    Nonce,
    NonceRequest,
    SignatureRequest,
    TimeStampRequest,
)
from signet_protocol.service.problems import Problem, ProblemCode
from signet_protocol.service.reading import read_octets, read_record
from signet_protocol.verify import (
    NONCE_SECONDS,
    ContentDigest,
    Finding,
    Part,
    Severity,
    VerificationError,
    Verifier,
)
from signet_protocol.verify.reports import Report

EARLIEST_RECEIPT = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first electronic signature law of any country; what is earlier is a mistake."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers, and what the log is told of it.

    Attributes:
        body: JSON.
        accepted: the outcome, where there was something to judge.
        reasons: of everything that was found.
    """

    body: bytes
    accepted: bool | None = None
    reasons: tuple[str, ...] = ()


class Operations:
    """The four operations. Each takes a body and may raise ``Problem``.

    Args:
        verifier: judges.
        ledger: of nonces.
        origins: the department's own.
    """

    def __init__(self, verifier: Verifier, ledger: Ledger, origins: tuple[str, ...]) -> None:
        self._verifier = verifier
        self._ledger = ledger
        self._origins = frozenset(origins)

    def issue_nonce(self, body: bytes) -> Answer:
        """Issue a nonce to one session at one origin."""
        request = read_record(body, NonceRequest)
        nonce = self._ledger.issue(self._bind(request.origin, request.session))
        return _write(Nonce(nonce, NONCE_SECONDS))

    def verify_login(self, body: bytes) -> Answer:
        """Use the nonce up, then verify the token; both find what they find."""
        request = read_record(body, LoginRequest)
        bound = self._bind(request.origin, request.session)
        findings: tuple[Finding, ...] = ()
        try:
            self._ledger.redeem(request.nonce, bound)
        except VerificationError as error:
            findings = (Finding(error.reason, Severity.ERROR, Part.TOKEN, detail=error.detail),)
        report = self._verifier.login(request.token, origin=request.origin, nonce=request.nonce)
        return _report(replace(report, findings=findings + report.findings))

    def verify_signature(self, body: bytes) -> Answer:
        """Verify a document's signature."""
        request = read_record(body, SignatureRequest)
        signature = read_octets(request.signature, "signature")
        held = None if request.document is None else read_octets(request.document, "document")
        digest = None if request.digest is None else _read_digest(request.digest)
        self._require_past(request.received_at)
        report = self._verifier.signature(
            signature, content=held, digest=digest, at=request.received_at
        )
        # A document that the back end sent is not sent back.
        return _report(report if held is None else replace(report, content=None))

    def verify_time_stamp(self, body: bytes) -> Answer:
        """Verify a time stamp by itself."""
        request = read_record(body, TimeStampRequest)
        token = read_octets(request.token, "token")
        content = read_octets(request.content, "content")
        return _report(self._verifier.timestamp(token, content=content))

    def _bind(self, origin: str, session: str) -> str:
        """Return the ledger's session: a nonce counts at one origin and in one session only."""
        if origin not in self._origins:
            raise Problem(ProblemCode.REQUEST_INVALID, "origin is none of those in service.origins")
        # No origin has a line's end, so no two pairs are alike.
        return f"{origin}\n{session}"

    def _require_past(self, at: datetime | None) -> None:
        skew = timedelta(seconds=self._verifier.policy.clock_skew_seconds)
        if at is not None and not EARLIEST_RECEIPT <= at <= datetime.now(UTC) + skew:
            raise Problem(ProblemCode.REQUEST_TIME_UNSUITABLE)


def _read_digest(digest: Digest) -> ContentDigest:
    return ContentDigest(digest.algorithm, read_octets(digest.value, "digest.value"))


def _report(report: Report) -> Answer:
    reasons = tuple(finding.reason.value for finding in report.findings)
    return _write(report.to_json(), accepted=report.accepted, reasons=reasons)


def _write(
    document: Struct | Mapping[str, Any],
    *,
    accepted: bool | None = None,
    reasons: tuple[str, ...] = (),
) -> Answer:
    return Answer(json.encode(document), accepted, reasons)
