"""The one call for a department's server: a verifier made at start, asked for each request."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.findings import FindingList, Part
from signet_protocol.verify.login import verify_login
from signet_protocol.verify.policy import VerificationPolicy
from signet_protocol.verify.reports import LoginReport, SignatureReport
from signet_protocol.verify.revocation.base import RevocationSource
from signet_protocol.verify.signature import verify_signature


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
            itself brings is looked at first.
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
        self._trust = trust
        self._policy = policy or VerificationPolicy()
        self._revocation = tuple(revocation)
        self._timestamp_trust = timestamp_trust or trust
        self._clock = clock

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
        pem = b"\n".join((file.parent / name).read_bytes() for name in policy.authorities)
        return cls(TrustAnchors.from_pem(pem), policy)

    @property
    def policy(self) -> VerificationPolicy:
        """Return the policy."""
        return self._policy

    def login(self, token: Mapping[str, object], *, origin: str, nonce: str) -> LoginReport:
        """Verify a login token (Web eID, version 1).

        Args:
            token: the token as the page sent it, parsed from JSON. Members it does not know are
                ignored, so that the form may grow.
            origin: the department's own origin, from its configuration, never from the request.
            nonce: the nonce of this login, redeemed from a ledger before.

        Raises:
            ValueError: ``origin`` is no https origin; the caller's fault. Whatever the sender
                sent is a finding.
        """
        at, findings, holder = self._clock(), FindingList(), None
        with findings.catch(Part.TOKEN):
            holder = verify_login(token, origin=origin, nonce=nonce, anchors=self._trust, at=at)
        return LoginReport(findings.all, at, (), origin, holder, "")

    def signature(
        self, cms: bytes, *, content: bytes | None, at: datetime | None = None
    ) -> SignatureReport:
        """Verify a document's signature: one CMS SignedData in DER, CAdES B-B, B-T or B-LT.

        Args:
            cms: the signature, attached or detached.
            content: the document as the department itself holds it. A detached signature needs
                it; an attached one is compared with it.
            at: when the department received the signature, with a time zone, where that was
                before now and the department's own records prove it. The certificate has to be
                valid then.

        Raises:
            ValueError: ``at`` has no time zone; the caller's fault. Whatever the sender sent is a
                finding.
        """
        moment, findings = at or self._clock(), FindingList()
        with findings.catch(Part.SIGNATURE):
            made = verify_signature(cms, content=content, anchors=self._trust, at=moment)
            return SignatureReport(
                findings=(), judged_at=moment, chain=(), holder=made.holder, algorithm="",
                signed_at=made.signed_at, valid_at=moment, timestamp=None, attached=False,
                content=made.content, digest=made.digest,
            )  # fmt: skip
        return SignatureReport(
            findings=findings.all, judged_at=moment, chain=(), holder=None, algorithm="",
            signed_at=None, valid_at=moment, timestamp=None, attached=False, content=content,
            digest="",
        )  # fmt: skip
