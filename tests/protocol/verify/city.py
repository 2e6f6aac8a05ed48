"""The people of these tests, and what their agents would send."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signet_protocol.verify import (
    Reason,
    TrustAnchors,
    VerificationError,
    VerifiedSignature,
    verify_signature,
)
from tests.kit.pki import (
    BOTH,
    CITIZEN,
    Authority,
    Extension,
    Hierarchy,
    KeyKind,
    Usage,
    private_key,
)
from tests.protocol.verify.draft import Draft, Signer

CONTENT = b'{"form":"gs1/1","tax_due":"12840.00"}'
ORIGIN = "https://guoshui.localhost:8443"
NONCE = b64encode(bytes(range(32))).decode("ascii")
NOW = datetime.now(UTC)

KINDS: list[KeyKind] = ["rsa2048", "rsa3072", "p256", "p384", "p521"]
"""The keys that may sign."""

_ALGORITHMS = {
    "rsa1024": "RS256",
    "rsa2048": "RS256",
    "rsa3072": "RS256",
    "p256": "ES256",
    "p384": "ES384",
    "p521": "ES512",
    "k256": "ES256",
}
_DIGESTS = {"256": "sha256", "384": "sha384", "512": "sha512"}


class City:
    """A certification service, the anchors of its departments, and its people."""

    def __init__(self) -> None:
        """Make the authorities."""
        self.hierarchy = Hierarchy.create()
        self.anchors = TrustAnchors.from_pem(self.hierarchy.pem)

    def signer(
        self,
        kind: KeyKind = "p256",
        *,
        usage: Usage | None = BOTH,
        extensions: Iterable[Extension] = (),
        validity: tuple[datetime, datetime] | None = None,
        authority: Authority | None = None,
    ) -> Signer:
        """Return a citizen with a certificate for a key of this kind."""
        key = private_key(kind)
        certificate = (authority or self.hierarchy.citizen).issue(
            CITIZEN,
            key.public_key(),
            usage=usage,
            extensions=extensions,
            not_before=validity[0] if validity else None,
            not_after=validity[1] if validity else None,
        )
        return Signer(certificate, key)

    def verify(
        self, draft: Draft, content: bytes | None = CONTENT, at: datetime = NOW
    ) -> VerifiedSignature:
        """Finish a signature and verify it as a department would."""
        return verify_signature(draft.build(), content=content, anchors=self.anchors, at=at)


def login_input(digest: str, origin: str = ORIGIN, nonce: str = NONCE) -> bytes:
    """Return H(origin) || H(nonce)."""
    return b"".join(hashlib.new(digest, text.encode()).digest() for text in (origin, nonce))


def write_token(
    signer: Signer, kind: KeyKind, *, origin: str = ORIGIN, nonce: str = NONCE, algorithm: str = ""
) -> dict[str, object]:
    """Return the login token that an agent would make."""
    name = algorithm or _ALGORITHMS[kind]
    digest = _DIGESTS[name[2:]]
    signature = signer.sign(login_input(digest, origin, nonce), digest)
    if not isinstance(signer.key, rsa.RSAPrivateKey):
        width = (signer.key.key_size + 7) // 8
        signature = b"".join(
            number.to_bytes(width, "big") for number in decode_dss_signature(signature)
        )
    return {
        "unverifiedCertificate": b64encode(signer.der).decode("ascii"),
        "algorithm": name,
        "signature": b64encode(signature).decode("ascii"),
        "appVersion": "signet 0.1.0",
        "format": "web-eid:1.0",
    }


def refused(reason: Reason) -> "pytest.RaisesExc[VerificationError]":
    """Expect a refusal for exactly this reason."""
    return pytest.raises(VerificationError, check=lambda error: error.reason is reason)
