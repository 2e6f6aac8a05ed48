"""Content keys encrypted for a certificate, and whole envelopes, as a site makes them."""

import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signet_agent.model import Certificate, KeyPadding
from tests.kit.pki import PublicKey

_SHA1 = hashes.SHA1()  # noqa: S303 -- what envelopes of older sites name; in OAEP it is sound

PADDINGS: dict[str, padding.AsymmetricPadding] = {
    KeyPadding.PKCS1: padding.PKCS1v15(),
    KeyPadding.OAEP_SHA1: padding.OAEP(padding.MGF1(_SHA1), _SHA1, None),
    KeyPadding.OAEP_SHA256: padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
}


def encrypted_key(public: PublicKey, kind: KeyPadding, content_key: bytes) -> bytes:
    """Return a content key encrypted by RSA."""
    assert isinstance(public, rsa.RSAPublicKey)
    return public.encrypt(content_key, PADDINGS[kind])


def encrypted_for(certificate: Certificate, kind: KeyPadding, content_key: bytes) -> bytes:
    """Return a content key encrypted for a listed certificate."""
    public = load_der_public_key(certificate.spki)
    assert isinstance(public, rsa.RSAPublicKey)
    return encrypted_key(public, kind, content_key)


def sealed(folder: Path, der: bytes, content: bytes, *words: str) -> bytes:
    """Return a CMS EnvelopedData that openssl made for a certificate, with these options."""
    recipient = folder / "recipient.der"
    recipient.write_bytes(der)
    options = words or ("-aes-256-cbc",)
    command = ("openssl", "cms", "-encrypt", "-binary", "-outform", "DER", "-recip", str(recipient))
    return subprocess.run(
        [*command, *options], input=content, capture_output=True, check=True
    ).stdout
