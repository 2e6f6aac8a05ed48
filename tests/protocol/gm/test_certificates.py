"""SM2 certificates: a foreign command issues them, chains are built over their signed octets."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from signet_protocol.gm import Sm2KeyError
from signet_protocol.gm.certificates import has_sm2_key, read_sm2_key
from signet_protocol.verify.anchors import TrustAnchors
from signet_protocol.verify.chains import ChainBuilder, require_issued
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_protocol.verify.reasons import VerificationError
from tests.kit.pki import Hierarchy
from tests.protocol.gm import standard
from tests.protocol.gm.people import AUTHORITY, DISTID, PERSON, Member, issue, openssl

pytestmark = pytest.mark.quick

NOW = datetime.now(UTC) + timedelta(hours=1)
"""Later than the certificates, which openssl makes valid from the second of their making."""


def find_chain(
    certificate: x509.Certificate, others: list[x509.Certificate], root: Member, at: datetime
) -> tuple[x509.Certificate, ...] | None:
    """Return the chain to a root, if there is one without a fault."""
    trust = TrustAnchors([root.certificate])
    builder = ChainBuilder(trust, AlgorithmPolicy(), timedelta(seconds=60))
    chain = builder.build(certificate, at, others)
    return None if chain.findings else chain.path


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether one certificate is signed by the key of another."""
    try:
        require_issued(issuer, certificate, AlgorithmPolicy())
    except VerificationError:
        return False
    return True


def test_a_key_is_read_from_a_certificate_that_openssl_made(person: Member) -> None:
    assert has_sm2_key(person.certificate)
    assert read_sm2_key(person.certificate).point == person.key.public_key.point


def test_shanghais_authority_is_issued_by_the_national_root() -> None:
    assert is_issued_by(standard.SHECA, standard.NATIONAL_ROOT)
    assert is_issued_by(standard.NATIONAL_ROOT, standard.NATIONAL_ROOT)
    assert not is_issued_by(standard.NATIONAL_ROOT, standard.SHECA)
    tbs = standard.SHECA.tbs_certificate_bytes
    key = read_sm2_key(standard.NATIONAL_ROOT)
    assert not key.verify(standard.SHECA.signature, tbs, identity=b"")


def test_a_chain_is_found_from_a_person_to_the_root(
    person: Member, authority: Member, root: Member
) -> None:
    found = find_chain(person.certificate, [authority.certificate], root, NOW)
    assert found == (person.certificate, authority.certificate, root.certificate)
    assert find_chain(person.certificate, [], root, NOW) is None


def test_openssl_takes_a_signature_of_ours_with_the_identity_named(
    person: Member, tmp_path: Path
) -> None:
    (tmp_path / "s").write_bytes(person.key.sign(b"document", identity=b"1234567812345678"))
    public = tmp_path / "p"
    public.write_bytes(openssl("x509", "-in", person.certificate_file, "-pubkey", "-noout"))
    said = openssl(
        "dgst",
        "-sm3",
        "-sigopt",
        DISTID,
        "-verify",
        public,
        "-signature",
        tmp_path / "s",
        given=b"document",
    )
    assert b"Verified OK" in said


@pytest.mark.parametrize("days", [-2, 31])
def test_a_chain_out_of_its_time_is_none(
    person: Member, authority: Member, root: Member, days: int
) -> None:
    at = NOW + timedelta(days=days)
    assert find_chain(person.certificate, [authority.certificate], root, at) is None


@pytest.mark.parametrize(
    "extensions",
    [
        "basicConstraints=critical,CA:false\nkeyUsage=critical,keyCertSign\n",
        "basicConstraints=critical,CA:true\nkeyUsage=critical,digitalSignature\n",
        "basicConstraints=critical,CA:true\n",
        AUTHORITY + "1.2.3.4=critical,ASN1:NULL\n",
    ],
    ids=["no authority", "other usage", "no usage", "unknown critical"],
)
def test_who_may_not_issue_ends_no_chain(root: Member, tmp_path: Path, extensions: str) -> None:
    wrong = issue(tmp_path, "wrong", root, extensions=extensions)
    leaf = issue(tmp_path, "leaf", wrong, extensions=PERSON)
    assert is_issued_by(leaf.certificate, wrong.certificate)
    assert find_chain(leaf.certificate, [wrong.certificate], root, NOW) is None


def test_a_path_that_is_longer_than_its_authority_allows_is_none(
    root: Member, tmp_path: Path
) -> None:
    short = AUTHORITY.replace("CA:true", "CA:true,pathlen:0")
    above = issue(tmp_path, "above", root, extensions=short)
    below = issue(tmp_path, "below", above, extensions=AUTHORITY)
    leaf = issue(tmp_path, "leaf", below, extensions=PERSON)
    others = [above.certificate, below.certificate]
    assert find_chain(leaf.certificate, others, root, NOW) is None
    direct = issue(tmp_path, "direct", above, extensions=PERSON)
    assert find_chain(direct.certificate, others, root, NOW) is not None


def test_a_certificate_signed_under_another_identity_is_not_issued(
    root: Member, tmp_path: Path
) -> None:
    leaf = issue(tmp_path, "leaf", root, extensions=PERSON, distid="distid:another")
    assert not is_issued_by(leaf.certificate, root.certificate)


def test_other_algorithms_chain_as_well_and_mixed_names_do_not(root: Member) -> None:
    city = Hierarchy.create()
    below, above = city.citizen.certificate, city.root.certificate
    assert is_issued_by(below, above)
    assert not is_issued_by(below, city.enterprise.certificate)
    assert not has_sm2_key(below)
    with pytest.raises(Sm2KeyError):
        read_sm2_key(below)
    assert not is_issued_by(root.certificate, above)
