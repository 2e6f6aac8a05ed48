"""SM2 beside RSA and ECDSA: logins, signatures, chains and revocation, through the one verifier."""

import hashlib
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gmssl_pyx
import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from signet_agent.documents.formats.cms import CadesFormat
from signet_agent.documents.formats.gmt0010 import Gmt0010Format
from signet_agent.model import Algorithm
from signet_protocol.gm import Sm2PublicKey, Sm2UnavailableError
from signet_protocol.gm.certificates import read_sm2_key
from signet_protocol.gm.gmt0009 import write_signature
from signet_protocol.gm.gmt0010 import Dialect, write_attributes, write_signed_message
from signet_protocol.gm.issuing import convert, sign
from signet_protocol.gm.sm3 import sm3
from signet_protocol.verify import (
    GivenRevocation,
    PolicyError,
    Reason,
    RevocationPolicy,
    RevocationState,
    TrustAnchors,
    VerificationPolicy,
    Verifier,
    verify_signature,
)
from signet_protocol.verify.chains import require_issued
from signet_protocol.verify.policy import LoginUse, SignatureUse
from tests.kit.national import Sm2Authority, Sm2Person
from tests.kit.pki import CITIZEN, Hierarchy, private_key
from tests.protocol.gm import standard
from tests.protocol.verify.city import CONTENT, NONCE, ORIGIN, City, refused, write_token
from tests.protocol.verify.draft import SIGNING_TIME, Signer, oid, sequence, set_of, tlv, utc_time

pytestmark = pytest.mark.quick

NOW = datetime.now(UTC).replace(microsecond=0)
IGNORED = RevocationPolicy(mode="ignore")


@pytest.fixture(scope="module")
def root() -> Sm2Authority:
    return Sm2Authority.create("国密根")


@pytest.fixture(scope="module")
def authority(root: Sm2Authority) -> Sm2Authority:
    return Sm2Authority.create("国密市民 CA", root)


@pytest.fixture(scope="module")
def person(authority: Sm2Authority) -> Sm2Person:
    return authority.issue()


@pytest.fixture(scope="module")
def city() -> City:
    return City()


@pytest.fixture
def verifier(root: Sm2Authority, authority: Sm2Authority, city: City) -> Verifier:
    return verifier_of(root.pem + authority.pem + city.hierarchy.pem)


def verifier_of(pem: bytes, policy: VerificationPolicy | None = None) -> Verifier:
    accepted = policy or VerificationPolicy(revocation=IGNORED)
    return Verifier(TrustAnchors.from_pem(pem), accepted, clock=lambda: NOW)


def token_of(
    person: Sm2Person,
    *,
    origin: str = ORIGIN,
    nonce: str = NONCE,
    prefix: bytes = b"SIGNET-SM2-LOGIN",
) -> dict[str, object]:
    signed = prefix + sm3(origin.encode()) + sm3(nonce.encode())
    return {
        "format": "signet-sm2:1",
        "algorithm": "SM2",
        "unverifiedCertificate": b64encode(person.der).decode(),
        "signature": b64encode(person.sign(signed)).decode(),
        "appVersion": "signet/0.1.0",
    }


def reasons(report: object) -> list[Reason]:
    return [one.reason for one in report.findings if one.severity == "error"]  # type: ignore[attr-defined]  # both kinds of report have findings


def test_a_login_with_sm2_is_accepted_beside_one_with_ecdsa(
    verifier: Verifier, person: Sm2Person, city: City
) -> None:
    report = verifier.login(token_of(person), origin=ORIGIN, nonce=NONCE)
    assert (report.accepted, report.algorithm) == (True, "SM2-SM3")
    assert [one.key for one in report.chain] == ["SM2", "SM2", "SM2"]
    assert report.holder is not None
    assert report.holder.cid == "990101199001010011"
    other = write_token(city.signer(), "p256")
    assert verifier.login(other, origin=ORIGIN, nonce=NONCE).accepted


def test_a_foreign_library_takes_the_octets_that_a_login_signs(person: Sm2Person) -> None:
    signature = write_signature(b64decode(str(token_of(person)["signature"])))
    signed = b"SIGNET-SM2-LOGIN" + sm3(ORIGIN.encode()) + sm3(NONCE.encode())
    point = person.key.public_key.point[1:]
    assert gmssl_pyx.sm2_verify(point, signed, signature, b"1234567812345678")


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://other.localhost:8443"},
        {"nonce": b64encode(bytes(32)).decode()},
        {"prefix": b""},
        {"prefix": b"SIGNET-SM2-LOGON"},
    ],
    ids=["origin", "nonce", "no prefix", "other prefix"],
)
def test_a_login_for_something_else_is_refused(
    verifier: Verifier, person: Sm2Person, change: dict[str, str]
) -> None:
    token = token_of(person, **change)  # type: ignore[arg-type]  # prefix is octets
    report = verifier.login(token, origin=ORIGIN, nonce=NONCE)
    assert reasons(report) == [Reason.LOGIN_SIGNATURE_WRONG]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"format": "web-eid:1.0"}, Reason.ALGORITHM_UNSUPPORTED),
        ({"format": "web-eid:1.1", "algorithm": "ES256"}, Reason.ALGORITHM_UNSUITABLE),
        ({"algorithm": "ES256"}, Reason.ALGORITHM_UNSUPPORTED),
        ({"algorithm": "sm2"}, Reason.ALGORITHM_UNSUPPORTED),
        ({"format": "signet-sm2:1.0"}, Reason.LOGIN_FORMAT_UNSUPPORTED),
        ({"format": "signet-sm2:2"}, Reason.LOGIN_FORMAT_UNSUPPORTED),
    ],
)
def test_neither_form_takes_an_algorithm_of_the_other(
    verifier: Verifier, person: Sm2Person, members: dict[str, object], reason: Reason
) -> None:
    report = verifier.login(token_of(person) | members, origin=ORIGIN, nonce=NONCE)
    assert reason in reasons(report)


def test_a_web_eid_token_does_not_pass_for_one_of_sm2(verifier: Verifier, city: City) -> None:
    token = write_token(city.signer(), "p256") | {"format": "signet-sm2:1", "algorithm": "SM2"}
    report = verifier.login(token, origin=ORIGIN, nonce=NONCE)
    assert reasons(report) == [Reason.ALGORITHM_UNSUITABLE]


@pytest.mark.parametrize("written", [bytes(64), bytes(63), b""], ids=["zeros", "short", "empty"])
def test_a_signature_that_is_not_two_numbers_is_refused(
    verifier: Verifier, person: Sm2Person, written: bytes
) -> None:
    token = token_of(person) | {"signature": b64encode(written).decode()}
    report = verifier.login(token, origin=ORIGIN, nonce=NONCE)
    assert reasons(report) == [Reason.LOGIN_MALFORMED]


def test_der_is_not_the_form_of_a_login(verifier: Verifier, person: Sm2Person) -> None:
    token = token_of(person)
    der = write_signature(b64decode(str(token["signature"])))
    token["signature"] = b64encode(der).decode()
    report = verifier.login(token, origin=ORIGIN, nonce=NONCE)
    assert reasons(report) == [Reason.LOGIN_MALFORMED]


def test_a_policy_may_ask_for_either_algorithm_by_purpose(
    root: Sm2Authority, authority: Sm2Authority, person: Sm2Person, city: City
) -> None:
    pem = root.pem + authority.pem + city.hierarchy.pem
    policy = VerificationPolicy(
        revocation=IGNORED,
        login=LoginUse(algorithms=("RSA-SHA256", "ECDSA-SHA256")),
        signature=SignatureUse(algorithms=("SM2-SM3",)),
    )
    verifier = verifier_of(pem, policy)
    report = verifier.login(token_of(person), origin=ORIGIN, nonce=NONCE)
    assert reasons(report) == [Reason.ALGORITHM_UNSUPPORTED]
    other = write_token(city.signer(), "p256")
    assert verifier.login(other, origin=ORIGIN, nonce=NONCE).accepted
    assert verifier.signature(message_of(person), content=CONTENT).accepted
    signer = city.signer()
    plain = by_agent(CadesFormat(), signer.der, lambda octets: raw(signer, octets), "ES256")
    assert Reason.ALGORITHM_UNSUPPORTED in reasons(verifier.signature(plain, content=CONTENT))


def raw(signer: Signer, octets: bytes) -> bytes:
    return b"".join(n.to_bytes(32, "big") for n in decode_dss_signature(signer.sign(octets)))


def test_a_use_asks_for_nothing_that_is_not_accepted_at_all() -> None:
    with pytest.raises(PolicyError):
        VerificationPolicy.from_toml(
            '[algorithms]\naccepted = ["RSA-SHA256"]\n[login]\nalgorithms = ["SM2-SM3"]\n'
        )
    text = '[signature]\nalgorithms = ["SM2-SM3"]\n'
    assert VerificationPolicy.from_toml(text).signature.algorithms == ("SM2-SM3",)


def message_of(
    person: Sm2Person, dialect: Dialect = Dialect.GM, *, content: bytes | None = None
) -> bytes:
    """Sign with GM/T 0010's own three attributes, as other makers do."""
    attributes = write_attributes(sm3(CONTENT), NOW, dialect)
    return write_signed_message(
        person.certificate,
        person.sign(attributes),
        content=content,
        attributes=attributes,
        dialect=dialect,
    )


def by_agent(
    form: CadesFormat, certificate: bytes, sign_octets: Callable[[bytes], bytes], name: str = "SM2"
) -> bytes:
    """Sign as the agent does."""
    algorithm = Algorithm(name)
    digest = sm3(CONTENT)
    if algorithm is not Algorithm.SM2:
        digest = hashlib.sha256(CONTENT).digest()
    attributes = form.bind(digest, certificate, algorithm, int(NOW.timestamp()))
    return form.finish(attributes, certificate, algorithm, sign_octets(attributes), None)


@pytest.mark.parametrize("attached", [True, False])
@pytest.mark.parametrize("dialect", Dialect)
def test_a_message_of_either_dialect_is_accepted(
    verifier: Verifier, person: Sm2Person, dialect: Dialect, attached: bool
) -> None:
    signed = message_of(person, dialect, content=CONTENT if attached else None)
    report = verifier.signature(signed, content=CONTENT)
    assert report.accepted, report.findings
    assert (report.algorithm, report.attached, report.content) == ("SM2-SM3", attached, CONTENT)
    assert report.signed_at == NOW


@pytest.mark.parametrize("form", [CadesFormat(), Gmt0010Format()], ids=["cades-b", "gmt0010"])
def test_both_of_the_agents_formats_are_accepted(
    verifier: Verifier, person: Sm2Person, form: CadesFormat
) -> None:
    report = verifier.signature(by_agent(form, person.der, person.sign), content=CONTENT)
    assert report.accepted, report.findings


@pytest.mark.parametrize("form", [CadesFormat(), Gmt0010Format()], ids=["cades-b", "gmt0010"])
def test_a_certificate_of_the_same_key_cannot_take_the_place_of_the_signers(
    verifier: Verifier, authority: Sm2Authority, person: Sm2Person, form: CadesFormat
) -> None:
    twin = authority.issue(replace(CITIZEN, name="李四 样例"))
    attributes = form.bind(sm3(CONTENT), person.der, Algorithm.SM2, int(NOW.timestamp()))
    moved = form.finish(attributes, twin.der, Algorithm.SM2, person.sign(attributes), None)
    report = verifier.signature(moved, content=CONTENT)
    assert reasons(report) == [Reason.CERTIFICATE_REFERENCE_WRONG]


def test_a_changed_message_is_refused(verifier: Verifier, person: Sm2Person) -> None:
    signed = message_of(person, content=CONTENT)
    other = CONTENT.replace(b"12840", b"12841")
    changed = signed.replace(CONTENT, other)
    assert Reason.DIGEST_WRONG in reasons(verifier.signature(changed, content=None))
    assert Reason.CONTENT_DIFFERENT in reasons(verifier.signature(signed, content=other))
    flipped = signed[:-1] + bytes([signed[-1] ^ 1])
    assert reasons(verifier.signature(flipped, content=CONTENT)) == [Reason.SIGNATURE_WRONG]


def test_a_message_without_a_signing_time_has_none_to_tell(
    root: Sm2Authority, authority: Sm2Authority, verifier: Verifier, person: Sm2Person
) -> None:
    time = sequence(oid(SIGNING_TIME), set_of([utc_time(NOW)]))
    whole = write_attributes(sm3(CONTENT), NOW, Dialect.GM)
    assert time in whole
    attributes = set_of(one for one in split(whole) if one != time)
    signed = write_signed_message(
        person.certificate, person.sign(attributes), content=None, attributes=attributes
    )
    report = verifier.signature(signed, content=CONTENT)
    assert (report.accepted, report.signed_at) == (True, None)
    anchors = TrustAnchors.from_pem(root.pem + authority.pem)
    with refused(Reason.ATTRIBUTES_MISSING):
        verify_signature(signed, content=CONTENT, anchors=anchors, at=NOW)


def split(whole: bytes) -> Iterator[bytes]:
    """Yield the elements of a short SET."""
    rest = whole[2:]
    while rest:
        yield rest[: rest[1] + 2]
        rest = rest[rest[1] + 2 :]


def test_a_message_without_attributes_is_refused_for_it_might_be_a_login(
    verifier: Verifier, person: Sm2Person
) -> None:
    bare = write_signed_message(
        person.certificate, person.sign(CONTENT), content=CONTENT, attributes=None
    )
    assert Reason.ATTRIBUTES_MISSING in reasons(verifier.signature(bare, content=None))


def test_names_of_both_dialects_do_not_mix(verifier: Verifier, person: Sm2Person) -> None:
    gm, rfc = (
        bytes.fromhex(text) for text in ("060a2a811ccf550601040201", "06092a864886f70d010701")
    )
    attributes = write_attributes(sm3(CONTENT), NOW, Dialect.PKCS7)
    signed = write_signed_message(
        person.certificate, person.sign(attributes), content=None, attributes=attributes
    )
    assert (gm in signed, rfc in signed) == (True, True)
    assert Reason.ATTRIBUTES_WRONG in reasons(verifier.signature(signed, content=CONTENT))


def test_chains_may_mix_algorithms(city: City, person: Sm2Person) -> None:
    mixed = convert_under_p256(city.hierarchy, person)
    report = verifier_of(city.hierarchy.pem).signature(message_of(mixed), content=CONTENT)
    assert report.accepted, report.findings
    assert [one.key for one in report.chain] == ["SM2", "P-256", "P-256"]


def convert_under_p256(city: Hierarchy, person: Sm2Person) -> Sm2Person:
    """Return the person with a certificate for the same key, signed by ECDSA."""
    key = private_key("p256")
    template = city.citizen.issue(CITIZEN, key.public_key())
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    octets = template.tbs_certificate_bytes.replace(spki, person.key.public_key.spki)
    issuer = city.citizen.key
    assert isinstance(issuer, ec.EllipticCurvePrivateKey)
    value = asn1.encode_der(asn1.BitString(issuer.sign(octets, ec.ECDSA(SHA256())), 0))
    body = octets + bytes.fromhex("300a06082a8648ce3d040302") + value
    der = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    return Sm2Person(x509.load_der_x509_certificate(der), person.key)


def test_shanghais_authority_chains_to_the_national_root() -> None:
    key = read_sm2_key(standard.NATIONAL_ROOT)
    assert isinstance(key, Sm2PublicKey)
    policy = VerificationPolicy().algorithms
    require_issued(standard.NATIONAL_ROOT, standard.SHECA, policy)


def test_a_chain_signed_by_another_key_is_not_trusted(
    verifier: Verifier, authority: Sm2Authority
) -> None:
    stranger = Sm2Authority(authority.template, authority.certificate, authority.issue().key)
    report = verifier.signature(message_of(stranger.issue()), content=CONTENT)
    assert Reason.CERTIFICATE_UNTRUSTED in reasons(report)


def test_where_there_is_no_sm2_the_report_says_so(
    verifier: Verifier, person: Sm2Person, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(der: bytes) -> Sm2PublicKey:
        del der
        message = "no SM2 here: this build of libcrypto was made without it"
        raise Sm2UnavailableError(message)

    monkeypatch.setattr(Sm2PublicKey, "from_point", refuse)
    report = verifier.login(token_of(person), origin=ORIGIN, nonce=NONCE)
    assert Reason.SM2_UNAVAILABLE in reasons(report)
    assert "国密" in Reason.SM2_UNAVAILABLE.sentence
    other = write_token(city.signer(), "p256")
    assert verifier.login(other, origin=ORIGIN, nonce=NONCE).accepted


def list_of(authority: Sm2Authority, *revoked: x509.Certificate) -> bytes:
    """Return an authority's CRL, signed with SM2."""
    builder = x509.CertificateRevocationListBuilder(
        authority.certificate.subject, NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder(one.serial_number, NOW - timedelta(hours=1))
        builder = builder.add_revoked_certificate(entry.build())
    template = builder.sign(authority.template.key, SHA256())
    return sign(template.tbs_certlist_bytes, authority.key)


@pytest.mark.parametrize("revoked", [False, True])
def test_a_list_signed_with_sm2_tells_of_revocation(
    root: Sm2Authority, authority: Sm2Authority, person: Sm2Person, revoked: bool
) -> None:
    lists = [list_of(root), list_of(authority, *[person.certificate] * revoked)]
    verifier = Verifier(
        TrustAnchors.from_pem(root.pem + authority.pem),
        revocation=[GivenRevocation(crls=lists)],
        clock=lambda: NOW,
    )
    report = verifier.login(token_of(person), origin=ORIGIN, nonce=NONCE)
    assert report.accepted is not revoked
    state = RevocationState.REVOKED if revoked else RevocationState.GOOD
    assert report.chain[0].revocation.state is state


def answer_of(authority: Sm2Authority, person: Sm2Person, status: ocsp.OCSPCertStatus) -> bytes:
    """Return an OCSP response about a person, signed by the authority itself with SM2."""
    template = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=person.certificate,
            issuer=authority.template.certificate,
            algorithm=SHA1(),  # noqa: S303 -- names the authority, as responders do
            cert_status=status,
            this_update=NOW,
            next_update=NOW + timedelta(hours=1),
            revocation_time=NOW if status is ocsp.OCSPCertStatus.REVOKED else None,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, authority.template.certificate)
        .sign(authority.template.key, SHA256())
    )
    spki = authority.template.key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    named, meant = (
        hashlib.new("sha1", point, usedforsecurity=False).digest()
        for point in (spki[-65:], authority.key.public_key.point)
    )
    basic = sign(template.tbs_response_bytes.replace(named, meant), authority.key)
    return ocsp_response(basic)


def ocsp_response(basic: bytes) -> bytes:
    """Return a successful response around a basic one (RFC 6960, 4.2.1)."""
    kind = bytes.fromhex("06092b0601050507300101")
    inner = tlv(0xA0, sequence(kind, tlv(0x04, basic)))
    return sequence(bytes.fromhex("0a0100"), inner)


@pytest.mark.parametrize("status", [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED])
def test_a_response_signed_with_sm2_tells_of_revocation(
    root: Sm2Authority,
    authority: Sm2Authority,
    person: Sm2Person,
    status: ocsp.OCSPCertStatus,
) -> None:
    given = GivenRevocation(crls=[list_of(root)], ocsp=[answer_of(authority, person, status)])
    verifier = Verifier(
        TrustAnchors.from_pem(root.pem + authority.pem), revocation=[given], clock=lambda: NOW
    )
    report = verifier.login(token_of(person), origin=ORIGIN, nonce=NONCE)
    assert report.accepted is (status is ocsp.OCSPCertStatus.GOOD)
    assert report.chain[0].revocation.method == "ocsp"


def test_a_list_of_another_key_is_not_believed(
    root: Sm2Authority, authority: Sm2Authority, person: Sm2Person
) -> None:
    false = Sm2Authority(authority.template, authority.certificate, person.key)
    verifier = Verifier(
        TrustAnchors.from_pem(root.pem + authority.pem),
        revocation=[GivenRevocation(crls=[list_of(root), list_of(false)])],
        clock=lambda: NOW,
    )
    report = verifier.login(token_of(person), origin=ORIGIN, nonce=NONCE)
    assert not report.accepted


def test_a_point_off_the_curve_is_an_unsuitable_key(
    verifier: Verifier, authority: Sm2Authority, person: Sm2Person
) -> None:
    class OffCurve:
        spki = person.key.public_key.spki[:-1] + bytes([person.key.public_key.spki[-1] ^ 1])

    template = authority.template.issue(CITIZEN, private_key("p256").public_key())
    wrong = convert(template, OffCurve(), authority.key)  # type: ignore[arg-type]  # no key object has such a point
    report = verifier.signature(message_of(Sm2Person(wrong, person.key)), content=CONTENT)
    assert Reason.CERTIFICATE_KEY_UNSUITABLE in reasons(report)


def test_openssl_prints_and_verifies_a_converted_certificate(
    root: Sm2Authority, authority: Sm2Authority, person: Sm2Person, tmp_path: Path
) -> None:
    (tmp_path / "tbs").write_bytes(person.certificate.tbs_certificate_bytes)
    (tmp_path / "value").write_bytes(person.certificate.signature)
    (tmp_path / "key").write_bytes(authority.key.public_key.spki)
    command = ["openssl", "dgst", "-sm3", "-sigopt", "distid:1234567812345678", "-keyform", "DER"]
    command += ["-verify", str(tmp_path / "key"), "-signature", str(tmp_path / "value")]
    done = subprocess.run([*command, str(tmp_path / "tbs")], capture_output=True, check=False)
    assert b"Verified OK" in done.stdout, done.stderr
    assert root.certificate.subject == authority.certificate.issuer
