"""Lists and responses by ``openssl ca -gencrl`` and ``openssl ocsp``, and ours before OpenSSL."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signet_protocol.verify import (
    GivenRevocation,
    Reason,
    RevocationPolicy,
    RevocationState,
    VerificationPolicy,
    Verifier,
)
from signet_protocol.verify.reports import LoginReport
from tests.protocol.verify.city import NONCE, ORIGIN, City, write_token
from tests.protocol.verify.draft import Signer
from tests.protocol.verify.status import List

_CONFIGURATION = """
[ca]
default_ca = city
[city]
database = index.txt
crlnumber = number
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_crl_days = 1
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid, issuer
"""


class Registry:
    """The citizen authority's register, as OpenSSL keeps one, with one person in it."""

    def __init__(self, folder: Path, city: City, *, revoked: bool) -> None:
        self.folder = folder
        self.person: Signer = city.signer()
        authority = city.hierarchy.citizen
        pkcs8 = authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "ca.pem").write_bytes(authority.pem)
        (folder / "ca.key").write_bytes(pkcs8)
        (folder / "person.pem").write_bytes(self.person.certificate.public_bytes(Encoding.PEM))
        (folder / "roots.pem").write_bytes(city.hierarchy.pem)
        (folder / "ca.cnf").write_text(_CONFIGURATION)
        (folder / "number").write_text("01\n")
        state = "R\t271231235959Z\t260101000000Z,superseded" if revoked else "V\t271231235959Z\t"
        serial = self.person.certificate.serial_number
        (folder / "index.txt").write_text(f"{state}\t{serial:018X}\tunknown\t/CN=x\n")

    def run(self, *words: str) -> str:
        command = ["openssl", *words]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def login(self, city: City, source: GivenRevocation) -> LoginReport:
        policy = VerificationPolicy(revocation=RevocationPolicy(authorities=False))
        verifier = Verifier(
            city.anchors, policy, revocation=[source], clock=lambda: datetime.now(UTC)
        )
        return verifier.login(write_token(self.person, "p256"), origin=ORIGIN, nonce=NONCE)


@pytest.mark.parametrize("revoked", [False, True])
def test_a_list_by_openssl_is_understood(city: City, tmp_path: Path, *, revoked: bool) -> None:
    registry = Registry(tmp_path, city, revoked=revoked)
    registry.run("ca", "-config", "ca.cnf", "-gencrl", "-out", "list.pem")
    registry.run("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")
    report = registry.login(city, GivenRevocation(crls=[registry.read("list.der")]))
    assert report.accepted is not revoked
    expected = RevocationState.REVOKED if revoked else RevocationState.GOOD
    assert report.chain[0].revocation.state is expected
    assert report.chain[0].revocation.why == ("superseded" if revoked else "")


@pytest.mark.parametrize("revoked", [False, True])
def test_a_response_by_openssl_is_understood(city: City, tmp_path: Path, *, revoked: bool) -> None:
    registry = Registry(tmp_path, city, revoked=revoked)
    question = ("-issuer", "ca.pem", "-cert", "person.pem")
    registry.run("ocsp", *question, "-reqout", "question.der")
    answering = ("-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key")
    registry.run(
        "ocsp", *answering, "-reqin", "question.der", "-respout", "answer.der", "-ndays", "1"
    )
    report = registry.login(city, GivenRevocation(ocsp=[registry.read("answer.der")]))
    assert report.accepted is not revoked, report.findings
    assert report.chain[0].revocation.method == "ocsp"
    assert [one.reason for one in report.errors] == [Reason.CERTIFICATE_REVOKED][: int(revoked)]


def test_the_lists_of_these_tests_are_lists_for_openssl_too(city: City, tmp_path: Path) -> None:
    registry = Registry(tmp_path, city, revoked=False)
    der = List(city.hierarchy.citizen, (registry.person.certificate,)).der()
    pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    (tmp_path / "list.pem").write_bytes(pem)
    assert "verify OK" in registry.run("crl", "-in", "list.pem", "-CAfile", "roots.pem", "-noout")
