"""The demonstration's certification service. It lives for one call; its keys are never written.

A root, an authority for enterprises and one for citizens issue the few certificates of the
demonstration, and are gone. Whoever copies the folder afterwards can issue nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from demo.identities import Identity

LOCALITY = "云汀市"
ROOT_NAME = "云汀市示例根 CA"
ENTERPRISE_AUTHORITY_NAME = "云汀市证书服务中心（示例）企业 CA"
CITIZEN_AUTHORITY_NAME = "云汀市证书服务中心（示例）市民 CA"
SITE_ROOT_NAME = "云汀市示例网站根（仅本机）"

VALIDITY = timedelta(days=365)
"""A demonstration folder that is older makes itself anew."""

BACKDATE = timedelta(days=1)
"""Clocks of demonstration machines are not always right."""

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

SIGNING = frozenset({"digital_signature", "content_commitment"})
ENCRYPTION = frozenset({"key_encipherment"})
_CERTIFICATES = frozenset({"key_cert_sign", "crl_sign"})
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

_UTF8_STRING = 0x0C
"""DER tag (X.690, table 1); the identity numbers are shorter than 128 octets."""


@dataclass(frozen=True)
class _Authority:
    """A certificate that issues others, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """Return the certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM)


class CertificationService:
    """Root, enterprise authority and citizen authority, in memory only."""

    def __init__(self) -> None:
        """Make the three authorities with new keys."""
        self._root = _make_authority(ROOT_NAME, None)
        self._enterprise = _make_authority(ENTERPRISE_AUTHORITY_NAME, self._root)
        self._citizen = _make_authority(CITIZEN_AUTHORITY_NAME, self._root)

    @property
    def pem(self) -> bytes:
        """Return the three certificates, as a department's server is told to trust them."""
        return self._root.pem + self._enterprise.pem + self._citizen.pem

    def issue(
        self, identity: Identity, key: PublicKey, usages: frozenset[str], serial: int
    ) -> x509.Certificate:
        """Issue a holder's certificate; enterprises and citizens each have their authority."""
        authority = self._enterprise if identity.organisation else self._citizen
        builder = _describe(_holder_name(identity), authority.certificate, key, serial)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        ).add_extension(_key_usage(usages), critical=True)
        for oid, number in identity.numbers.items():
            octets = number.encode("utf-8")
            value = bytes([_UTF8_STRING, len(octets)]) + octets
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
        return builder.sign(authority.key, SHA256())


@dataclass(frozen=True)
class SiteCertificate:
    """What the portal's servers show a browser; the root's key no longer exists."""

    root: x509.Certificate
    leaf: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_site_certificate(hosts: tuple[str, ...]) -> SiteCertificate:
    """Make a root that can vouch for localhost alone, and one leaf that names every host.

    A wildcard below localhost is refused by OpenSSL, so each name is listed. The constraint is
    critical (RFC 5280, section 4.2.1.10); Chromium and Firefox honour it.
    """
    only_local = x509.NameConstraints([x509.DNSName("localhost")], excluded_subtrees=None)
    root = _make_authority(SITE_ROOT_NAME, None, only_local)
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = (
        _describe(_named(hosts[0]), root.certificate, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(frozenset({"digital_signature"})), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .sign(root.key, SHA256())
    )
    return SiteCertificate(root.certificate, leaf, key)


def _make_authority(
    name: str, parent: _Authority | None, constraints: x509.NameConstraints | None = None
) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    depth = None if parent is None and constraints is None else 0
    issuer = parent.certificate if parent else None
    builder = (
        _describe(_named(name), issuer, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_key_usage(_CERTIFICATES), critical=True)
    )
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    return _Authority(builder.sign(parent.key if parent else key, SHA256()), key)


def _describe(
    subject: x509.Name,
    issuer: x509.Certificate | None,
    key: PublicKey,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    """Begin a certificate; without an issuer it is its own."""
    now = datetime.now(UTC)
    issuing_key = issuer.public_key() if issuer else key
    if not isinstance(issuing_key, PublicKey):
        message = "an authority of the demonstration has another kind of key"
        raise TypeError(message)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key), critical=False
        )
    )


def _key_usage(usages: frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in _USAGES})


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _holder_name(identity: Identity) -> x509.Name:
    members = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.LOCALITY_NAME, LOCALITY),
        (NameOID.ORGANIZATION_NAME, identity.organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, identity.unit),
        (NameOID.COMMON_NAME, identity.name),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in members if text])
