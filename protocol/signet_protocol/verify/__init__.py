"""For a department's server: verify logins and signed documents.

    anchors = TrustAnchors.from_pem(Path("roots.pem").read_bytes())
    nonces.redeem(nonce, session)
    holder = verify_login(token, origin=ORIGIN, nonce=nonce, anchors=anchors, at=now)
    result = verify_signature(cms, content=document, anchors=anchors, at=now)

Everything that is not accepted is a ``VerificationError`` with a ``Reason``, whatever the sender
sent. Nothing here opens a connection or reads a file; whether a certificate was revoked is not
asked yet.
"""

from signet_protocol.comparison import comparison_code
from signet_protocol.verify.anchors import TrustAnchorError, TrustAnchors
from signet_protocol.verify.holder import Holder, HolderKind
from signet_protocol.verify.login import verify_login
from signet_protocol.verify.nonces import NONCE_SECONDS, MemoryNonces, NonceLedger, new_nonce
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.signature import VerifiedSignature, verify_signature

__all__ = [
    "NONCE_SECONDS",
    "Holder",
    "HolderKind",
    "MemoryNonces",
    "NonceLedger",
    "Reason",
    "TrustAnchorError",
    "TrustAnchors",
    "VerificationError",
    "VerifiedSignature",
    "comparison_code",
    "new_nonce",
    "verify_login",
    "verify_signature",
]
