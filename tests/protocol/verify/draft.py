"""A CMS signature written by hand, member by member, so that a test can get any one of them wrong.

It shares no code with the reader under test: the octets are put together here.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.kit.pki import PrivateKey

ID_DATA = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"

DIGEST_OIDS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSA_OIDS = {
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
ECDSA_OIDS = {
    "md5": "1.2.840.10045.4.3.2",
    "sha1": "1.2.840.10045.4.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 -- to show that it is refused
    "sha1": hashes.SHA1(),  # noqa: S303 -- to show that it is refused
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
SIGNED_AT = datetime(2026, 3, 9, 8, 30, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Signer:
    """A person's certificate and the key that belongs to it."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)

    def sign(self, octets: bytes, digest: str = "sha256") -> bytes:
        """Sign octets; an ECDSA signature comes as DER."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(octets, padding.PKCS1v15(), HASHES[digest])
        return self.key.sign(octets, ec.ECDSA(HASHES[digest]))


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one DER element."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def oid(dotted: str) -> bytes:
    """Return a DER OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    octets = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        octets += bytes(reversed(groups))
    return tlv(0x06, bytes(octets))


def integer(number: int) -> bytes:
    """Return a DER INTEGER that is not negative."""
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def sequence(*parts: bytes) -> bytes:
    """Return a DER SEQUENCE."""
    return tlv(0x30, *parts)


def set_of(parts: Iterable[bytes], tag: int = 0x31) -> bytes:
    """Return a DER SET OF: its members in ascending order."""
    return tlv(tag, *sorted(parts))


def algorithm(dotted: str, parameters: bytes = b"") -> bytes:
    """Return an AlgorithmIdentifier."""
    return sequence(oid(dotted), parameters)


def attribute(dotted: str, *values: bytes) -> bytes:
    """Return an Attribute."""
    return sequence(oid(dotted), set_of(values))


def utc_time(moment: datetime) -> bytes:
    """Return a DER UTCTime."""
    return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))


def signing_certificate(certificate_hash: bytes, *more: bytes, hash_name: bytes = b"") -> bytes:
    """Return a SigningCertificateV2 of one ESSCertIDv2."""
    reference = sequence(hash_name, tlv(0x04, certificate_hash), *more)
    return sequence(sequence(reference))


NULL = tlv(0x05)


class Draft:
    """A correct detached CAdES-B signature whose members a test may change before ``build``."""

    def __init__(self, signer: Signer, content: bytes, digest: str = "sha256") -> None:
        """Fill in every member as RFC 5652 wants it."""
        self.signer = signer
        self.digest = digest
        self.attributes: dict[str, bytes] = {
            CONTENT_TYPE: attribute(CONTENT_TYPE, oid(ID_DATA)),
            SIGNING_TIME: attribute(SIGNING_TIME, utc_time(SIGNED_AT)),
            MESSAGE_DIGEST: attribute(
                MESSAGE_DIGEST, tlv(0x04, hashlib.new(digest, content).digest())
            ),
            SIGNING_CERTIFICATE_V2: attribute(
                SIGNING_CERTIFICATE_V2, signing_certificate(hashlib.sha256(signer.der).digest())
            ),
        }
        self.embedded: bytes | None = None
        self.content_kind = ID_DATA
        self.kind = ID_SIGNED_DATA
        self.version = 1
        self.signer_version = 1
        self.identifier = sequence(
            signer.certificate.issuer.public_bytes(), integer(signer.certificate.serial_number)
        )
        self.digest_algorithm = algorithm(DIGEST_OIDS[digest])
        self.digest_algorithms = [self.digest_algorithm]
        if isinstance(signer.key, rsa.RSAPrivateKey):
            self.signature_algorithm = algorithm(RSA_ENCRYPTION, NULL)
        else:
            self.signature_algorithm = algorithm(ECDSA_OIDS[digest])
        self.certificates = [signer.der]
        self.unsigned: list[bytes] = []
        self.revocation: list[bytes] = []
        self.signature: bytes | None = None

    def set_reference(self, *values: bytes) -> None:
        """Replace what the signature says of its certificate."""
        self.attributes[SIGNING_CERTIFICATE_V2] = attribute(SIGNING_CERTIFICATE_V2, *values)

    def signed_attributes(self) -> bytes:
        """Return the octets that the signature covers."""
        return set_of(self.attributes.values())

    def signer_info(self) -> bytes:
        """Sign, and return the SignerInfo."""
        over = self.signed_attributes()
        signature = self.signature
        if signature is None:
            signature = self.signer.sign(over, self.digest)
        return sequence(
            integer(self.signer_version),
            self.identifier,
            self.digest_algorithm,
            b"\xa0" + over[1:] if self.attributes else b"",
            self.signature_algorithm,
            tlv(0x04, signature),
            set_of(self.unsigned, 0xA1) if self.unsigned else b"",
        )

    def build(self, signer_infos: list[bytes] | None = None) -> bytes:
        """Return the whole signature, with other signers when they are given."""
        content = tlv(0xA0, tlv(0x04, self.embedded)) if self.embedded is not None else b""
        signed_data = sequence(
            integer(self.version),
            set_of(self.digest_algorithms),
            sequence(oid(self.content_kind), content),
            set_of(self.certificates, 0xA0) if self.certificates else b"",
            set_of(self.revocation, 0xA1) if self.revocation else b"",
            set_of([self.signer_info()] if signer_infos is None else signer_infos),
        )
        return sequence(oid(self.kind), tlv(0xA0, signed_data))
