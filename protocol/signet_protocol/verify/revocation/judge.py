"""What is known of a chain's revocation, from all sources, and what the policy makes of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, pairwise

from cryptography import x509

from signet_protocol.verify.certificates import fingerprint
from signet_protocol.verify.chains import Path
from signet_protocol.verify.findings import Finding, FindingList, Part, Severity
from signet_protocol.verify.policy import VerificationPolicy
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.reports import RevocationFacts, RevocationState
from signet_protocol.verify.revocation.base import (
    Evidence,
    Method,
    RevocationSource,
    Unavailable,
)
from signet_protocol.verify.revocation.crl import judge_crl
from signet_protocol.verify.revocation.evidence import Circumstances
from signet_protocol.verify.revocation.ocsp import judge_ocsp

MAX_EVIDENCE = 64
"""Responses and lists judged for one certificate; a signature could bring thousands."""

NOT_ASKED = RevocationFacts(RevocationState.NOT_ASKED)


class RevocationJudge:
    """Asks for every certificate of a chain.

    Args:
        policy: whether and how revocation counts.
        findings: where faults go.
        now: the server's time.
    """

    def __init__(self, policy: VerificationPolicy, findings: FindingList, now: datetime) -> None:
        self._policy = policy
        self._findings = findings
        self._now = now

    def judge(
        self, path: Path, sources: Sequence[RevocationSource], valid_at: datetime
    ) -> tuple[RevocationFacts, ...]:
        """Return what is known of each certificate of a path that ends at a root.

        Args:
            path: the holder's certificate first.
            sources: where evidence is looked for, in this order.
            valid_at: when the holder's certificate has to have been in force.
        """
        rules = self._policy.revocation
        if rules.mode == "ignore":
            self._findings.add(Finding(Reason.REVOCATION_NOT_ASKED, Severity.NOTE, Part.REVOCATION))
            return (NOT_ASKED,) * len(path)
        facts = []
        for number, (certificate, issuer) in enumerate(pairwise(path)):
            if number and not rules.authorities:
                facts.append(NOT_ASKED)
                continue
            asked = Circumstances(
                certificate,
                issuer,
                self._now,
                valid_at,
                rules,
                self._policy.algorithms,
                timedelta(seconds=self._policy.clock_skew_seconds),
            )
            facts.append(self._ask(asked, sources, is_authority=number > 0))
        return (*facts, NOT_ASKED)

    def _ask(
        self, asked: Circumstances, sources: Sequence[RevocationSource], *, is_authority: bool
    ) -> RevocationFacts:
        """Return the first answer that can be believed; say what was wrong with the others."""
        found = chain.from_iterable(one.find(asked.certificate, asked.issuer) for one in sources)
        name = fingerprint(asked.certificate)
        for facts in self._answers(found, asked, name):
            if facts.state is RevocationState.REVOKED:
                self._add_revoked(facts, asked.valid_at, name, is_authority=is_authority)
            return facts
        severity = Severity.ERROR if asked.policy.mode == "require" else Severity.WARNING
        self._findings.add(Finding(Reason.REVOCATION_UNKNOWN, severity, Part.REVOCATION, name))
        return RevocationFacts(RevocationState.UNKNOWN)

    def _answers(
        self, found: Iterator[Evidence | Unavailable], asked: Circumstances, name: str
    ) -> Iterator[RevocationFacts]:
        for number, evidence in enumerate(found):
            if number == MAX_EVIDENCE:
                self._warn(Reason.REVOCATION_MALFORMED, name, "too many lists and responses")
                return
            if isinstance(evidence, Unavailable):
                detail = f"{evidence.method}: {evidence.detail}"
                self._warn(Reason.REVOCATION_UNAVAILABLE, name, detail)
                continue
            judge = judge_ocsp if evidence.method is Method.OCSP else judge_crl
            try:
                yield judge(evidence, asked)
            except VerificationError as error:
                detail = f"{evidence.method}, {evidence.source}: {error.detail}".removesuffix(": ")
                self._warn(error.reason, name, detail)

    def _add_revoked(
        self, facts: RevocationFacts, valid_at: datetime, name: str, *, is_authority: bool
    ) -> None:
        """Refuse what was revoked; a revocation after a proven time of signing is a warning."""
        about = Part.AUTHORITY if is_authority else Part.CERTIFICATE
        later = facts.revoked_at is not None and facts.revoked_at > valid_at
        if later and not is_authority and facts.why not in _BACKDATED:
            self._findings.add(
                Finding(Reason.CERTIFICATE_REVOKED_LATER, Severity.WARNING, about, name)
            )
            return
        reason = Reason.AUTHORITY_REVOKED if is_authority else Reason.CERTIFICATE_REVOKED
        self._findings.error(reason, about, certificate=name, detail=facts.why)

    def _warn(self, reason: Reason, name: str, detail: str) -> None:
        self._findings.add(Finding(reason, Severity.WARNING, Part.REVOCATION, name, detail))


_BACKDATED = frozenset(
    {x509.ReasonFlags.key_compromise.value, x509.ReasonFlags.ca_compromise.value}
)
"""A stolen key may have signed before its theft was noticed, so no earlier time helps."""
