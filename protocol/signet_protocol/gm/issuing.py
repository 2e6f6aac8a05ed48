"""Certificates and lists of SM2 (GM/T 0015), for the authorities of tests and demonstrations.

``cryptography`` reads them and does not issue them. So one of P-256 is made first: a key of SM2 and
the name of its algorithm have as many octets as those of P-256, so they are put in their place,
and what comes of it is signed anew.
"""

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signet_protocol.gm.sm2 import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey

_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_SM2_WITH_SM3 = bytes.fromhex("300a06082a811ccf55018375")
"""AlgorithmIdentifiers (RFC 5758, 3.2; GM/T 0006), both without parameters."""


@asn1.sequence
class _Signed:
    """What certificates and revocation lists are: octets, an algorithm, a signature."""

    octets: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


def convert(
    template: x509.Certificate, key: Sm2PublicKey, issuer: Sm2PrivateKey
) -> x509.Certificate:
    """Return a certificate of P-256 as one for a key of SM2, by an authority of SM2.

    Raises:
        ValueError: the template is not for a key of P-256.
    """
    spki = template.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if len(spki) != len(key.spki):
        message = "the template is not for a key of P-256"
        raise ValueError(message)
    octets = template.tbs_certificate_bytes.replace(spki, key.spki)
    return x509.load_der_x509_certificate(sign(octets, issuer))


def sign(octets: bytes, issuer: Sm2PrivateKey) -> bytes:
    """Return what an authority of P-256 would have signed, signed by one of SM2, DER."""
    renamed = octets.replace(_ECDSA_WITH_SHA256, _SM2_WITH_SM3)
    signature = issuer.sign(renamed, identity=DEFAULT_ID)
    return asn1.encode_der(
        _Signed(
            octets=asn1.decode_der(asn1.TLV, renamed),
            algorithm=asn1.decode_der(asn1.TLV, _SM2_WITH_SM3),
            signature=asn1.BitString(signature, 0),
        )
    )
