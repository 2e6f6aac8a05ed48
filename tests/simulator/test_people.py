"""The demonstration certificates: marked, of one authority, revoked as they say, and SM2's too."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from signet_protocol.gm import Sm2UnavailableError
from signet_protocol.verify import GivenRevocation, TrustAnchors, VerificationPolicy, Verifier
from signet_protocol.verify.chains import ChainBuilder
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_simulator.people import Crowd
from signet_simulator.scripts import Order
from signet_simulator.sm2_certificates import Sm2Authority
from tests.kit.running_simulator import SITE, scene
from tests.simulator.results import NONCE, openssl


def _is_trusted(certificate: x509.Certificate, *roots: x509.Certificate) -> bool:
    trust = TrustAnchors(roots)
    builder = ChainBuilder(trust, AlgorithmPolicy(), timedelta(seconds=60))
    return builder.build(certificate, datetime.now(UTC)).trusted


def test_every_name_says_that_it_is_a_demonstration(crowd: Crowd, tmp_path: Path) -> None:
    crowd.write(tmp_path)
    for file in tmp_path.glob("*.pem"):
        for certificate in x509.load_pem_x509_certificates(file.read_bytes()):
            for name in (certificate.subject, certificate.issuer):
                texts = [str(each.value) for each in name if each.oid.dotted_string != "2.5.4.6"]
                assert texts
                assert all("演示 DEMO" in text for text in texts)


def test_the_certificates_end_at_the_written_authority_for_openssl(
    crowd: Crowd, tmp_path: Path
) -> None:
    crowd.write(tmp_path)

    trusted = ("-CAfile", tmp_path / "demo-ca.pem")
    for name in ("enterprise", "enterprise-encryption", "citizen", "revoked"):
        openssl("verify", *trusted, tmp_path / f"{name}.pem")
    national = ("-CAfile", tmp_path / "demo-sm2-ca.pem", "-vfyopt", "distid:1234567812345678")
    openssl("verify", *national, tmp_path / "sm2.pem")


def test_the_certificates_of_sm2_end_at_their_root(crowd: Crowd) -> None:
    person = crowd.people["sm2"]
    assert crowd.sm2_root is not None
    assert person.encryption is not None
    for holding in (person.signing, person.encryption):
        assert _is_trusted(holding.certificate, crowd.sm2_root.certificate)


@pytest.mark.parametrize(("person", "good"), [("citizen", True), ("revoked", False)])
async def test_the_ocsp_responses_say_who_is_revoked(
    crowd: Crowd, tmp_path: Path, person: str, *, good: bool
) -> None:
    crowd.write(tmp_path)
    response = (tmp_path / f"{person}.ocsp").read_bytes()
    lists = [(tmp_path / "demo-root.crl").read_bytes()]
    verifier = Verifier(
        TrustAnchors.from_pem((tmp_path / "demo-ca.pem").read_bytes()),
        VerificationPolicy(),
        revocation=[GivenRevocation(ocsp=[response], crls=lists)],
    )
    order = Order("allow", person="citizen" if good else "revoked")
    async with scene(crowd, order) as shown:
        token = (await shown.page.call("login", nonce=NONCE))["result"]["token"]

    assert verifier.login(token, origin=SITE, nonce=NONCE).accepted is good
    assert ocsp.load_der_ocsp_response(response).serial_number == (
        crowd.people["citizen" if good else "revoked"].signing.certificate.serial_number
    )


def test_another_run_has_another_authority(crowd: Crowd) -> None:
    other = Crowd.create()

    assert other.root.certificate != crowd.root.certificate
    signing = other.people["citizen"].signing.certificate
    assert not _is_trusted(signing, crowd.root.certificate, crowd.issuing.certificate)


def test_without_sm2_on_the_machine_the_others_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unavailable(_: str) -> Sm2Authority:
        raise Sm2UnavailableError("no SM2 here")

    monkeypatch.setattr(Sm2Authority, "create", unavailable)
    alone = Crowd.create()

    assert list(alone.people) == ["enterprise", "citizen", "expired", "revoked"]
    assert "demo-sm2-ca.pem" not in {file.name for file in alone.write(tmp_path)}
