"""What a token is given to sign, and the check of what it returns.

No signature leaves the agent before it was checked against the chosen certificate's key.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signet_agent.errors import TokenError
from signet_agent.model import Algorithm
from signet_protocol.gm import DEFAULT_ID, GmFormatError, Sm2PublicKey, Sm2UnavailableError
from signet_protocol.gm.curve import POINT_BYTES
from signet_protocol.gm.gmt0009 import write_signature
from signet_protocol.gm.sm2 import compute_e, is_sm2_spki

_HASHES: dict[str, type[HashAlgorithm]] = {"sha256": SHA256, "sha384": SHA384, "sha512": SHA512}


def compute_digest(spki: bytes, algorithm: Algorithm, octets: bytes) -> bytes:
    """Return the hash that a token signs; SM2's is e, which begins with the key and its identity.

    Raises:
        TokenError: the key cannot be one of SM2; the token's certificate is at fault.
    """
    if algorithm is not Algorithm.SM2:
        return hashlib.new(algorithm.hash_name, octets).digest()
    if not is_sm2_spki(spki):
        raise TokenError("the certificate's key is not one of SM2")
    return compute_e(spki[-POINT_BYTES:], octets, DEFAULT_ID)


def verify_signature(spki: bytes, algorithm: Algorithm, octets: bytes, signature: bytes) -> None:
    """Check a raw signature over these octets (RSASSA-PKCS1-v1_5, or r || s).

    Raises:
        TokenError: it is not this key's signature; a driver lied or a card is broken.
    """
    if algorithm is Algorithm.SM2:
        _verify_sm2(spki, octets, signature)
        return
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


def _verify_sm2(spki: bytes, octets: bytes, signature: bytes) -> None:
    key = _read_sm2_key(spki)
    try:
        holds = key.verify(write_signature(signature), octets, identity=DEFAULT_ID)
    except GmFormatError:
        holds = False
    if not holds:
        raise TokenError("the token returned a signature that does not verify")


def _read_sm2_key(spki: bytes) -> Sm2PublicKey:
    try:
        return Sm2PublicKey.from_spki(spki)
    except (ValueError, Sm2UnavailableError) as error:
        raise TokenError("the certificate's key cannot be used for SM2") from error


def _as_der(signature: bytes, key_bits: int) -> bytes:
    """Return ECDSA-Sig-Value (RFC 3279, section 2.2.3) of r || s."""
    half = (key_bits + 7) // 8
    if len(signature) != 2 * half:
        raise ValueError("wrong length")
    r, s = signature[:half], signature[half:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
