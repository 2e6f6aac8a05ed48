"""What was found: every fault, warning and note of one verification, in the order of the checks.

A verification never stops at the first fault when the next check still means something, so that a
developer sees at once that a signature is broken *and* its certificate expired.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from signet_protocol.verify.reasons import Reason, VerificationError


class Severity(StrEnum):
    """What a finding does to the outcome."""

    ERROR = "error"
    """The login or signature is not accepted."""

    WARNING = "warning"
    """Accepted, because the policy says so; somebody should look at it."""

    NOTE = "note"
    """Something that a reader of the report may want to know."""


class Part(StrEnum):
    """What a finding is about."""

    TOKEN = "token"  # noqa: S105 -- the login token, no password
    SIGNATURE = "signature"
    CONTENT = "content"
    CERTIFICATE = "certificate"
    """The holder's own."""

    AUTHORITY = "authority"
    """One of the authorities above it."""

    REVOCATION = "revocation"
    """A CRL or an OCSP response."""

    TIMESTAMP = "timestamp"


class FindingJson(TypedDict):
    """A finding as plain data."""

    reason: str
    severity: str
    about: str
    certificate: str
    detail: str
    meaning: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        reason: which rule it concerns.
        severity: what it does to the outcome.
        about: the part that was judged.
        certificate: SHA-256 of the certificate concerned, lower-case hexadecimal; empty where no
            single certificate is.
        detail: one English sentence that says more than the reason, or nothing. It never holds
            text of the sender's.
    """

    reason: Reason
    severity: Severity
    about: Part
    certificate: str = ""
    detail: str = ""

    @property
    def meaning(self) -> str:
        """Return one English sentence for the department's developer."""
        return self.reason.meaning

    @property
    def sentence(self) -> str:
        """Return the Chinese sentences for the person: cause, state, cure.

        Only an error has some: what did not stop the person is not told to her.
        """
        return self.reason.sentence if self.severity is Severity.ERROR else ""

    def to_json(self) -> FindingJson:
        """Return plain data for ``json.dumps``."""
        return {
            "reason": self.reason.value,
            "severity": self.severity.value,
            "about": self.about.value,
            "certificate": self.certificate,
            "detail": self.detail,
            "meaning": self.meaning,
            "sentence": self.sentence,
        }


class FindingList:
    """Findings as they are collected; one list for one verification."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    @property
    def all(self) -> tuple[Finding, ...]:
        """Return what was found, in the order of the checks."""
        return tuple(self._findings)

    @property
    def has_error(self) -> bool:
        """Whether something is not accepted."""
        return any(one.severity is Severity.ERROR for one in self._findings)

    def add(self, finding: Finding) -> None:
        """Keep a finding; the same one is not kept twice."""
        if finding not in self._findings:
            self._findings.append(finding)

    def error(
        self, reason: Reason, about: Part, *, certificate: str = "", detail: str = ""
    ) -> None:
        """Keep a fault."""
        self.add(Finding(reason, Severity.ERROR, about, certificate, detail))

    def catch(self, about: Part, certificate: str = "") -> "_Catch":
        """Turn a ``VerificationError`` of the block into a finding, and go on after it."""
        return _Catch(self, about, certificate)


@dataclass(frozen=True, slots=True)
class _Catch:
    """A block that may end early; what stopped it is a finding."""

    findings: FindingList
    about: Part
    certificate: str

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> bool:
        if not isinstance(error, VerificationError):
            return False
        self.findings.error(
            error.reason, self.about, certificate=self.certificate, detail=error.detail
        )
        return True
