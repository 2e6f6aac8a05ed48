"""A root that can vouch for nothing but this computer, and the one certificate it ever issues.

The root's private key lives inside one call: it signs root and leaf and is gone, never written,
never returned. Should it be copied all the same, critical name constraints (RFC 5280, section
4.2.1.10) leave it localhost, 127.0.0.1 and ::1; Chromium and Firefox both honour them on a
locally trusted root.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signet_agent.trust.stores.base import ROOT_NAME_PREFIX

LOCAL_NAME = "localhost"
LOCAL_ADDRESSES = ("127.0.0.1", "::1")

VALIDITY = timedelta(days=397)
"""What browsers long allowed a public leaf (CA/Browser Forum, ballot SC31); more is not needed."""

BACKDATE = timedelta(hours=1)
"""A clock that is set back a little after the installation must not cut the agent off."""

_NAME_OCTETS = 8
"""Sixteen hexadecimal digits: no two computers or installations share a root's name."""


@dataclass(frozen=True, slots=True)
class LoopbackCertificates:
    """A root and the leaf under it, both DER, and the leaf's key; there is no key of the root."""

    root_der: bytes
    leaf_der: bytes
    leaf_key: ec.EllipticCurvePrivateKey = field(repr=False)


def make_authority(now: datetime | None = None) -> LoopbackCertificates:
    """Make a new root and its leaf, valid for 397 days from ``now`` less one hour.

    Every call makes new keys and a new name: nothing is shared between computers, and a browser
    never sees one name with two keys.
    """
    start = (now or datetime.now(UTC)) - BACKDATE
    name = _name(ROOT_NAME_PREFIX + secrets.token_hex(_NAME_OCTETS))
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _root(name, root_key.public_key(), start).sign(root_key, SHA256())
    leaf = _leaf(root, leaf_key.public_key(), start).sign(root_key, SHA256())
    del root_key
    return LoopbackCertificates(
        root_der=root.public_bytes(Encoding.DER),
        leaf_der=leaf.public_bytes(Encoding.DER),
        leaf_key=leaf_key,
    )


def root_name(root_der: bytes) -> str:
    """Return the name of a root, its subject's common name: stores know it by this name.

    Raises:
        ValueError: the octets are not a certificate with one.
    """
    subject = x509.load_der_x509_certificate(root_der).subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not names:
        message = "the certificate has no common name"
        raise ValueError(message)
    return str(names[0].value)


def _root(
    name: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime
) -> x509.CertificateBuilder:
    """Describe the root: signs certificates only, none below the next, only for this computer."""
    return (
        _described(name, name, key, start)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_only_this_computer(), critical=True)
    )


def _leaf(
    root: x509.Certificate, key: ec.EllipticCurvePublicKey, start: datetime
) -> x509.CertificateBuilder:
    """Describe the leaf: a server's certificate under the three names of this computer."""
    names: list[x509.GeneralName] = [x509.DNSName(LOCAL_NAME)]
    names += [x509.IPAddress(ip_address(address)) for address in LOCAL_ADDRESSES]
    issuer_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _described(_name(LOCAL_NAME), root.subject, key, start)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id),
            critical=False,
        )
    )


def _described(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime
) -> x509.CertificateBuilder:
    """Start a description with what root and leaf have alike."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + VALIDITY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _only_this_computer() -> x509.NameConstraints:
    """Permit the name localhost and its two addresses, each as a network of one."""
    permitted: list[x509.GeneralName] = [x509.DNSName(LOCAL_NAME)]
    permitted += [x509.IPAddress(ip_network(address)) for address in LOCAL_ADDRESSES]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Allow either certificates or TLS handshakes, and nothing beside."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
