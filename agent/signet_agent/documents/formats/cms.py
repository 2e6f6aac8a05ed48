"""CAdES-B signatures (ETSI EN 319 122-1, level B) over CMS (RFC 5652), detached and attached.

The structure is constant but for seven values, so it is written as DER around them. Signed are
always four attributes, never the document itself: contentType, signingTime, messageDigest and
signingCertificateV2 (RFC 5035); what a login signs can therefore never pass for a document.
"""

from collections.abc import Mapping
from hashlib import new, sha256
from typing import NamedTuple

from signet_agent.documents.formats.base import FormatError
from signet_agent.documents.formats.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_4,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    DerError,
    encode,
    encode_integer,
    encode_time,
    read_element,
    read_sequence,
)
from signet_agent.model import Algorithm

MAX_CERTIFICATE_BYTES = 64 * 1024
"""Certificates of persons have 1 to 3 KiB; beyond this it is something else."""

MAX_SIGNATURE_BYTES = 2048
"""RSA of 16384 bits, the largest any token or library makes."""

_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")  # 1.2.840.113549.1.9.3
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # 1.2.840.113549.1.9.4
_SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")  # 1.2.840.113549.1.9.5
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")  # 1.2.840.113549.1.9.16.2.47

_VERSION_1 = encode_integer(1)
"""Of SignedData with plain data and of SignerInfo by issuer and serial (RFC 5652, 5.1 and 5.3)."""


class Suite(NamedTuple):
    """How an algorithm is written: two AlgorithmIdentifiers and the size of r || s."""

    digest: bytes
    signature: bytes
    pair_bytes: int = 0


def suite(digest: str, signature: str, pair_bytes: int = 0) -> Suite:
    """Return a suite of object identifiers in hexadecimal DER."""
    return Suite(
        encode(SEQUENCE, bytes.fromhex(digest)),
        encode(SEQUENCE, bytes.fromhex(signature)),
        pair_bytes,
    )


SM3 = "06082a811ccf55018311"  # 1.2.156.10197.1.401

_SUITES = {
    # SHA-2 without parameters (RFC 5754, section 2). RSA is named rsaEncryption with NULL (RFC
    # 3370, section 3.2): every implementation reads it, and OpenSSL writes it itself.
    Algorithm.RS256: suite("0609608648016503040201", "06092a864886f70d0101010500"),
    # ecdsa-with-SHA2 without parameters (RFC 5754, section 3.3).
    Algorithm.ES256: suite("0609608648016503040201", "06082a8648ce3d040302", 64),
    Algorithm.ES384: suite("0609608648016503040202", "06082a8648ce3d040303", 96),
    Algorithm.ES512: suite("0609608648016503040203", "06082a8648ce3d040304", 132),
    # SM2 with SM3 without parameters, as certificates name it (GM/T 0006): the dialect of PKCS #7
    # that most middleware for SM2 writes.
    Algorithm.SM2: suite(SM3, "06082a811ccf55018375", 64),
}


class Names(NamedTuple):
    """What a standard calls signed messages and plain data, and the algorithms that it has."""

    signed_data: bytes
    data: bytes
    suites: Mapping[Algorithm, Suite]


_RFC_5652 = Names(
    bytes.fromhex("06092a864886f70d010702"),  # 1.2.840.113549.1.7.2
    bytes.fromhex("06092a864886f70d010701"),  # 1.2.840.113549.1.7.1
    _SUITES,
)


class CadesFormat:
    """The format ``cades-b``, and by other names ``gmt0010``."""

    def __init__(self, names: Names = _RFC_5652) -> None:
        """Take the names to write."""
        self._names = names

    def bind(
        self, digest: bytes, certificate: bytes, algorithm: Algorithm, signed_at: int
    ) -> bytes:
        """Return the signed attributes, a SET OF in DER (RFC 5652, section 5.4).

        Raises:
            FormatError: the algorithm is not one of this format, the digest has the wrong size, or
                the certificate cannot be read.
        """
        self._suite(algorithm)
        if len(digest) != new(algorithm.hash_name).digest_size:
            message = "the digest is not of the algorithm's hash"
            raise FormatError(message)
        issuer, serial = _name_certificate(certificate)
        try:
            signing_time = encode_time(signed_at)
        except DerError as error:
            raise FormatError(str(error)) from error
        attributes = [
            encode(SEQUENCE, _CONTENT_TYPE, encode(SET, self._names.data)),
            encode(SEQUENCE, _SIGNING_TIME, encode(SET, signing_time)),
            encode(SEQUENCE, _MESSAGE_DIGEST, encode(SET, encode(OCTET_STRING, digest))),
            encode(
                SEQUENCE,
                _SIGNING_CERTIFICATE_V2,
                encode(SET, _reference(certificate, issuer, serial)),
            ),
        ]
        attributes.sort()  # X.690, section 11.6: a SET OF is ordered by encoding
        return encode(SET, *attributes)

    def finish(
        self,
        attributes: bytes,
        certificate: bytes,
        algorithm: Algorithm,
        signature: bytes,
        content: bytes | None,
    ) -> bytes:
        """Return SignedData in its ContentInfo (RFC 5652, sections 3 and 5.1), DER.

        Raises:
            FormatError: the algorithm is not one of this format, the attributes are not a SET, the
                certificate cannot be read, or the signature has no size of this algorithm.
        """
        written = self._suite(algorithm)
        issuer, serial = _name_certificate(certificate)
        signer = encode(
            SEQUENCE,
            _VERSION_1,
            encode(SEQUENCE, issuer, serial),
            written.digest,
            encode(CONTEXT_0, _set_content(attributes)),
            written.signature,
            encode(OCTET_STRING, _signature_value(signature, written.pair_bytes)),
        )
        embedded = b"" if content is None else encode(CONTEXT_0, encode(OCTET_STRING, content))
        signed_data = encode(
            SEQUENCE,
            _VERSION_1,
            encode(SET, written.digest),
            encode(SEQUENCE, self._names.data, embedded),
            encode(CONTEXT_0, certificate),
            encode(SET, signer),
        )
        return encode(SEQUENCE, self._names.signed_data, encode(CONTEXT_0, signed_data))

    def _suite(self, algorithm: Algorithm) -> Suite:
        found = self._names.suites.get(algorithm)
        if found is None:
            message = "the format has no name for the key's algorithm"
            raise FormatError(message)
        return found


def _name_certificate(certificate: bytes) -> tuple[bytes, bytes]:
    """Return issuer and serial number with the very octets the certificate has.

    They are copied, not decoded: an issuer that is re-encoded may no longer match, and nothing
    inside it is looked at.
    """
    if len(certificate) > MAX_CERTIFICATE_BYTES:
        message = "the certificate is too large"
        raise FormatError(message)
    try:
        (whole,) = read_sequence(certificate, 0, len(certificate), (SEQUENCE,))
        body, _, value = read_sequence(
            certificate, whole.content, whole.end, (SEQUENCE, SEQUENCE, BIT_STRING)
        )
        start = body.content
        if read_element(certificate, start, body.end).tag == CONTEXT_0:  # version, absent in v1
            start = read_element(certificate, start, body.end).end
        serial, _, issuer = read_sequence(
            certificate, start, body.end, (INTEGER, SEQUENCE, SEQUENCE)
        )
    except DerError as error:
        message = f"the certificate cannot be read: {error}"
        raise FormatError(message) from error
    if whole.end != len(certificate) or value.end != whole.end or serial.content == serial.end:
        message = "the certificate has something left over, or an empty serial number"
        raise FormatError(message)
    return certificate[issuer.start : issuer.end], certificate[serial.start : serial.end]


def _reference(certificate: bytes, issuer: bytes, serial: bytes) -> bytes:
    """Return SigningCertificateV2 naming one certificate (RFC 5035, section 3).

    The hash is SHA-256, the default, and a default is left out in DER.
    """
    issuer_serial = encode(SEQUENCE, encode(SEQUENCE, encode(CONTEXT_4, issuer)), serial)
    certificate_id = encode(
        SEQUENCE, encode(OCTET_STRING, sha256(certificate).digest()), issuer_serial
    )
    return encode(SEQUENCE, encode(SEQUENCE, certificate_id))


def _set_content(attributes: bytes) -> bytes:
    """Return what the SET holds; in the SignerInfo it carries the tag [0] instead."""
    try:
        (whole,) = read_sequence(attributes, 0, len(attributes), (SET,))
    except DerError as error:
        message = f"the attributes are not a set: {error}"
        raise FormatError(message) from error
    if whole.end != len(attributes):
        message = "something follows the attributes"
        raise FormatError(message)
    return attributes[whole.content :]


def _signature_value(signature: bytes, pair_bytes: int) -> bytes:
    """Return RSA as it is, and r || s as Ecdsa-Sig-Value (RFC 5753, section 7.2)."""
    if not pair_bytes:
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
