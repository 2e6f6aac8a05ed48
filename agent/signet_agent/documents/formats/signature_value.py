"""How a raw signature is written where a format wants ASN.1."""

from signet_agent.documents.formats.base import FormatError
from signet_agent.documents.formats.der import SEQUENCE, encode, encode_integer
from signet_agent.model import Algorithm

MAX_SIGNATURE_BYTES = 2048
"""RSA of 16384 bits, the largest any token or library makes."""

_PAIR_BYTES = {Algorithm.ES256: 64, Algorithm.ES384: 96, Algorithm.ES512: 132, Algorithm.SM2: 64}
"""The size of r || s (RFC 7518, section 3.4)."""


def write_signature(signature: bytes, algorithm: Algorithm) -> bytes:
    """Return RSA as it is, and r || s as Ecdsa-Sig-Value (RFC 5753, section 7.2).

    Raises:
        FormatError: it has no size of this algorithm.
    """
    pair_bytes = _PAIR_BYTES.get(algorithm)
    if pair_bytes is None:
        if not 0 < len(signature) <= MAX_SIGNATURE_BYTES:
            message = "the signature has no size of RSA"
            raise FormatError(message)
        return signature
    if len(signature) != pair_bytes:
        message = "the signature has not the size of the curve"
        raise FormatError(message)
    half = pair_bytes // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    return encode(SEQUENCE, encode_integer(r), encode_integer(s))
