"""What certificates and CMS call digests and signatures (RFC 5754, 3279, 3370, GM/T 0006).

A CMS signature names its digest up to four times. All have to agree, and agree with the key.
"""

from dataclasses import dataclass

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, SM3, Hash
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import AlgorithmIdentifier
from signet_protocol.verify.keys import Digest, PublicKey
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_protocol.verify.reasons import Reason, VerificationError

SHA256_OID = ObjectIdentifier("2.16.840.1.101.3.4.2.1")

_DIGESTS: dict[ObjectIdentifier, Digest] = {
    SHA256_OID: SHA256(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): SHA384(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): SHA512(),
    ObjectIdentifier("1.2.156.10197.1.401"): SM3(),
}

_RSA_ENCRYPTION = ObjectIdentifier("1.2.840.113549.1.1.1")
"""PKCS #1 v1.5 with whichever digest the signer names (RFC 3370, 3.2); in CMS alone."""


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """A family of keys and a digest."""

    family: str
    digest: Digest

    @property
    def name(self) -> str:
        """Return the name that policies and reports use, such as ``"ECDSA-SHA256"``."""
        return f"{self.family}-{self.digest.name.upper()}"


_ALGORITHMS = {
    ObjectIdentifier("1.2.840.113549.1.1.11"): SignatureAlgorithm("RSA", SHA256()),
    ObjectIdentifier("1.2.840.113549.1.1.12"): SignatureAlgorithm("RSA", SHA384()),
    ObjectIdentifier("1.2.840.113549.1.1.13"): SignatureAlgorithm("RSA", SHA512()),
    ObjectIdentifier("1.2.840.10045.4.3.2"): SignatureAlgorithm("ECDSA", SHA256()),
    ObjectIdentifier("1.2.840.10045.4.3.3"): SignatureAlgorithm("ECDSA", SHA384()),
    ObjectIdentifier("1.2.840.10045.4.3.4"): SignatureAlgorithm("ECDSA", SHA512()),
    # GM/T 0006: certificates carry the second, messages either.
    ObjectIdentifier("1.2.156.10197.1.301.1"): SignatureAlgorithm("SM2", SM3()),
    ObjectIdentifier("1.2.156.10197.1.501"): SignatureAlgorithm("SM2", SM3()),
}


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
        VerificationError: it is not one that is accepted.
    """
    digest = _DIGESTS.get(algorithm)
    if digest is None:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED)
    return digest


def read_signature_algorithm(
    algorithm: ObjectIdentifier, digest: Digest | None = None
) -> SignatureAlgorithm:
    """Return the algorithm of a name; CMS names the digest beside it, certificates do not.

    Raises:
        VerificationError: it is unknown, or its digest is another than the one beside it.
    """
    if algorithm == _RSA_ENCRYPTION and digest is not None:
        return SignatureAlgorithm("RSA", digest)
    found = _ALGORITHMS.get(algorithm)
    if found is None:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED)
    if digest is not None and found.digest.name != digest.name:
        raise VerificationError(Reason.ALGORITHM_UNSUITABLE)
    return found


def require_algorithm(
    algorithm: SignatureAlgorithm, key: PublicKey, accepted: AlgorithmPolicy
) -> None:
    """Refuse an algorithm that is for another kind of key, or not accepted.

    Raises:
        VerificationError: which of the two it is.
    """
    if algorithm.family != key.family:
        raise VerificationError(Reason.ALGORITHM_UNSUITABLE)
    if algorithm.name not in accepted.accepted:
        raise VerificationError(Reason.ALGORITHM_UNSUPPORTED, "the policy does not accept it")


def require_signed(
    key: PublicKey,
    algorithm: ObjectIdentifier,
    signed: tuple[bytes, bytes],
    accepted: AlgorithmPolicy,
) -> None:
    """Check what an authority signed: a certificate, a CRL or an OCSP response.

    Args:
        key: the authority's.
        algorithm: the signature's.
        signed: the signature, and the octets it is over.
        accepted: what counts.

    Raises:
        VerificationError: the algorithm is not accepted, or the signature does not verify.
    """
    named = read_signature_algorithm(algorithm)
    require_algorithm(named, key, accepted)
    if not key.verifies(named.digest, *signed):
        raise VerificationError(Reason.SIGNATURE_WRONG)


def compute_digest(digest: Digest, octets: bytes) -> bytes:
    """Return the digest of octets."""
    hashed = Hash(digest)
    hashed.update(octets)
    return hashed.finalize()
