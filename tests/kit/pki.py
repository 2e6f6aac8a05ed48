"""A small certification service in memory: root, enterprise authority, citizen authority, people.

Everything is made afresh in a process and never written down. Keys are made once per kind and
number, because a test run would otherwise spend its minutes on finding primes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import NameOID, ObjectIdentifier

KeyKind = Literal["rsa1024", "rsa2048", "rsa3072", "p256", "p384", "p521", "k256"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Usage = frozenset[str]
Extension = tuple[x509.ExtensionType, bool]
"""An extension and whether it is critical."""

LOGIN: Usage = frozenset({"digital_signature"})
DOCUMENT: Usage = frozenset({"content_commitment"})
BOTH: Usage = LOGIN | DOCUMENT
ENCRYPTION: Usage = frozenset({"key_encipherment"})
AUTHORITY: Usage = frozenset({"key_cert_sign", "crl_sign"})

CID = ObjectIdentifier("1.2.156.10260.4.1.1")
REGISTRATION_NUMBER = ObjectIdentifier("1.2.156.10260.4.1.3")
USCC = ObjectIdentifier("1.2.156.10260.4.1.4")
TAX_NUMBER = ObjectIdentifier("1.2.156.10260.4.1.5")

_RSA_BITS = {"rsa1024": 1024, "rsa2048": 2048, "rsa3072": 3072}
_CURVES = {
    "p256": ec.SECP256R1(),
    "p384": ec.SECP384R1(),
    "p521": ec.SECP521R1(),
    "k256": ec.SECP256K1(),
}
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@cache
def private_key(kind: KeyKind, number: int = 0) -> PrivateKey:
    """Return a key; the same kind and number give the same key for the whole process."""
    if kind in _RSA_BITS:
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[kind])
    return ec.generate_private_key(_CURVES[kind])


def key_usage(usage: Usage) -> x509.KeyUsage:
    """Return the extension that names these usages and no others."""
    return x509.KeyUsage(**{name: name in usage for name in _USAGES})


@dataclass(frozen=True)
class Subject:
    """Whom a certificate is for; the identities are extensions of UTF8String."""

    name: str
    organisation: str = ""
    unit: str = ""
    locality: str = "云汀市"
    identities: Mapping[ObjectIdentifier, str] = field(default_factory=dict)
    serial_number: int | None = None

    def as_name(self) -> x509.Name:
        """Return the distinguished name, without the members that are empty."""
        members = (
            (NameOID.COUNTRY_NAME, "CN"),
            (NameOID.LOCALITY_NAME, self.locality),
            (NameOID.ORGANIZATION_NAME, self.organisation),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, self.unit),
            (NameOID.COMMON_NAME, self.name),
        )
        return x509.Name([x509.NameAttribute(oid, text) for oid, text in members if text])

    def as_extensions(self) -> list[Extension]:
        """Return the identity extensions."""
        return [
            (x509.UnrecognizedExtension(oid, _utf8_string(text)), False)
            for oid, text in self.identities.items()
        ]


ENTERPRISE = Subject(
    "张三 样例",
    organisation="云汀样例科技有限公司",
    unit="企业证书",
    identities={CID: "990101199001010011", USCC: "91990100MAYT00013L"},
    serial_number=0x59542025E001482101,
)
CITIZEN = Subject(
    "张三 样例",
    unit="市民证书",
    identities={CID: "990101199001010011"},
    serial_number=0x59542022C001007303,
)


@dataclass(frozen=True)
class Authority:
    """A certification authority: its certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @classmethod
    def create(
        cls,
        name: str,
        *,
        parent: Self | None = None,
        key: PrivateKey | None = None,
        extensions: Iterable[Extension] | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Self:
        """Make an authority; without a parent it is a root.

        ``extensions`` replace the usual ones, for authorities that are not in order.
        """
        own_key = key or ec.generate_private_key(ec.SECP256R1())
        if extensions is None:
            extensions = (
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (key_usage(AUTHORITY), True),
            )
        issuer = parent.certificate.subject if parent else Subject(name).as_name()
        builder = _start(Subject(name), issuer, own_key.public_key(), (not_before, not_after))
        certificate = _finish(builder, extensions, parent.key if parent else own_key)
        return cls(certificate, own_key)

    def issue(
        self,
        subject: Subject,
        key: PublicKey,
        *,
        usage: Usage | None = BOTH,
        extensions: Iterable[Extension] = (),
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> x509.Certificate:
        """Issue a certificate for a person; ``usage=None`` leaves keyUsage out."""
        builder = _start(subject, self.certificate.subject, key, (not_before, not_after))
        named = [(key_usage(usage), True)] if usage is not None else []
        return _finish(builder, [*named, *subject.as_extensions(), *extensions], self.key)

    @property
    def pem(self) -> bytes:
        """The authority's certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True)
class Hierarchy:
    """The city's certification service."""

    root: Authority
    enterprise: Authority
    citizen: Authority

    @classmethod
    def create(cls) -> Self:
        """Make the root and its two authorities."""
        root = Authority.create("云汀市示例根 CA")
        return cls(
            root,
            Authority.create("云汀市证书服务中心（示例）企业 CA", parent=root),
            Authority.create("云汀市证书服务中心（示例）市民 CA", parent=root),
        )

    @property
    def pem(self) -> bytes:
        """The three certificates, as a department's configuration holds them."""
        return self.root.pem + self.enterprise.pem + self.citizen.pem


def _start(
    subject: Subject,
    issuer: x509.Name,
    key: PublicKey,
    validity: tuple[datetime | None, datetime | None],
) -> x509.CertificateBuilder:
    """Begin a certificate; it is valid from yesterday and for a year unless told otherwise."""
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject.as_name(),
        public_key=key,
        serial_number=subject.serial_number or x509.random_serial_number(),
        not_valid_before=validity[0] or now - timedelta(days=1),
        not_valid_after=validity[1] or now + timedelta(days=365),
    )


def _finish(
    builder: x509.CertificateBuilder, extensions: Iterable[Extension], key: PrivateKey
) -> x509.Certificate:
    """Add the extensions and sign."""
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, hashes.SHA256())


def _utf8_string(text: str) -> bytes:
    """Return a DER UTF8String (X.690, 8.23); identities are shorter than 128 octets."""
    octets = text.encode("utf-8")
    return bytes([0x0C, len(octets)]) + octets
