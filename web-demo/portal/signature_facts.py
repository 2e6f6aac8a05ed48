"""What a receipt says of a signature: the signer's names, the certificate, the algorithm."""

import re
from dataclasses import asdict
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from signet_protocol.gm.certificates import has_sm2_key
from signet_protocol.verify import VerifiedSignature

_CITY_SERIAL = re.compile(r"5954\d{4}[0-9A-F]{4}(\d{4})0[123]")
"""The sample city's serials: mark, year, holder, the tail printed on the token, kind of key."""


def signer_facts(verified: VerifiedSignature) -> dict[str, Any]:
    """Return the signer as plain members, fit to be stored."""
    certificate = x509.load_der_x509_certificate(verified.certificate_der)
    return {
        **{name: str(value) for name, value in asdict(verified.holder).items()},
        "tail": serial_tail(verified.holder.serial_number),
        "key": _key_name(certificate),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
    }


def serial_tail(serial: str) -> str:
    """Return the four characters by which a person knows the token."""
    found = _CITY_SERIAL.fullmatch(serial)
    return found[1] if found else serial[-4:]


def _key_name(certificate: x509.Certificate) -> str:
    if has_sm2_key(certificate):
        return "SM2"
    match certificate.public_key():
        case RSAPublicKey() as key:
            return f"RSA-{key.key_size}"
        case EllipticCurvePublicKey() as key:
            return f"ECDSA P-{key.curve.key_size}"
        case key:
            return type(key).__name__
