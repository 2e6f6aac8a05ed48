"""A second validator of login tokens, written from Web eID's published rules alone.

It shares no code with the library: the rules are those of the system architecture document,
"Authentication token format" and "Authentication token validation", of which revocation is left
to its own tests.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

MIN_NONCE_CHARS = 44
"""The nonce has at least 256 bits of entropy; base64 of 32 octets."""

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
MAX_TOKEN_CHARS = 10_000
MIN_TOKEN_CHARS = 100
CLIENT_AUTHENTICATION = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.2")


def validates(
    text: str, origin: str, nonce: str, issuers: Sequence[x509.Certificate], at: datetime
) -> bool:
    """Whether a token in JSON is one for this origin and nonce, by one of these issuers."""
    if not MIN_TOKEN_CHARS <= len(text) <= MAX_TOKEN_CHARS or len(nonce) < MIN_NONCE_CHARS:
        return False
    try:
        token = json.loads(text)
        if not str(token["format"]).startswith("web-eid:1."):
            return False
        der = base64.b64decode(token["unverifiedCertificate"], validate=True)
        certificate = x509.load_der_x509_certificate(der)
        signature = base64.b64decode(token["signature"], validate=True)
        algorithm = str(token["algorithm"])
    except (ValueError, KeyError, TypeError):
        return False
    return (
        _is_for_authentication(certificate)
        and certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
        and any(_has_issued(issuer, certificate) for issuer in issuers)
        and _verifies(certificate, algorithm, signature, origin, nonce)
    )


def _is_for_authentication(certificate: x509.Certificate) -> bool:
    """Key usage digitalSignature, and extended key usage clientAuth where it stands."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    try:
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return usage.digital_signature
    return usage.digital_signature and CLIENT_AUTHENTICATION in extended


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _verifies(
    certificate: x509.Certificate, algorithm: str, signature: bytes, origin: str, nonce: str
) -> bool:
    """The signature is over hash(origin) + hash(nonce), with the algorithm's own hash."""
    family, size = algorithm[:2], algorithm[2:]
    if size not in HASHES:
        return False
    value = hashlib.new(f"sha{size}", origin.encode()).digest()
    value += hashlib.new(f"sha{size}", nonce.encode()).digest()
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and family == "RS":
            key.verify(signature, value, padding.PKCS1v15(), HASHES[size])
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and family == "ES":
            half = len(signature) // 2
            numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            der = utils.encode_dss_signature(*numbers)
            key.verify(der, value, ec.ECDSA(HASHES[size]))
            return True
    except InvalidSignature:
        pass
    return False
