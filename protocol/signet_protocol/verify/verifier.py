"""The one call for a department's server: a verifier made at start, asked for each request."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Self

from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.certificates import require_aware
from signet_protocol.verify.chains import ChainBuilder
from signet_protocol.verify.findings import Part
from signet_protocol.verify.holder import Holder
from signet_protocol.verify.judgement import Bearer, Judgement, Rules, as_warnings
from signet_protocol.verify.login import Challenge, judge_login
from signet_protocol.verify.policy import VerificationPolicy
from signet_protocol.verify.reasons import Reason
from signet_protocol.verify.reports import (
    CertificateFacts,
    LoginReport,
    SignatureReport,
    TimeStampFacts,
    TimeStampReport,
)
from signet_protocol.verify.revocation.base import RevocationSource
from signet_protocol.verify.signature import JudgedSignature, SignatureJudge
from signet_protocol.verify.timestamps import find_stamps


def now() -> datetime:
    """Return the server's time."""
    return datetime.now(UTC)


class Verifier:
    """Verifies logins, signatures and time stamps by one policy.

    Immutable and safe to share between threads; a server makes one when it starts.

    Args:
        trust: the authorities whose holders are accepted.
        policy: what is accepted; the default is strict and asks for revocation.
        revocation: where revocation information is looked for, in this order. What a signature
            itself brings is looked at last: its sender chose it.
        timestamp_trust: the roots of time-stamping authorities; ``trust`` where it is absent.
        clock: returns the server's time, with a time zone.
    """

    def __init__(
        self,
        trust: TrustAnchors,
        policy: VerificationPolicy | None = None,
        *,
        revocation: Sequence[RevocationSource] = (),
        timestamp_trust: TrustAnchors | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        accepted = policy or VerificationPolicy()
        skew = timedelta(seconds=accepted.clock_skew_seconds)
        self._clock = clock
        self._rules = Rules(
            policy=accepted,
            chains=ChainBuilder(trust, accepted.algorithms, skew),
            stamp_chains=ChainBuilder(timestamp_trust or trust, accepted.algorithms, skew),
            revocation=tuple(revocation),
        )

    @classmethod
    def load(cls, file: Path) -> Self:
        """Make a verifier from a policy file and the PEM files that it names.

        Where the policy names hosts, revocation information is fetched from them.

        Raises:
            PolicyError: the policy cannot be used.
            TrustAnchorError: the authorities cannot be used.
            OSError: a file cannot be read.
        """
        policy = VerificationPolicy.from_toml(file.read_text("utf-8"))
        stamps = policy.timestamp.authorities
        return cls(
            _read_anchors(file.parent, policy.authorities),
            policy,
            revocation=_open_sources(policy),
            timestamp_trust=_read_anchors(file.parent, stamps) if stamps else None,
        )

    @property
    def policy(self) -> VerificationPolicy:
        """Return the policy."""
        return self._rules.policy

    def login(self, token: Mapping[str, object], *, origin: str, nonce: str) -> LoginReport:
        """Verify a login token (Web eID, version 1, or SM2's own form).

        Args:
            token: the token as the page sent it, parsed from JSON. Members it does not know are
                ignored, so that the form may grow.
            origin: the department's own origin, from its configuration, never from the request.
            nonce: the nonce of this login, redeemed from a ledger before.

        Raises:
            ValueError: ``origin`` is no https origin, or the clock has no time zone; the caller's
                fault. Whatever the sender sent is a finding.
        """
        judgement = self._begin()
        challenge = Challenge(origin, nonce)
        accepted = self.policy.algorithms_for(self.policy.login)
        made = judge_login(token, challenge, accepted, judgement.findings)
        holder: Holder | None = None
        chain: tuple[CertificateFacts, ...] = ()
        if made.certificate is not None:
            bearer = Bearer(made.certificate)
            chain = judgement.judge_certificate(bearer, self.policy.login, judgement.now)
            holder = judgement.read_holder(made.certificate)
        return LoginReport(
            findings=judgement.findings.all,
            judged_at=judgement.now,
            chain=chain,
            origin=origin,
            holder=holder,
            algorithm=made.algorithm,
        )

    def signature(
        self, cms: bytes, *, content: bytes | None, at: datetime | None = None
    ) -> SignatureReport:
        """Verify a document's signature: one CMS SignedData in DER.

        Taken are CAdES B-B, B-T and B-LT, and GM/T 0010 with signed attributes.

        Args:
            cms: the signature, attached or detached.
            content: the document as the department itself holds it. A detached signature needs
                it; an attached one is compared with it.
            at: when the department received the signature, with a time zone, where that was
                before now and the department's own records prove it. The certificate has to have
                been valid then.

        Raises:
            ValueError: ``at`` or the clock has no time zone; the caller's fault. Whatever the
                sender sent is a finding.
        """
        judgement = self._begin()
        received = judgement.now if at is None else at
        require_aware(received)
        judge = SignatureJudge(
            judgement.findings, self.policy.algorithms_for(self.policy.signature)
        )
        made = judge.judge(cms, content)
        stamp = self._judge_stamps(judgement, made)
        valid_at = min(received, stamp.at) if stamp else received
        holder: Holder | None = None
        chain: tuple[CertificateFacts, ...] = ()
        if made.certificate is not None:
            bearer = Bearer(made.certificate, made.others, made.signed_data)
            chain = judgement.judge_certificate(bearer, self.policy.signature, valid_at)
            holder = judgement.read_holder(made.certificate)
        whole = made.signed_data
        return SignatureReport(
            findings=judgement.findings.all,
            judged_at=judgement.now,
            chain=chain,
            holder=holder,
            algorithm=made.algorithm,
            signed_at=made.attributes.signing_time if made.attributes else None,
            valid_at=valid_at,
            timestamp=stamp,
            attached=whole is not None and whole.encapsulated.content is not None,
            content=made.content,
            digest="" if made.content is None else sha256(made.content).hexdigest(),
        )

    def timestamp(self, token: bytes, *, content: bytes) -> TimeStampReport:
        """Verify a time stamp token (RFC 3161) over octets.

        Args:
            token: the token, one CMS SignedData in DER; not the response around it.
            content: what was stamped.

        Raises:
            ValueError: the clock has no time zone; the caller's fault.
        """
        judgement = self._begin()
        stamp = judgement.judge_stamp(token, content)
        return TimeStampReport(
            findings=judgement.findings.all,
            judged_at=judgement.now,
            chain=stamp.chain if stamp else (),
            timestamp=None if judgement.findings.has_error else stamp,
        )

    def _begin(self) -> Judgement:
        at = self._clock()
        require_aware(at)
        return Judgement(self._rules, at)

    def _judge_stamps(self, judgement: Judgement, made: JudgedSignature) -> TimeStampFacts | None:
        """Return the first time stamp over a signature that holds."""
        mode = self.policy.timestamp.mode
        if mode == "ignore" or made.signer is None:
            return None
        for token in find_stamps(made.signer, judgement.findings):
            own = Judgement(self._rules, judgement.now)
            stamp = own.judge_stamp(token, made.signer.signature)
            holds = not own.findings.has_error
            for finding in as_warnings(own.findings.all):
                judgement.findings.add(finding)
            if holds:
                return stamp
        if mode == "require":
            judgement.findings.error(Reason.TIMESTAMP_MISSING, Part.TIMESTAMP)
        return None


def _read_anchors(folder: Path, names: Sequence[str]) -> TrustAnchors:
    return TrustAnchors.from_pem(b"\n".join((folder / name).read_bytes() for name in names))


def _open_sources(policy: VerificationPolicy) -> list[RevocationSource]:
    """Return the network as a source, where the policy names hosts."""
    rules = policy.revocation
    if rules.mode == "ignore" or not rules.hosts:
        return []
    # Only who asks over the network loads the code for it.
    from signet_protocol.verify.revocation.fetched import FetchedRevocation
    from signet_protocol.verify.revocation.http_fetcher import HttpFetcher

    return [FetchedRevocation(HttpFetcher(rules.hosts, rules.timeout_seconds))]
