"""For a department's server: verify logins and signed documents.

    verifier = Verifier.load(Path("verification.toml"))
    nonces.redeem(nonce, session)
    login = verifier.login(token, origin=ORIGIN, nonce=nonce)
    signature = verifier.signature(cms, content=document)

Both answer a report: ``accepted``, and every finding with its reason, whatever the sender sent.
"""

from signet_protocol.comparison import comparison_code
from signet_protocol.verify.anchors import TrustAnchorError, TrustAnchors
from signet_protocol.verify.content import ContentDigest
from signet_protocol.verify.findings import Finding, Part, Severity
from signet_protocol.verify.holder import Holder, HolderKind
from signet_protocol.verify.nonces import NONCE_SECONDS, MemoryNonces, NonceLedger, new_nonce
from signet_protocol.verify.policy import PolicyError, RevocationPolicy, VerificationPolicy
from signet_protocol.verify.raising import VerifiedSignature, verify_login, verify_signature
from signet_protocol.verify.reasons import Reason, VerificationError
from signet_protocol.verify.reports import (
    CertificateFacts,
    LoginReport,
    RevocationFacts,
    RevocationState,
    SignatureReport,
    TimeStampFacts,
    TimeStampReport,
)
from signet_protocol.verify.revocation import GivenRevocation, RevocationSource
from signet_protocol.verify.sql_nonces import SqlNonces
from signet_protocol.verify.verifier import Verifier

__all__ = [
    "NONCE_SECONDS",
    "CertificateFacts",
    "ContentDigest",
    "Finding",
    "GivenRevocation",
    "Holder",
    "HolderKind",
    "LoginReport",
    "MemoryNonces",
    "NonceLedger",
    "Part",
    "PolicyError",
    "Reason",
    "RevocationFacts",
    "RevocationPolicy",
    "RevocationSource",
    "RevocationState",
    "Severity",
    "SignatureReport",
    "SqlNonces",
    "TimeStampFacts",
    "TimeStampReport",
    "TrustAnchorError",
    "TrustAnchors",
    "VerificationError",
    "VerificationPolicy",
    "VerifiedSignature",
    "Verifier",
    "comparison_code",
    "new_nonce",
    "verify_login",
    "verify_signature",
]
