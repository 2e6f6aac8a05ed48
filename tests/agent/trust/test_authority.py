"""The root can vouch for this computer only, and nobody has its key."""

import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signet_agent.trust.authority import LoopbackCertificates, make_authority, root_name
from signet_agent.trust.certificate_folder import CertificateFolder
from signet_agent.trust.stores.base import ROOT_NAME_PREFIX

pytestmark = pytest.mark.quick

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def certificates() -> LoopbackCertificates:
    return make_authority()


def _root(certificates: LoopbackCertificates) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificates.root_der)


def _leaf(certificates: LoopbackCertificates) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificates.leaf_der)


def test_the_root_is_critically_limited_to_this_computer(
    certificates: LoopbackCertificates,
) -> None:
    limits = _root(certificates).extensions.get_extension_for_class(x509.NameConstraints)

    assert limits.critical
    assert limits.value.excluded_subtrees is None
    assert limits.value.permitted_subtrees == [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_network("127.0.0.1/32")),
        x509.IPAddress(ip_network("::1/128")),
    ]


def test_the_root_signs_certificates_only_and_no_authority_below(
    certificates: LoopbackCertificates,
) -> None:
    extensions = _root(certificates).extensions
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)

    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not any((usage.value.digital_signature, usage.value.crl_sign))


def test_the_leaf_serves_the_three_names_and_nothing_else(
    certificates: LoopbackCertificates,
) -> None:
    leaf = _leaf(certificates)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert list(uses) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    leaf.verify_directly_issued_by(_root(certificates))


def test_root_and_leaf_live_397_days_and_survive_a_clock_set_back() -> None:
    made = make_authority(NOW)

    for certificate in (_root(made), _leaf(made)):
        life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
        assert life == timedelta(days=397)
        assert certificate.not_valid_before_utc == NOW - timedelta(hours=1)


def test_root_and_leaf_use_p256(certificates: LoopbackCertificates) -> None:
    for certificate in (_root(certificates), _leaf(certificates)):
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == "secp256r1"


def _key(certificate: x509.Certificate) -> ec.EllipticCurvePublicNumbers:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key.public_numbers()


def test_no_two_installations_share_a_key_a_name_or_a_number() -> None:
    made = [make_authority() for _ in range(3)]
    every = [part(each) for each in made for part in (_root, _leaf)]

    assert len({_key(each) for each in every}) == 6
    assert len({each.serial_number for each in every}) == 6
    assert len({root_name(each.root_der) for each in made}) == 3


def test_the_roots_name_is_recognised_by_its_beginning(certificates: LoopbackCertificates) -> None:
    name = root_name(certificates.root_der)

    assert name.startswith(ROOT_NAME_PREFIX)
    assert len(name) == len(ROOT_NAME_PREFIX) + 16


def test_a_certificate_without_a_name_has_none() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    nameless = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW)
        .sign(key, SHA256())
    )

    with pytest.raises(ValueError, match="no common name"):
        root_name(nameless.public_bytes(Encoding.DER))


def test_the_roots_key_is_neither_returned_nor_written(
    certificates: LoopbackCertificates, tmp_path: Path
) -> None:
    CertificateFolder(tmp_path / "tls").replace(certificates)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    keys = [load_pem_private_key(octets, None) for octets in files if b"PRIVATE KEY" in octets]

    assert [name for name in LoopbackCertificates.__slots__ if "key" in name] == ["leaf_key"]
    assert "key" not in repr(certificates)
    assert [each.public_key() for each in keys] == [_leaf(certificates).public_key()]
    assert _root(certificates).public_key() != certificates.leaf_key.public_key()


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        (x509.DNSName("localhost"), "OK"),
        (x509.DNSName("bank.example.test"), "permitted subtree violation"),
        (x509.IPAddress(ip_address("127.0.0.2")), "permitted subtree violation"),
        (x509.IPAddress(ip_address("::2")), "permitted subtree violation"),
    ],
)
def test_openssl_refuses_any_other_name_under_these_constraints(
    certificates: LoopbackCertificates, tmp_path: Path, name: x509.GeneralName, verdict: str
) -> None:
    # Nobody can sign under the real root; this one carries the very same constraints.
    limits = _root(certificates).extensions.get_extension_for_class(x509.NameConstraints).value
    root_file, leaf_file = _forge(tmp_path, limits, name)

    said = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", root_file, leaf_file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert verdict in said.stdout + said.stderr


def _forge(folder: Path, limits: x509.NameConstraints, name: x509.GeneralName) -> tuple[Path, Path]:
    """Write a root with these constraints and a leaf for the name, under a key that we hold."""
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    usage = _root(make_authority()).extensions.get_extension_for_class(x509.KeyUsage).value
    extensions: dict[str, list[tuple[x509.ExtensionType, bool]]] = {
        "root": [
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (usage, True),
            (limits, True),
            (identifier, False),
        ],
        "leaf": [(x509.SubjectAlternativeName([name]), True), (issuer, False)],
    }
    files = []
    for subject, parts in extensions.items():
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        )
        for value, critical in parts:
            builder = builder.add_extension(value, critical=critical)
        files.append(folder / f"{subject}.pem")
        files[-1].write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return files[0], files[1]
