"""Reading certificates as they come from tokens, which may hold anything.

A description that cannot be made is left out; a token's other certificates are still listed.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID, PublicKeyAlgorithmOID
from msgspec.structs import replace

from signet_agent.model import (
    Algorithm,
    Certificate,
    KeyUse,
    issuer_and_serial,
    key_identifier,
)
from signet_protocol.gm import GmFormatError, Sm2KeyError, Sm2UnavailableError
from signet_protocol.gm.certificates import read_sm2_key

MAX_CERTIFICATE_BYTES = 16 * 1024
"""Certificates of people have 1 to 3 KiB; larger ones would crowd the channel's frame."""

MAX_SHOWN_CHARS = 128
"""Twice what X.520 allows for a common name; a window shows less."""

MIN_RSA_BITS = 2048
"""Shorter keys have been refused for signatures since 2014 (NIST SP 800-131A)."""

MAX_RSA_BITS = 8192
"""No token makes longer ones, and each check of one would cost the daemon milliseconds."""

IDENTITIES = "1.2.156.10260.4.1."
"""The arc of the identity extensions: person, registration, organisation, tax number."""

_CURVES = {
    "secp256r1": Algorithm.ES256,
    "secp384r1": Algorithm.ES384,
    "secp521r1": Algorithm.ES512,
}
_UTF8_STRING, _PRINTABLE_STRING, _IA5_STRING = 0x0C, 0x13, 0x16
_CHARSETS = {_UTF8_STRING: "utf-8", _PRINTABLE_STRING: "ascii", _IA5_STRING: "ascii"}
_LONG_FORM_1 = 0x81
_SHORT_FORM_END = 0x80

_CACHED_DESCRIPTIONS = 256
"""With certificates of 16 KiB at most, 4 MiB at the very worst."""


def shown(text: str, limit: int = MAX_SHOWN_CHARS) -> str:
    """Return text from a token as it may stand in a window or a log.

    One line, no control characters, no invisible ones, none that turn the writing direction.
    """
    spaced = (" " if c.isspace() else c for c in text)
    return "".join(c for c in spaced if c.isprintable())[:limit].strip()


@lru_cache(_CACHED_DESCRIPTIONS)
def describe(der: bytes, token: str, key: str) -> Certificate | None:
    """Return what a certificate says, or ``None`` when it cannot be read.

    ``token`` and ``key`` are the URIs it is listed under. The result is remembered: the same
    octets are read from a token many times a day.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        return None
    try:
        return _describe(der, token, key)
    except Exception:  # noqa: BLE001 -- hostile DER fails in many ways; all mean "unreadable"
        return None


def without_sm2(certificate: Certificate) -> Certificate:
    """Return a certificate as a store that cannot sign with SM2 lists it: without an algorithm.

    PKCS#11 2.40 has no mechanism for it, and PIV no algorithm. So no PIN is asked for in vain.
    """
    if certificate.algorithm is not Algorithm.SM2:
        return certificate
    return replace(certificate, algorithm=None)


def _describe(der: bytes, token: str, key: str) -> Certificate:
    certificate = x509.load_der_x509_certificate(der)
    spki, algorithm = _read_key(certificate)
    uses, identities = _read_extensions(certificate)
    return Certificate(
        key=key,
        token=token,
        der=der,
        spki=spki,
        holder=_name(certificate, NameOID.COMMON_NAME),
        organisation=_name(certificate, NameOID.ORGANIZATION_NAME),
        issuer=certificate.issuer.rfc4514_string(),
        serial=_hexadecimal(certificate.serial_number),
        not_before=int(certificate.not_valid_before_utc.timestamp()),
        not_after=int(certificate.not_valid_after_utc.timestamp()),
        uses=uses,
        algorithm=algorithm,
        extensions=identities,
        subject=certificate.subject.rfc4514_string(),
        recipient_ids=tuple(_recipient_ids(certificate)),
    )


def _recipient_ids(certificate: x509.Certificate) -> Iterator[str]:
    """Yield the words by which an envelope names this certificate."""
    yield issuer_and_serial(certificate.issuer.public_bytes(), certificate.serial_number)
    with suppress(ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        named = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        yield key_identifier(named.value.digest)


def _read_key(certificate: x509.Certificate) -> tuple[bytes, Algorithm | None]:
    """Return the public key's DER and what it signs with; unknown kinds are listed without."""
    try:
        public = certificate.public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return _read_sm2_key(certificate)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return spki, _CURVES.get(public.curve.name)
    plain_rsa = certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5
    if isinstance(public, rsa.RSAPublicKey) and plain_rsa:
        fits = MIN_RSA_BITS <= public.key_size <= MAX_RSA_BITS
        return spki, Algorithm.RS256 if fits else None
    return spki, None


def _read_sm2_key(certificate: x509.Certificate) -> tuple[bytes, Algorithm | None]:
    """Return an SM2 key, which cryptography does not know; without SM2 here it is listed bare."""
    try:
        return read_sm2_key(certificate).spki, Algorithm.SM2
    except (Sm2KeyError, GmFormatError, Sm2UnavailableError):
        return b"", None


def _read_extensions(
    certificate: x509.Certificate,
) -> tuple[tuple[KeyUse, ...], dict[str, str]]:
    """Return the uses and the identities; broken extensions allow nothing and say nothing.

    A certificate without keyUsage allows nothing either: RFC 5280, section 4.2.1.3, would allow
    everything, but no authority issues such certificates to people.
    """
    uses: tuple[KeyUse, ...] = ()
    identities: dict[str, str] = {}
    try:
        extensions = list(certificate.extensions)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return uses, identities
    for extension in extensions:
        value, oid = extension.value, extension.oid.dotted_string
        if isinstance(value, x509.KeyUsage):
            uses = _uses(value)
        elif isinstance(value, x509.UnrecognizedExtension) and oid.startswith(IDENTITIES):
            text = _read_string(value.value)
            if text:
                identities[oid] = text
    return uses, identities


def _uses(usage: x509.KeyUsage) -> tuple[KeyUse, ...]:
    allowed = {
        KeyUse.LOGIN: usage.digital_signature,
        KeyUse.SIGN: usage.content_commitment,
        KeyUse.OPEN: usage.key_encipherment or usage.key_agreement,
    }
    return tuple(use for use, allows in allowed.items() if allows)


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(oid)
    return shown(str(values[0].value)) if values else ""


def _hexadecimal(number: int) -> str:
    """Return a serial number as people compare it: whole octets, capital letters."""
    octets = max(1, (abs(number).bit_length() + 7) // 8)
    sign = "-" if number < 0 else ""
    return sign + abs(number).to_bytes(octets, "big").hex().upper()


def _read_string(der: bytes) -> str | None:
    """Return the text of one DER character string (X.690, section 8.23), up to 255 octets."""
    charset = _CHARSETS.get(der[0]) if der else None
    head = 3 if der[1:2] == bytes([_LONG_FORM_1]) else 2
    if charset is None or len(der) < head or len(der) - head != der[head - 1]:
        return None
    if head == 2 and der[1] >= _SHORT_FORM_END:  # noqa: PLR2004 -- tag and one length octet
        return None
    try:
        text = der[head:].decode(charset)
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
