"""No signature leaves the agent before it was checked against the chosen certificate's key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signet_agent.errors import TokenError
from signet_agent.model import Algorithm

_HASHES: dict[str, type[HashAlgorithm]] = {"sha256": SHA256, "sha384": SHA384, "sha512": SHA512}


def verify_signature(spki: bytes, algorithm: Algorithm, octets: bytes, signature: bytes) -> None:
    """Check a raw signature over these octets (RSASSA-PKCS1-v1_5, or r || s).

    Raises:
        TokenError: it is not this key's signature; a driver lied or a card is broken.
    """
    digest = _HASHES[algorithm.hash_name]()
    try:
        key = load_der_public_key(spki)
        if isinstance(key, rsa.RSAPublicKey) and not algorithm.is_ecdsa:
            key.verify(signature, octets, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.is_ecdsa:
            key.verify(_as_der(signature, key.key_size), octets, ec.ECDSA(digest))
        else:
            raise TokenError("the key does not fit the algorithm")
    except (InvalidSignature, ValueError) as error:
        raise TokenError("the token returned a signature that does not verify") from error


def _as_der(signature: bytes, key_bits: int) -> bytes:
    """Return ECDSA-Sig-Value (RFC 3279, section 2.2.3) of r || s."""
    half = (key_bits + 7) // 8
    if len(signature) != 2 * half:
        raise ValueError("wrong length")
    r, s = signature[:half], signature[half:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
