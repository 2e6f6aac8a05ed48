"""The public objects of a PKCS#11 token: its certificates, and the keys they belong to.

Searches name the type of what they look for: python-pkcs11 fails on key types it does not know,
and Chinese tokens have such keys (SM2 under a vendor's number).
"""

from collections.abc import Iterator, Mapping
from itertools import islice

import pkcs11
from pkcs11 import Attribute, CertificateType, KeyType, ObjectClass

from signet_agent.model import Algorithm, Certificate
from signet_agent.tokens.certificates import describe, without_sm2

MAX_OBJECTS = 64
"""Per search; real tokens hold two to ten certificates, chains included."""

COORDINATE_BYTES = {Algorithm.ES256: 32, Algorithm.ES384: 48, Algorithm.ES512: 66}
"""Octets of one coordinate, and of r and s, on each algorithm's curve (FIPS 186-5)."""


def read_certificates(session: pkcs11.Session, token: str) -> Iterator[Certificate]:
    """Describe a token's X.509 certificates that name a key by CKA_ID.

    Raises:
        PKCS11Error: the token went away or does not answer.
    """
    template = {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
    }
    for each in _search(session, template):
        identity, der = _octets(each, Attribute.ID), _octets(each, Attribute.VALUE)
        certificate = describe(der, token, f"{token}/{identity.hex()}") if identity else None
        if certificate is not None and _is_of_key(session, identity, certificate):
            yield without_sm2(certificate)


def _is_of_key(session: pkcs11.Session, identity: bytes, certificate: Certificate) -> bool:
    """Whether no public key of this id contradicts the certificate.

    Private keys cannot be seen before the login, and not every token keeps public ones.
    """
    algorithm = certificate.algorithm
    if algorithm is None or algorithm is Algorithm.SM2:
        return True
    template = {
        Attribute.CLASS: ObjectClass.PUBLIC_KEY,
        Attribute.KEY_TYPE: KeyType.EC if algorithm.is_ecdsa else KeyType.RSA,
        Attribute.ID: identity,
    }
    keys = _search(session, template)
    return not keys or any(_equals(key, certificate.spki, algorithm) for key in keys)


def _equals(key: pkcs11.Object, spki: bytes, algorithm: Algorithm) -> bool:
    """Whether a public key object is the certificate's, as far as it shows its value."""
    if not algorithm.is_ecdsa:
        return _octets(key, Attribute.MODULUS).lstrip(b"\0") in spki
    point = _octets(key, Attribute.EC_POINT)
    return not point or point.endswith(spki[-2 * COORDINATE_BYTES[algorithm] :])


def _search(session: pkcs11.Session, template: Mapping[Attribute, object]) -> list[pkcs11.Object]:
    return list(islice(session.get_objects(dict(template)), MAX_OBJECTS))


def _octets(each: pkcs11.Object, attribute: Attribute) -> bytes:
    """Return an attribute's value, empty when the object has none."""
    try:
        return bytes(each[attribute])
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive):
        return b""
