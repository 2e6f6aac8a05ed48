"""Two calls that answer with the holder or the signature, and raise the first fault.

For a server that needs no reasons beyond the first and asks for no revocation; everything else
is the ``Verifier``'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.holder import Holder
from signet_protocol.verify.policy import RevocationPolicy, VerificationPolicy
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.verifier import Verifier

_WITHOUT_REVOCATION = VerificationPolicy(
    revocation=RevocationPolicy(mode="ignore"), clock_skew_seconds=0
)


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that holds.

    Attributes:
        holder: who signed.
        signed_at: what the signer's clock showed; a claim, not a proof of time.
        content: the signed document.
        certificate_der: the signer's certificate.
        digest: SHA-256 of the content, lower-case hexadecimal, as the page was told it.
    """

    holder: Holder
    signed_at: datetime
    content: bytes
    certificate_der: bytes
    digest: str


def verify_login(
    token: Mapping[str, object], *, origin: str, nonce: str, anchors: TrustAnchors, at: datetime
) -> Holder:
    """Verify a login token as ``Verifier.login`` does; return who logged in.

    Raises:
        VerificationError: the login is not accepted.
        ValueError: ``origin`` is no https origin or ``at`` has no time zone; the caller's fault.
    """
    verifier = Verifier(anchors, _WITHOUT_REVOCATION, clock=lambda: at)
    report = verifier.login(token, origin=origin, nonce=nonce)
    report.require()
    # An accepted report has a holder: whoever cannot be read is an error.
    return cast("Holder", report.holder)


def verify_signature(
    cms: bytes, *, content: bytes | None, anchors: TrustAnchors, at: datetime
) -> VerifiedSignature:
    """Verify a document's signature as ``Verifier.signature`` does; return what was signed.

    A message of GM/T 0010 without a signing time, which ``Verifier.signature`` takes, is refused.
    ``at`` is when the server received the signature; the signer's own clock is not believed.

    Raises:
        VerificationError: the signature is not accepted.
        ValueError: ``at`` has no time zone; the caller's fault.
    """
    report = Verifier(anchors, _WITHOUT_REVOCATION, clock=lambda: at).signature(
        cms, content=content
    )
    report.require()
    if report.signed_at is None:
        raise VerificationError(Reason.ATTRIBUTES_MISSING, "there is no signing-time")
    # An accepted report is a whole one: each member that could not be read is an error.
    return VerifiedSignature(
        holder=cast("Holder", report.holder),
        signed_at=report.signed_at,
        content=cast("bytes", report.content),
        certificate_der=report.chain[0].der,
        digest=report.digest,
    )
