"""What CMS calls the digests and signature algorithms that are accepted (RFC 5754, RFC 3370).

A CMS signature names its digest up to four times. All have to agree, and agree with the key.
"""

import hashlib

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509 import ObjectIdentifier

from signet_protocol.verify.keys import Digest, PublicKey
from signet_protocol.verify.reasons import Reason, VerificationError

SHA256_OID = ObjectIdentifier("2.16.840.1.101.3.4.2.1")

_DIGESTS: dict[ObjectIdentifier, Digest] = {
    SHA256_OID: SHA256(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): SHA384(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): SHA512(),
}

_RSA_ENCRYPTION = ObjectIdentifier("1.2.840.113549.1.1.1")
"""PKCS #1 v1.5 with whichever digest the signer names (RFC 3370, 3.2)."""

_RSA = {
    ObjectIdentifier("1.2.840.113549.1.1.11"): "sha256",
    ObjectIdentifier("1.2.840.113549.1.1.12"): "sha384",
    ObjectIdentifier("1.2.840.113549.1.1.13"): "sha512",
}
_ECDSA = {
    ObjectIdentifier("1.2.840.10045.4.3.2"): "sha256",
    ObjectIdentifier("1.2.840.10045.4.3.3"): "sha384",
    ObjectIdentifier("1.2.840.10045.4.3.4"): "sha512",
}


@asn1.sequence
class AlgorithmIdentifier:
    """RFC 5280, 4.1.1.2; the algorithms accepted here have NULL for parameters, or none."""

    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


def read_algorithm(field: asn1.TLV) -> ObjectIdentifier:
    """Return the name in an AlgorithmIdentifier.

    Raises:
        VerificationError: it has parameters, which no accepted algorithm has.
    """
    try:
        identifier: AlgorithmIdentifier = field.parse(AlgorithmIdentifier)
    except ValueError:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED) from None
    return identifier.algorithm


def read_digest(algorithm: ObjectIdentifier) -> Digest:
    """Return the digest of a name.

    Raises:
        VerificationError: it is not one of the three.
    """
    digest = _DIGESTS.get(algorithm)
    if digest is None:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED)
    return digest


def require_algorithm(algorithm: ObjectIdentifier, digest: Digest, key: PublicKey) -> None:
    """Refuse a signature algorithm that does not fit the key and the digest.

    Raises:
        VerificationError: it is unknown, for another kind of key, or with another digest.
    """
    for_rsa = isinstance(key, rsa.RSAPublicKey)
    if algorithm == _RSA_ENCRYPTION and for_rsa:
        return
    if algorithm not in {_RSA_ENCRYPTION, *_RSA, *_ECDSA}:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED)
    if (_RSA if for_rsa else _ECDSA).get(algorithm) != digest.name:
        raise VerificationError(Reason.ALGORITHM_UNSUITABLE)


def compute_digest(digest: Digest, octets: bytes) -> bytes:
    """Return the digest of octets."""
    return hashlib.new(digest.name, octets).digest()
