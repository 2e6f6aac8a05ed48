"""The demonstration authority: a root and one that issues, made afresh and marked in every name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import NameOID, ObjectIdentifier, ocsp

from signet_simulator.keys import ClassicKey

LIFETIME = timedelta(days=30)
"""Of all that the authority says: longer than any run, too short to be relied on."""

BACKDATED = timedelta(days=1)
"""So that a server whose clock is behind takes what was just made."""

CID = ObjectIdentifier("1.2.156.10260.4.1.1")
"""GM/T 0015: the identity number of a person."""

USCC = ObjectIdentifier("1.2.156.10260.4.1.4")
"""GM/T 0015: the number of an organisation."""

_MARK = "演示 DEMO"
_USAGES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]

SIGNING = frozenset({"digital_signature", "content_commitment"})
ENCRYPTION = frozenset({"key_encipherment", "data_encipherment"})
AUTHORITY = frozenset({"key_cert_sign", "crl_sign"})


@dataclass(frozen=True)
class Subject:
    """Whom a certificate is for; the mark is added to every name."""

    name: str
    organisation: str = ""
    identities: tuple[tuple[ObjectIdentifier, str], ...] = ()

    def as_name(self) -> x509.Name:
        """Return the distinguished name."""
        members = [(NameOID.COUNTRY_NAME, "CN")]
        if self.organisation:
            members.append((NameOID.ORGANIZATION_NAME, f"{self.organisation}（{_MARK}）"))
        members.append((NameOID.COMMON_NAME, f"{self.name}（{_MARK}）"))
        return x509.Name([x509.NameAttribute(kind, text) for kind, text in members])


def extensions_for(subject: Subject, usage: frozenset[str]) -> list[x509.ExtensionType]:
    """Return what stands in a certificate besides name and key."""
    usages = x509.KeyUsage(**{name: name in usage for name in _USAGES})
    identities = [
        x509.UnrecognizedExtension(kind, bytes([0x0C, len(text)]) + text.encode("ascii"))
        for kind, text in subject.identities
    ]
    is_authority = usage == AUTHORITY
    return [x509.BasicConstraints(ca=is_authority, path_length=None), usages, *identities]


@dataclass(frozen=True)
class DemoAuthority:
    """An authority's certificate and key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: str, parent: Self | None = None) -> Self:
        """Make an authority; without a parent it is a root."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = Subject(name)
        issuer = parent.certificate.subject if parent else subject.as_name()
        builder = start_certificate(subject, AUTHORITY, issuer, key)
        return cls(builder.sign(parent.key if parent else key, SHA256()), key)

    def issue(
        self, subject: Subject, usage: frozenset[str], key: ClassicKey, *, expired: bool = False
    ) -> x509.Certificate:
        """Issue a certificate; one that is expired was valid until yesterday."""
        issuer = self.certificate.subject
        builder = start_certificate(subject, usage, issuer, key, expired=expired)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return builder.add_extension(identifier, critical=False).sign(self.key, SHA256())

    def write_crl(self, revoked: Iterable[x509.Certificate] = ()) -> bytes:
        """Return the list of what was revoked, DER."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder(
            self.certificate.subject, now - timedelta(minutes=5), now + LIFETIME
        )
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, now - BACKDATED)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)

    def write_ocsp(self, certificate: x509.Certificate, *, revoked: bool) -> bytes:
        """Return an OCSP response for a certificate, DER."""
        now = datetime.now(UTC)
        status = ocsp.OCSPCertStatus
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=certificate,
                issuer=self.certificate,
                algorithm=SHA1(),  # noqa: S303 -- names the authority, as responders do
                cert_status=status.REVOKED if revoked else status.GOOD,
                this_update=now - timedelta(minutes=5),
                next_update=now + LIFETIME,
                revocation_time=now - BACKDATED if revoked else None,
                revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        )
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)


def start_certificate(
    subject: Subject,
    usage: frozenset[str],
    issuer: x509.Name,
    key: ClassicKey,
    *,
    expired: bool = False,
) -> x509.CertificateBuilder:
    """Return a certificate that still has to be signed."""
    now = datetime.now(UTC)
    ends = now - BACKDATED if expired else now + LIFETIME
    builder = x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject.as_name(),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=(ends - LIFETIME) if expired else now - BACKDATED,
        not_valid_after=ends,
    )
    for extension in extensions_for(subject, usage):
        critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
        builder = builder.add_extension(extension, critical=critical)
    return builder


def make_rsa_key() -> rsa.RSAPrivateKey:
    """Make a key as enterprise tokens have it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_p256_key() -> ec.EllipticCurvePrivateKey:
    """Make a key as citizen cards have it."""
    return ec.generate_private_key(ec.SECP256R1())
