"""One verification under way: what every kind of it asks of a certificate and of a time stamp."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.cms import SignedData
from signet_protocol.verify.certificates import find_misuse, fingerprint, validity_fault
from signet_protocol.verify.chains import Chain, ChainBuilder, has_policy
from signet_protocol.verify.cms import find_revocation
from signet_protocol.verify.findings import Finding, FindingList, Part, Severity
from signet_protocol.verify.holder import Holder, format_serial
from signet_protocol.verify.keys import read_key
from signet_protocol.verify.policy import CertificateUse, VerificationPolicy
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.reports import (
    CertificateFacts,
    RevocationFacts,
    RevocationSourceKind,
    TimeStampFacts,
)
from signet_protocol.verify.revocation.base import RevocationSource
from signet_protocol.verify.revocation.given import GivenRevocation
from signet_protocol.verify.revocation.judge import NOT_ASKED, RevocationJudge
from signet_protocol.verify.signature import SignatureJudge
from signet_protocol.verify.timestamps import (
    STAMP_DATA,
    STAMP_USE,
    StampInfo,
    is_for_stamps_alone,
    read_stamp_info,
    require_imprint,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What every verification of one verifier goes by.

    Attributes:
        policy: what is accepted.
        chains: finds ways to the authorities of holders.
        stamp_chains: finds ways to the authorities of time stamps.
        revocation: where revocation information is looked for.
    """

    policy: VerificationPolicy
    chains: ChainBuilder
    stamp_chains: ChainBuilder
    revocation: tuple[RevocationSource, ...]


@dataclass(frozen=True, slots=True)
class Bearer:
    """A certificate as it came, and what came with it.

    Attributes:
        certificate: read through before.
        others: certificates that may help to build its chain.
        brought: the signature it came in, for the revocation information within.
    """

    certificate: x509.Certificate
    others: Iterable[x509.Certificate] = ()
    brought: SignedData | None = None


class Judgement:
    """One verification: its rules, its time and its findings."""

    def __init__(self, rules: Rules, now: datetime, findings: FindingList | None = None) -> None:
        self.rules = rules
        self.now = now
        self.findings = findings or FindingList()
        self._skew = timedelta(seconds=rules.policy.clock_skew_seconds)

    def judge_certificate(
        self, bearer: Bearer, use: CertificateUse, at: datetime
    ) -> tuple[CertificateFacts, ...]:
        """Judge validity, use, chain and revocation of a holder's certificate at a time."""
        certificate, name = bearer.certificate, fingerprint(bearer.certificate)
        fault = validity_fault(certificate, at, self._skew)
        for reason in [fault, *find_misuse(certificate, use)]:
            if reason is not None:
                self.findings.error(reason, Part.CERTIFICATE, certificate=name)
        return self._judge_chain(self.rules.chains, bearer, use, at)

    def read_holder(self, certificate: x509.Certificate) -> Holder | None:
        """Return who a certificate names, if it can be read."""
        with self.findings.catch(Part.CERTIFICATE, fingerprint(certificate)):
            return Holder.of(certificate, self.rules.policy.identity)
        return None

    def judge_stamp(self, token: bytes, stamped: bytes) -> TimeStampFacts | None:
        """Return a time stamp over octets, if its token is one; faults are findings.

        It holds only where no error was found.
        """
        accepted = self.rules.policy.algorithms
        judge = SignatureJudge(self.findings, accepted, STAMP_DATA, Part.TIMESTAMP)
        made = judge.judge(token, None)
        if made.content is None or made.certificate is None:
            return None
        with self.findings.catch(Part.TIMESTAMP):
            info = read_stamp_info(made.content)
            with self.findings.catch(Part.TIMESTAMP):
                require_imprint(info, stamped)
            for detail in self._stamp_faults(info, made.certificate):
                self.findings.error(Reason.TIMESTAMP_UNACCEPTED, Part.TIMESTAMP, detail=detail)
            bearer = Bearer(made.certificate, made.others, made.signed_data)
            return TimeStampFacts(
                at=info.stated_time(),
                policy=info.policy.dotted_string,
                serial_number=format_serial(info.serial_number),
                chain=self._judge_chain(self.rules.stamp_chains, bearer, STAMP_USE, self.now),
            )
        return None

    def _stamp_faults(self, info: StampInfo, certificate: x509.Certificate) -> Iterable[str]:
        stated, rules = info.stated_time(), self.rules.policy.timestamp
        if stated > self.now + self._skew:
            yield "the time stamp lies in the future"
        if rules.policies and info.policy.dotted_string not in rules.policies:
            yield "it was made under a policy that is not accepted"
        if not is_for_stamps_alone(certificate):
            yield "the certificate is not, critically, for time stamps and nothing else"
        if any(find_misuse(certificate, STAMP_USE)):
            yield "the certificate is an authority's, or has an extension that is not understood"
        for at in (stated, self.now):
            if validity_fault(certificate, at, self._skew):
                yield "the certificate was not valid then, or is not now"
                return

    def _judge_chain(
        self, chains: ChainBuilder, bearer: Bearer, use: CertificateUse, at: datetime
    ) -> tuple[CertificateFacts, ...]:
        chain = chains.build(bearer.certificate, at, bearer.others)
        for finding in chain.findings:
            self.findings.add(finding)
        policies = use.certificate_policies
        if policies and not has_policy(chain.path, policies):
            self.findings.error(Reason.CERTIFICATE_POLICY_UNSUITABLE, Part.CERTIFICATE)
        known: tuple[RevocationFacts, ...] = (NOT_ASKED,) * len(chain.path)
        # Only of a chain whose every signature holds is it known whose answer counts.
        if chain.trusted:
            judge = RevocationJudge(self.rules.policy, self.findings, self.now)
            known = judge.judge(chain.path, [*self.rules.revocation, *_brought(bearer)], at)
        return tuple(
            self._facts(certificate, revocation, trusted=_is_root(certificate, chain))
            for certificate, revocation in zip(chain.path, known, strict=True)
        )

    def _facts(
        self, certificate: x509.Certificate, revocation: RevocationFacts, *, trusted: bool
    ) -> CertificateFacts:
        try:
            key = read_key(certificate, self.rules.policy.algorithms).name
        except VerificationError:
            key = ""
        return CertificateFacts(
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            serial_number=format_serial(certificate.serial_number),
            fingerprint=fingerprint(certificate),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            key=key,
            trusted=trusted,
            revocation=revocation,
            der=certificate.public_bytes(Encoding.DER),
        )


def as_warnings(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Yield what was found of a time stamp that is not needed: nothing of it is an error."""
    for one in findings:
        severity = Severity.WARNING if one.severity is Severity.ERROR else one.severity
        yield Finding(one.reason, severity, Part.TIMESTAMP, one.certificate, one.detail)


def _is_root(certificate: x509.Certificate, chain: Chain) -> bool:
    return chain.trusted and certificate == chain.path[-1]


def _brought(bearer: Bearer) -> list[RevocationSource]:
    """Return what a signature itself brings; its sender chose it, so it is looked at last."""
    if bearer.brought is None:
        return []
    crls, responses = find_revocation(bearer.brought)
    return [GivenRevocation(crls=crls, ocsp=responses, source=RevocationSourceKind.EMBEDDED)]
