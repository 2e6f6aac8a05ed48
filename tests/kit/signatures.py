"""Checking raw signatures with the library that did not make them for a token."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signet_agent.model import Algorithm, Certificate

_HASHES: dict[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.RS256: hashes.SHA256(),
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.ES512: hashes.SHA512(),
}


def is_signature(certificate: Certificate, message: bytes, value: bytes) -> bool:
    """Whether a raw signature (PKCS#1 v1.5, or r || s of the curve's size) is the key's."""
    assert certificate.algorithm is not None
    hashed = _HASHES[certificate.algorithm]
    public = load_der_public_key(certificate.spki)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(value, message, padding.PKCS1v15(), hashed)
            return True
        assert isinstance(public, ec.EllipticCurvePublicKey)
        size = (public.curve.key_size + 7) // 8
        if len(value) != 2 * size:
            return False
        r, s = (int.from_bytes(half, "big") for half in (value[:size], value[size:]))
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashed))
    except InvalidSignature:
        return False
    return True
