"""Public keys and algorithms that are accepted, and the one place where a signature is checked.

RSA with PKCS #1 v1.5 padding (RFC 8017, 8.2) and ECDSA on the NIST curves (FIPS 186-5), each with
SHA-256, SHA-384 or SHA-512. SHA-1 and MD5 have no entry, so nothing can ask for them.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from signet_protocol.verify.certificates import UNREADABLE
from signet_protocol.verify.reasons import Reason, VerificationError

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Digest = SHA256 | SHA384 | SHA512

MIN_RSA_BITS = 2048
"""112 bits of strength, the least that NIST SP 800-131A and ETSI TS 119 312 still accept."""

MAX_RSA_BITS = 8192
"""A certificate chooses its own modulus; a larger one would only cost the server time."""

CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
"""P-256, P-384 and P-521, by the names the library uses."""


def read_key(certificate: x509.Certificate) -> PublicKey:
    """Return a certificate's public key.

    Raises:
        VerificationError: the key is of another kind or too weak.
    """
    try:
        key = certificate.public_key()
    except UNREADABLE:
        raise VerificationError(Reason.CERTIFICATE_KEY_UNSUITABLE) from None
    if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return key
    raise VerificationError(Reason.CERTIFICATE_KEY_UNSUITABLE)


def is_signed(key: PublicKey, digest: Digest, signature: bytes, message: bytes) -> bool:
    """Whether a signature over a message verifies; an ECDSA signature is DER (RFC 3279, 2.2.3)."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), digest)
        else:
            key.verify(signature, message, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


def join_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes) -> bytes | None:
    """Return r and s side by side (RFC 7518, 3.4) as DER, or ``None`` at any other length."""
    width = (key.key_size + 7) // 8
    if len(signature) != 2 * width:
        return None
    r, s = (int.from_bytes(half, "big") for half in (signature[:width], signature[width:]))
    return encode_dss_signature(r, s)
