"""The demonstration's certificates, judged by OpenSSL."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from demo.certificates import SIGNING, CertificationService, make_site_certificate
from demo.home import DemoHome
from demo.identities import CITIZEN, ENTERPRISE, USCC, Identity

pytestmark = pytest.mark.quick


def _openssl_verifies(ca: Path, certificate: Path, *words: str) -> bool:
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(ca), *words, str(certificate)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("label", ["portal", "guoshui", "gongshang"])
def test_every_site_is_named_by_the_leaf(home: DemoHome, label: str) -> None:
    host = ["-verify_hostname", f"{label}.localhost"]

    assert _openssl_verifies(home.site_root, home.site_certificate, *host)


def test_a_name_that_is_not_listed_is_refused(home: DemoHome) -> None:
    host = ["-verify_hostname", "bank.localhost"]

    assert not _openssl_verifies(home.site_root, home.site_certificate, *host)


def test_the_root_cannot_vouch_for_a_name_outside_this_machine(tmp_path: Path) -> None:
    made = make_site_certificate(("portal.localhost", "bank.example"))
    (tmp_path / "root.pem").write_bytes(made.root.public_bytes(Encoding.PEM))
    (tmp_path / "leaf.pem").write_bytes(made.leaf.public_bytes(Encoding.PEM))

    assert not _openssl_verifies(tmp_path / "root.pem", tmp_path / "leaf.pem")


def test_the_constraint_is_critical() -> None:
    root = make_site_certificate(("portal.localhost",)).root

    constraint = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraint.critical
    assert constraint.value.permitted_subtrees == [x509.DNSName("localhost")]


@pytest.mark.parametrize("identity", [ENTERPRISE, CITIZEN])
def test_holders_chain_to_the_root(tmp_path: Path, identity: Identity) -> None:
    service = CertificationService()
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    serial = identity.certificate_serials[0]
    issued = service.issue(identity, key, SIGNING, serial)
    (tmp_path / "ca.pem").write_bytes(service.pem)
    (tmp_path / "holder.pem").write_bytes(issued.public_bytes(Encoding.PEM))

    assert _openssl_verifies(tmp_path / "ca.pem", tmp_path / "holder.pem")
    assert issued.serial_number == serial


def test_the_enterprise_is_known_by_its_code() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    issued = CertificationService().issue(ENTERPRISE, key, SIGNING, serial=1)

    extension = issued.extensions.get_extension_for_oid(USCC).value
    assert isinstance(extension, x509.UnrecognizedExtension)
    assert extension.value == b"\x0c\x1291990100MAYT00013L"
