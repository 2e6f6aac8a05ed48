"""Signatures by another maker: whatever ``openssl cms -sign -cades`` writes is understood."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signet_protocol.verify import Reason, verify_signature
from tests.kit.pki import KeyKind
from tests.protocol.verify.city import CONTENT, KINDS, NOW, City, refused
from tests.protocol.verify.draft import Draft, Signer

pytestmark = pytest.mark.quick


def sign(signer: Signer, folder: Path, *options: str) -> bytes:
    """Let openssl sign the content; return the DER."""
    certificate, key, document = (folder / name for name in ("c.pem", "k.pem", "d.json"))
    certificate.write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    key.write_bytes(signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    document.write_bytes(CONTENT)
    command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER"]
    command += ["-signer", str(certificate), "-inkey", str(key), "-in", str(document), *options]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_detached_signature_is_taken(
    city: City, tmp_path: Path, kind: KeyKind, digest: str
) -> None:
    cms = sign(city.signer(kind), tmp_path, "-cades", "-md", digest)
    result = verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)
    assert result.content == CONTENT
    with refused(Reason.CONTENT_DIFFERENT):
        verify_signature(cms, content=CONTENT + b" ", anchors=city.anchors, at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_an_attached_signature_is_taken(city: City, tmp_path: Path, kind: KeyKind) -> None:
    cms = sign(city.signer(kind), tmp_path, "-cades", "-nodetach")
    result = verify_signature(cms, content=None, anchors=city.anchors, at=NOW)
    assert result.content == CONTENT


def test_a_signer_named_by_key_identifier_is_taken(city: City, tmp_path: Path) -> None:
    identifier = x509.SubjectKeyIdentifier(b"\x01\x02\x03\x04")
    signer = city.signer(extensions=[(identifier, False)])
    cms = sign(signer, tmp_path, "-cades", "-keyid")
    assert verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW).content == CONTENT


def test_a_signature_without_attributes_is_refused(city: City, tmp_path: Path) -> None:
    cms = sign(city.signer(), tmp_path, "-noattr")
    with refused(Reason.ATTRIBUTES_MISSING):
        verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)


def test_a_signature_that_is_not_cades_is_refused(city: City, tmp_path: Path) -> None:
    cms = sign(city.signer(), tmp_path)
    with refused(Reason.ATTRIBUTES_WRONG):
        verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)


def test_a_signature_without_its_certificate_is_refused(city: City, tmp_path: Path) -> None:
    cms = sign(city.signer(), tmp_path, "-cades", "-nocerts")
    with refused(Reason.CERTIFICATE_MISSING):
        verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)


def test_pss_is_refused_by_name(city: City, tmp_path: Path) -> None:
    cms = sign(city.signer("rsa2048"), tmp_path, "-cades", "-keyopt", "rsa_padding_mode:pss")
    with refused(Reason.ALGORITHM_UNSUPPORTED):
        verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)


def test_indefinite_lengths_are_refused(city: City, tmp_path: Path) -> None:
    cms = sign(city.signer(), tmp_path, "-cades", "-nodetach", "-stream")
    assert cms[1] == 0x80
    with refused(Reason.SIGNATURE_MALFORMED):
        verify_signature(cms, content=None, anchors=city.anchors, at=NOW)


def test_two_signers_are_refused(city: City, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    sign(city.signer("rsa2048"), tmp_path / "first", "-cades")
    other = tmp_path / "first"
    more = ("-signer", str(other / "c.pem"), "-inkey", str(other / "k.pem"))
    cms = sign(city.signer("p256"), tmp_path, "-cades", *more)
    with refused(Reason.SIGNERS_WRONG):
        verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hand_written_signature_of_these_tests_is_one_for_openssl_too(
    city: City, tmp_path: Path, kind: KeyKind
) -> None:
    cms, document, roots = (tmp_path / name for name in ("s.p7s", "d.json", "roots.pem"))
    cms.write_bytes(Draft(city.signer(kind), CONTENT).build())
    document.write_bytes(CONTENT)
    roots.write_bytes(city.hierarchy.pem)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER"]
    command += ["-in", str(cms), "-content", str(document), "-CAfile", str(roots)]
    command += ["-purpose", "any"]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == CONTENT
