"""A login token counts for one origin and one nonce, from one valid certificate."""

from base64 import b64decode, b64encode
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.verify import Holder, HolderKind, Reason, verify_login
from signet_protocol.verify.login import MAX_MEMBER_CHARS
from tests.kit.pki import DOCUMENT, ENCRYPTION, LOGIN, Authority, KeyKind, Usage
from tests.protocol.verify.city import NONCE, NOW, ORIGIN, City, refused, write_token
from tests.protocol.verify.draft import ECDSA_OIDS, algorithm, integer, sequence, tlv, utc_time

pytestmark = pytest.mark.quick

FITTING: list[tuple[KeyKind, str]] = [
    ("rsa2048", "RS256"),
    ("rsa2048", "RS384"),
    ("rsa3072", "RS512"),
    ("p256", "ES256"),
    ("p384", "ES384"),
    ("p521", "ES512"),
]
UNFITTING: list[tuple[KeyKind, str]] = [
    ("rsa2048", "ES256"),
    ("p256", "RS256"),
    ("p256", "ES384"),
    ("p384", "ES256"),
    ("p521", "ES384"),
]


def verify(city: City, token: dict[str, object], at: datetime = NOW) -> Holder:
    return verify_login(token, origin=ORIGIN, nonce=NONCE, anchors=city.anchors, at=at)


@pytest.mark.parametrize(("kind", "algorithm"), FITTING)
def test_a_login_names_its_holder(city: City, kind: KeyKind, algorithm: str) -> None:
    signer = city.signer(kind)
    holder = verify(city, write_token(signer, kind, algorithm=algorithm))
    assert (holder.name, holder.kind) == ("张三 样例", HolderKind.CITIZEN)
    assert holder == Holder.of(signer.certificate)


@pytest.mark.parametrize(("kind", "algorithm"), UNFITTING)
def test_an_algorithm_of_another_key_is_refused(city: City, kind: KeyKind, algorithm: str) -> None:
    token = write_token(city.signer(kind), kind) | {"algorithm": algorithm}
    with refused(Reason.ALGORITHM_UNSUITABLE):
        verify(city, token)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS1", "PS256", "es256", "ES256K", ""])
def test_an_algorithm_off_the_list_is_refused(city: City, algorithm: str) -> None:
    token = write_token(city.signer(), "p256") | {"algorithm": algorithm}
    with refused(Reason.ALGORITHM_UNSUPPORTED):
        verify(city, token)


@pytest.mark.parametrize("origin", ["https://guoshui.localhost", "https://evil.localhost:8443"])
def test_a_login_for_another_origin_is_refused(city: City, origin: str) -> None:
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify(city, write_token(city.signer(), "p256", origin=origin))


def test_a_login_with_another_nonce_is_refused(city: City) -> None:
    token = write_token(city.signer(), "p256", nonce=b64encode(bytes(32)).decode())
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify(city, token)


def test_origin_and_nonce_cannot_trade_places(city: City) -> None:
    token = write_token(city.signer(), "p256", origin=NONCE, nonce=ORIGIN)
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify(city, token)


def test_a_login_under_another_digest_is_refused(city: City) -> None:
    token = write_token(city.signer("rsa2048"), "rsa2048") | {"algorithm": "RS512"}
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify(city, token)


def test_another_persons_certificate_is_refused(city: City) -> None:
    token = write_token(city.signer("p256"), "p256")
    other = write_token(city.signer("rsa2048"), "rsa2048")
    token |= {name: other[name] for name in ("unverifiedCertificate", "algorithm")}
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify(city, token)


@pytest.mark.parametrize("name", ["format", "algorithm", "signature", "unverifiedCertificate"])
@pytest.mark.parametrize(
    "value", [None, 7, True, b"AA==", ["AA=="], {}, "A" * MAX_MEMBER_CHARS * 2]
)
def test_a_member_of_another_type_or_size_is_refused(city: City, name: str, value: object) -> None:
    with refused(Reason.LOGIN_MALFORMED):
        verify(city, write_token(city.signer(), "p256") | {name: value})


@pytest.mark.parametrize("name", ["format", "algorithm", "signature", "unverifiedCertificate"])
def test_a_missing_member_is_refused(city: City, name: str) -> None:
    token = write_token(city.signer(), "p256")
    del token[name]
    with refused(Reason.LOGIN_MALFORMED):
        verify(city, token)


def test_members_that_are_not_known_are_ignored(city: City) -> None:
    token = write_token(city.signer(), "p256") | {"appVersion": 7, "supported": []}
    assert verify(city, token).name == "张三 样例"


@pytest.mark.parametrize("form", ["web-eid:1.0", "web-eid:1.1", "web-eid:1.12"])
def test_later_forms_of_version_one_are_taken(city: City, form: str) -> None:
    assert verify(city, write_token(city.signer(), "p256") | {"format": form}).name == "张三 样例"


@pytest.mark.parametrize(
    "form",
    ["", "web-eid:1", "web-eid:1.", "web-eid:2.0", "WEB-EID:1.0", "web-eid:1.0\n", "sof:1.0"],
)
def test_another_form_is_refused(city: City, form: str) -> None:
    with refused(Reason.LOGIN_FORMAT_UNSUPPORTED):
        verify(city, write_token(city.signer(), "p256") | {"format": form})


@pytest.mark.parametrize("name", ["signature", "unverifiedCertificate"])
def test_base64_that_is_not_canonical_is_refused(city: City, name: str) -> None:
    token = write_token(city.signer(), "p256")
    text = str(token[name])
    variants = [text + "\n", " " + text, text.rstrip("=") + "====", text[:-1], text + "é", "=" * 4]
    if text.rstrip("=") != text:
        variants.append(text.rstrip("="))
    for variant in variants:
        with refused(Reason.LOGIN_MALFORMED):
            verify(city, token | {name: variant})


def test_an_ecdsa_signature_has_one_length(city: City) -> None:
    token = write_token(city.signer("p521"), "p521")
    raw = b64decode(str(token["signature"]))
    assert len(raw) == 132
    padded = raw[:66].rjust(67, b"\0") + raw[66:].rjust(67, b"\0")
    for variant in (b"", raw[:-1], raw + b"\0", padded):
        with refused(Reason.LOGIN_MALFORMED):
            verify(city, token | {"signature": b64encode(variant).decode()})


def test_an_ecdsa_signature_in_der_is_refused(city: City) -> None:
    signer = city.signer()
    der = signer.sign(b"anything")
    token = write_token(signer, "p256") | {"signature": b64encode(der).decode()}
    with refused(Reason.LOGIN_MALFORMED):
        verify(city, token)


@pytest.mark.parametrize("octet", [0x00, 0xFF])
def test_numbers_outside_the_curve_are_refused(city: City, octet: int) -> None:
    signature = b64encode(bytes([octet]) * 64).decode()
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify(city, write_token(city.signer(), "p256") | {"signature": signature})


def test_an_rsa_signature_of_another_length_is_refused(city: City) -> None:
    token = write_token(city.signer("rsa2048"), "rsa2048")
    raw = b64decode(str(token["signature"]))
    for variant in (b"", raw[:-1], raw + b"\0", b"\0" + raw):
        with refused(Reason.LOGIN_SIGNATURE_WRONG):
            verify(city, token | {"signature": b64encode(variant).decode()})


def test_a_certificate_that_cannot_be_read_is_refused(city: City) -> None:
    signer = city.signer()
    for der in (b"", b"\x30\x00", signer.der[:-1], signer.der + b"\0", b"\x30\x80" + signer.der):
        token = write_token(signer, "p256")
        token["unverifiedCertificate"] = b64encode(der).decode()
        with refused(Reason.CERTIFICATE_MALFORMED):
            verify(city, token)


def test_a_bit_string_in_a_name_is_refused(city: City) -> None:
    signer = city.signer()
    text = tlv(0x0C, "张三 样例".encode())
    assert text in signer.der
    der = signer.der.replace(text, b"\x03" + text[1:2] + b"\0" + text[3:])
    token = write_token(signer, "p256")
    token["unverifiedCertificate"] = b64encode(der).decode()
    with refused(Reason.CERTIFICATE_MALFORMED):
        verify(city, token)


def test_a_certificate_of_version_one_is_refused(city: City) -> None:
    certificate = city.signer().certificate
    name, algorithm_name = certificate.subject.public_bytes(), algorithm(ECDSA_OIDS["sha256"])
    validity = sequence(utc_time(NOW), utc_time(NOW + timedelta(days=1)))
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    body = sequence(integer(1), algorithm_name, name, validity, name, key)
    der = sequence(body, algorithm_name, tlv(0x03, b"\0", certificate.signature))
    token = write_token(city.signer(), "p256")
    token["unverifiedCertificate"] = b64encode(der).decode()
    with refused(Reason.CERTIFICATE_MALFORMED):
        verify(city, token)


def test_a_certificate_beyond_any_size_is_refused(city: City) -> None:
    token = write_token(city.signer(), "p256")
    token["unverifiedCertificate"] = b64encode(bytes(17 * 1024)).decode()
    with refused(Reason.CERTIFICATE_MALFORMED):
        verify(city, token)


@pytest.mark.parametrize("kind", ["rsa1024", "k256"])
def test_a_weak_or_foreign_key_is_refused(city: City, kind: KeyKind) -> None:
    with refused(Reason.CERTIFICATE_KEY_UNSUITABLE):
        verify(city, write_token(city.signer(kind), kind))


def test_the_first_and_the_last_second_of_a_certificate_count(city: City) -> None:
    start, end = (NOW.replace(microsecond=0) + timedelta(days=days) for days in (-2, 2))
    token = write_token(city.signer(validity=(start, end)), "p256")
    # The authority's own certificate begins a day ago: only the person's dates matter here.
    second = timedelta(seconds=1)
    assert verify(city, token, end).name == "张三 样例"
    with refused(Reason.CERTIFICATE_EXPIRED):
        verify(city, token, end + second)
    with refused(Reason.CERTIFICATE_NOT_YET_VALID):
        verify(city, token, start - second)
    with refused(Reason.AUTHORITY_NOT_VALID):
        verify(city, token, start)


@pytest.mark.parametrize("usage", [DOCUMENT, ENCRYPTION, frozenset[str](), None])
def test_a_certificate_without_the_usage_is_refused(city: City, usage: Usage | None) -> None:
    with refused(Reason.CERTIFICATE_USAGE_UNSUITABLE):
        verify(city, write_token(city.signer(usage=usage), "p256"))


@pytest.mark.parametrize(
    "usage", [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
)
def test_a_certificate_for_logging_in_is_taken(city: City, usage: x509.ObjectIdentifier) -> None:
    extended = (x509.ExtendedKeyUsage([usage]), False)
    token = write_token(city.signer(usage=LOGIN, extensions=[extended]), "p256")
    assert verify(city, token).name == "张三 样例"


def test_a_certificate_for_another_extended_use_is_refused(city: City) -> None:
    extended = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    with refused(Reason.CERTIFICATE_USAGE_UNSUITABLE):
        verify(city, write_token(city.signer(extensions=[extended]), "p256"))


def test_an_authority_cannot_log_in(city: City) -> None:
    constraints = (x509.BasicConstraints(ca=True, path_length=None), True)
    with refused(Reason.CERTIFICATE_OF_AUTHORITY):
        verify(city, write_token(city.signer(extensions=[constraints]), "p256"))


def test_a_certificate_of_another_service_is_refused(city: City) -> None:
    stranger = Authority.create("云汀市证书服务中心（示例）市民 CA")
    with refused(Reason.CERTIFICATE_UNTRUSTED):
        verify(city, write_token(city.signer(authority=stranger), "p256"))


def test_an_unknown_critical_extension_is_refused(city: City) -> None:
    unknown = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)
    with refused(Reason.CERTIFICATE_EXTENSION_UNKNOWN):
        verify(city, write_token(city.signer(extensions=[unknown]), "p256"))


def test_a_broken_extension_is_refused(city: City) -> None:
    broken = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x05"), False)
    with refused(Reason.CERTIFICATE_MALFORMED):
        verify(city, write_token(city.signer(extensions=[broken]), "p256"))


@pytest.mark.parametrize("nonce", ["", "short", "A" * 43, "A" * 129, "!" * 44])
def test_a_nonce_that_no_ledger_issues_is_refused(city: City, nonce: str) -> None:
    token = write_token(city.signer(), "p256", nonce=nonce)
    with refused(Reason.NONCE_WEAK):
        verify_login(token, origin=ORIGIN, nonce=nonce, anchors=city.anchors, at=NOW)


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://a.example", "https://a.example/", "https://A.example", "https://a b"],
)
def test_an_origin_no_browser_would_write_is_the_callers_fault(city: City, origin: str) -> None:
    token = write_token(city.signer(), "p256", origin=origin)
    with pytest.raises(ValueError, match="origin must be written"):
        verify_login(token, origin=origin, nonce=NONCE, anchors=city.anchors, at=NOW)


def test_a_time_without_a_zone_is_the_callers_fault(city: City) -> None:
    with pytest.raises(ValueError, match="time zone"):
        verify(city, write_token(city.signer(), "p256"), NOW.replace(tzinfo=None))


def test_a_time_of_any_zone_is_taken(city: City) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert verify(city, write_token(city.signer(), "p256"), there).name == "张三 样例"
