"""The demonstration keys: made in memory at each start, never read, never written."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.gm import Sm2PrivateKey

_P256_BYTES = 32

ClassicKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""RSA of 2048 bits, or P-256."""


@dataclass(frozen=True)
class Holding:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ClassicKey | Sm2PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return self.certificate.fingerprint(SHA256()).hex()


def algorithm_of(key: ClassicKey) -> str:
    """Return the name by which a login token calls the algorithm (RFC 7518, 3.1)."""
    return "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"


def sign(key: ClassicKey, octets: bytes) -> bytes:
    """Sign octets with SHA-256; ECDSA as DER."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), SHA256())
    return key.sign(octets, ec.ECDSA(SHA256()))


def sign_for_web(key: ClassicKey, octets: bytes) -> bytes:
    """Sign octets with SHA-256; ECDSA as r || s, 64 octets (RFC 7518, 3.4)."""
    signature = sign(key, octets)
    if isinstance(key, rsa.RSAPrivateKey):
        return signature
    return b"".join(
        number.to_bytes(_P256_BYTES, "big") for number in decode_dss_signature(signature)
    )
