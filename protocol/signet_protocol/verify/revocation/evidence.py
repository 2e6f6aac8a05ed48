"""What an OCSP response and a CRL have in common: age, reasons, and the octets of a signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from signet_protocol.verify.policy import AlgorithmPolicy, RevocationPolicy
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.reports import RevocationFacts


@dataclass(frozen=True, slots=True)
class Circumstances:
    """For whom, when and by which rules evidence is judged.

    Attributes:
        certificate: whose revocation is asked for.
        issuer: its authority.
        now: the server's time.
        valid_at: when the certificate has to have been in force.
        policy: how old evidence may be.
        algorithms: what counts as a signature.
        skew: how far the evidence's own times may lie in the future.
    """

    certificate: x509.Certificate
    issuer: x509.Certificate
    now: datetime
    valid_at: datetime
    policy: RevocationPolicy
    algorithms: AlgorithmPolicy
    skew: timedelta

    def require_fresh(self, facts: RevocationFacts, at: datetime, max_age_seconds: int) -> None:
        """Refuse evidence that was not true, or no longer true, at a time.

        Raises:
            VerificationError: ``REVOCATION_STALE``.
        """
        stale = Reason.REVOCATION_STALE
        if facts.this_update is None or facts.this_update > self.now + self.skew:
            raise VerificationError(stale, "it is not valid yet")
        if facts.next_update is not None and facts.next_update < at:
            raise VerificationError(stale, "its next update is past")
        if at - facts.this_update > timedelta(seconds=max_age_seconds):
            raise VerificationError(stale, "it is older than the policy allows")

    def age_seconds(self, this_update: datetime) -> int:
        """Return how old evidence is, in whole seconds."""
        return max(0, int((self.now - this_update).total_seconds()))
