"""Content keys encrypted for a certificate, as a site's envelope holds them."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signet_agent.model import Certificate, KeyPadding
from tests.kit.pki import PublicKey

_SHA1 = hashes.SHA1()  # noqa: S303 -- what envelopes of older sites name; in OAEP it is sound

_PADDINGS: dict[KeyPadding, padding.AsymmetricPadding] = {
    KeyPadding.PKCS1: padding.PKCS1v15(),
    KeyPadding.OAEP_SHA1: padding.OAEP(padding.MGF1(_SHA1), _SHA1, None),
    KeyPadding.OAEP_SHA256: padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
}


def encrypted_key(public: PublicKey, kind: KeyPadding, content_key: bytes) -> bytes:
    """Return a content key encrypted by RSA."""
    assert isinstance(public, rsa.RSAPublicKey)
    return public.encrypt(content_key, _PADDINGS[kind])


def encrypted_for(certificate: Certificate, kind: KeyPadding, content_key: bytes) -> bytes:
    """Return a content key encrypted for a listed certificate."""
    public = load_der_public_key(certificate.spki)
    assert isinstance(public, rsa.RSAPublicKey)
    return encrypted_key(public, kind, content_key)
