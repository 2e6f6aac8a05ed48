"""Only what verifies is listed; the signatures here are made by OpenSSL."""

import base64
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from demo.certificates import SIGNING, CertificationService
from demo.identities import CITIZEN, ENTERPRISE
from demo.manifest import ATTACHED, DETACHED, LOGIN, Artefact, Manifest
from demo.verification import UnverifiedError

pytestmark = pytest.mark.quick

ORIGIN = "https://guoshui.localhost:8443"
NONCE = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """A folder with a citizen's certificate and key, and a document."""
    service = CertificationService()
    key = ec.generate_private_key(ec.SECP256R1())
    issued = service.issue(CITIZEN, key.public_key(), SIGNING, CITIZEN.certificate_serials[0])
    (tmp_path / "ca.pem").write_bytes(service.pem)
    (tmp_path / "signer.pem").write_bytes(issued.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "signer.key").write_bytes(secret)
    (tmp_path / "document.txt").write_text("样例\n", "utf-8")
    return Manifest(tmp_path)


def _sign(folder: Path, *, attached: bool) -> Artefact:
    words = ["-nodetach"] if attached else []
    command = ["openssl", "cms", "-sign", "-cades", "-binary", "-outform", "DER", *words]
    command += ["-signer", "signer.pem", "-inkey", "signer.key", "-md", "sha256"]
    command += ["-in", "document.txt", "-out", "document.p7s"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    kind = ATTACHED if attached else DETACHED
    return Artefact("document.p7s", kind, "guoshui", system="GS1", content="document.txt")


@pytest.mark.parametrize("attached", [False, True])
def test_a_good_signature_is_listed_with_its_six_fields(manifest: Manifest, attached: bool) -> None:
    manifest.add(_sign(manifest.folder, attached=attached), CITIZEN)
    manifest.write()

    (entry,) = json.loads((manifest.folder / "manifest.json").read_text("utf-8"))["artefacts"]
    assert set(entry) == {"file", "kind", "department", "system", "ca", "content"}
    assert all((manifest.folder / entry[name]).exists() for name in ("file", "ca", "content"))


@pytest.mark.parametrize("attached", [False, True])
def test_a_changed_document_is_refused(manifest: Manifest, attached: bool) -> None:
    artefact = _sign(manifest.folder, attached=attached)
    (manifest.folder / "document.txt").write_text("改过的样例\n", "utf-8")

    with pytest.raises(UnverifiedError, match=r"document\.p7s"):
        manifest.add(artefact, CITIZEN)
    assert manifest.artefacts == []


def test_another_authority_is_refused(manifest: Manifest) -> None:
    artefact = _sign(manifest.folder, attached=False)
    (manifest.folder / "other.pem").write_bytes(CertificationService().pem)

    with pytest.raises(UnverifiedError, match="openssl says"):
        manifest.add(replace(artefact, ca="other.pem"), CITIZEN)


def test_a_signature_of_somebody_else_is_refused(manifest: Manifest) -> None:
    with pytest.raises(UnverifiedError, match="not by e1"):
        manifest.add(_sign(manifest.folder, attached=False), ENTERPRISE)


def test_a_signature_that_only_openssl_takes_is_refused(manifest: Manifest) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 -- too short is the point
    service = CertificationService()
    issued = service.issue(CITIZEN, key.public_key(), SIGNING, CITIZEN.certificate_serials[0])
    (manifest.folder / "ca.pem").write_bytes(service.pem)
    (manifest.folder / "signer.pem").write_bytes(issued.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (manifest.folder / "signer.key").write_bytes(secret)

    with pytest.raises(UnverifiedError):
        manifest.add(_sign(manifest.folder, attached=False), CITIZEN)


def _log_in(folder: Path, nonce: str) -> Artefact:
    """Write a login token as the agent makes it (Web eID, ES256)."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_private_key((folder / "signer.key").read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(_digest(ORIGIN) + _digest(nonce), ec.ECDSA(SHA256())))
    certificate = load_pem_x509_certificate((folder / "signer.pem").read_bytes())
    token = {
        "unverifiedCertificate": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
        "algorithm": "ES256",
        "signature": base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode(),
        "format": "web-eid:1.0",
        "appVersion": "test",
    }
    (folder / "login.json").write_text(json.dumps(token))
    (folder / "challenge.json").write_text(json.dumps({"origin": ORIGIN, "nonce": NONCE}))
    return Artefact("login.json", LOGIN, "guoshui", system="login", content="challenge.json")


def _digest(text: str) -> bytes:
    digest = Hash(SHA256())
    digest.update(text.encode())
    return digest.finalize()


def test_a_login_for_its_own_nonce_is_listed(manifest: Manifest) -> None:
    manifest.add(_log_in(manifest.folder, NONCE), CITIZEN)

    assert [artefact.kind for artefact in manifest.artefacts] == [LOGIN]


def test_a_login_for_another_nonce_is_refused(manifest: Manifest) -> None:
    other = base64.b64encode(bytes(32)).decode()

    with pytest.raises(UnverifiedError, match=r"login\.json"):
        manifest.add(_log_in(manifest.folder, other), CITIZEN)
