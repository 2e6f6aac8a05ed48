"""What is read from a certificate, and that no certificate can hurt the reader."""

import subprocess
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.model import Algorithm, Certificate, KeyUse
from signet_agent.tokens.certificates import MAX_CERTIFICATE_BYTES, describe, shown
from signet_protocol.gm import Sm2PublicKey, Sm2UnavailableError
from tests.kit import pki
from tests.kit.national import Sm2Authority

pytestmark = pytest.mark.quick

TOKEN = "pkcs11:softhsm/0123456789abcdef"
KEY = f"{TOKEN}/01"

AUTHORITY = pki.Authority.create("示例 CA")


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _issue(
    subject: pki.Subject = pki.ENTERPRISE,
    kind: pki.KeyKind = "p256",
    usage: pki.Usage | None = pki.BOTH,
    extensions: tuple[pki.Extension, ...] = (),
) -> bytes:
    key = pki.private_key(kind).public_key()
    return _der(AUTHORITY.issue(subject, key, usage=usage, extensions=extensions))


def _describe(der: bytes) -> Certificate:
    certificate = describe(der, TOKEN, KEY)
    assert certificate is not None
    return certificate


def _string(oid: str, value: bytes) -> tuple[pki.Extension, ...]:
    return ((x509.UnrecognizedExtension(ObjectIdentifier(oid), value), False),)


def test_a_description_says_who_what_for_and_how_long() -> None:
    key = pki.private_key("rsa2048", 1).public_key()
    begin, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2029, 1, 2, tzinfo=UTC)
    issued = AUTHORITY.issue(pki.ENTERPRISE, key, not_before=begin, not_after=end)

    certificate = _describe(_der(issued))

    assert certificate.holder == "张三 样例"
    assert certificate.organisation == "云汀样例科技有限公司"
    assert certificate.issuer == issued.issuer.rfc4514_string()
    assert certificate.serial == "59542025E001482101"
    assert (certificate.not_before, certificate.not_after) == (1767312000, 1862006400)
    assert certificate.uses == (KeyUse.LOGIN, KeyUse.SIGN)
    assert certificate.spki == key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert certificate.extensions == {
        "1.2.156.10260.4.1.1": "990101199001010011",
        "1.2.156.10260.4.1.4": "91990100MAYT00013L",
    }
    assert (certificate.token, certificate.key, certificate.tail) == (TOKEN, KEY, "cdef")


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("rsa1024", None),
        ("rsa2048", Algorithm.RS256),
        ("rsa3072", Algorithm.RS256),
        ("p256", Algorithm.ES256),
        ("p384", Algorithm.ES384),
        ("p521", Algorithm.ES512),
        ("k256", None),
    ],
)
def test_the_key_decides_the_algorithm(kind: pki.KeyKind, algorithm: Algorithm | None) -> None:
    assert _describe(_issue(kind=kind)).algorithm is algorithm


@pytest.mark.parametrize(
    ("usage", "uses"),
    [
        (pki.LOGIN, (KeyUse.LOGIN,)),
        (pki.DOCUMENT, (KeyUse.SIGN,)),
        (pki.ENCRYPTION, (KeyUse.OPEN,)),
        (frozenset({"key_agreement"}), (KeyUse.OPEN,)),
        (pki.AUTHORITY, ()),
        (None, ()),
    ],
)
def test_key_usage_decides_what_a_key_is_for(
    usage: pki.Usage | None, uses: tuple[KeyUse, ...]
) -> None:
    assert _describe(_issue(usage=usage)).uses == uses


def test_a_key_that_signs_nothing_here_is_listed_without_an_algorithm() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        AUTHORITY.certificate.subject, pki.CITIZEN.as_name(), key, 1, now, now
    )

    certificate = _describe(_der(builder.sign(AUTHORITY.key, hashes.SHA256())))

    assert certificate.algorithm is None
    assert certificate.spki


def test_an_sm2_key_signs_with_sm2() -> None:
    person = Sm2Authority.create("示例 CA").issue()

    certificate = _describe(person.der)

    assert (certificate.algorithm, certificate.spki) == (Algorithm.SM2, person.key.public_key.spki)
    assert certificate.uses == (KeyUse.LOGIN, KeyUse.SIGN)
    assert certificate.extensions == {"1.2.156.10260.4.1.1": "990101199001010011"}


def test_where_there_is_no_sm2_its_keys_are_listed_without_an_algorithm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(der: bytes) -> Sm2PublicKey:
        raise Sm2UnavailableError(len(der))

    issued = Sm2Authority.create("示例 CA").issue().der
    monkeypatch.setattr(Sm2PublicKey, "from_point", refuse)
    certificate = _describe(issued)
    assert (certificate.algorithm, certificate.spki) == (None, b"")


def test_a_point_off_sm2s_curve_is_listed_without_an_algorithm() -> None:
    # Same length as P-256's, so the certificate stays well formed: 1.2.840.10045.3.1.7 becomes
    # 1.2.156.10197.1.301, SM2's curve.
    p256, sm2 = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a811ccf5501822d")
    der = _issue()
    assert der.count(p256) == 1

    certificate = _describe(der.replace(p256, sm2))

    assert (certificate.algorithm, certificate.spki) == (None, b"")
    assert certificate.holder == "张三 样例"


def test_an_rsa_key_bound_to_pss_is_not_used_for_rs256() -> None:
    arguments = ["-x509", "-newkey", "rsa-pss", "-subj", "/CN=pss", "-outform", "DER", "-nodes"]
    command = ["openssl", "req", *arguments, "-keyout", "/dev/null"]
    der = subprocess.run(command, check=True, capture_output=True).stdout

    certificate = _describe(der)

    assert certificate.holder == "pss"
    assert certificate.algorithm is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"\x0c\x03abc", "abc"),
        (b"\x13\x03abc", "abc"),
        (b"\x16\x03abc", "abc"),
        (b"\x0c\x81\x80" + b"a" * 128, "a" * 128),
        (b"\x0c\x06" + "云汀".encode(), "云汀"),
        (b"\x04\x03abc", None),
        (b"\x13\x02\xc3\xa4", None),
        (b"\x0c\x04abc", None),
        (b"\x0c\x02abc", None),
        (b"\x0c\x80", None),
        (b"\x0c\x81", None),
        (b"\x0c", None),
        (b"", None),
        (b"\x0c\x00", None),
        (b"\x0c\x04a\x1b[m", None),
        (b"\x0c" + bytes([0x81 + 1]) + b"a" * 0x82, None),
    ],
)
def test_an_identity_is_read_from_character_strings_only(value: bytes, text: str | None) -> None:
    oid = "1.2.156.10260.4.1.5"
    subject = pki.Subject("张三")

    extensions = _describe(_issue(subject, extensions=_string(oid, value))).extensions

    assert extensions.get(oid) == text


def test_extensions_outside_the_identity_arc_are_left_out() -> None:
    extensions = _string("1.2.156.10260.4.10.1", b"\x0c\x03abc")

    assert _describe(_issue(pki.Subject("张三"), extensions=extensions)).extensions == {}


def test_a_certificate_that_names_no_holder_is_described() -> None:
    certificate = _describe(_issue(pki.Subject("", organisation="有限公司")))

    assert (certificate.holder, certificate.organisation) == ("", "有限公司")


def test_the_same_extension_twice_allows_nothing() -> None:
    # Two different identity extensions become the same one.
    extensions = (
        *_string("1.2.156.10260.4.1.5", b"\x0c\x03abc"),
        *_string("1.2.156.10260.4.1.6", b"\x0c\x03abd"),
    )
    der = _issue(pki.Subject("张三"), extensions=extensions)
    five, six = bytes.fromhex("d014040105"), bytes.fromhex("d014040106")
    assert der.count(six) == 1

    certificate = _describe(der.replace(six, five))

    assert (certificate.uses, certificate.extensions) == ((), {})


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("张三 样例", "张三 样例"),
        ("张三\u3000样例", "张三 样例"),
        ("a\r\nb\tc", "a  b c"),
        ("\u202egro.live\u202c", "gro.live"),
        ("zero\u200bwidth\u0000\u001b[31m", "zerowidth[31m"),
        ("x" * 1000, "x" * 128),
        ("  padded  ", "padded"),
    ],
)
def test_text_from_a_token_cannot_disturb_a_window(raw: str, clean: str) -> None:
    assert shown(raw) == clean


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x00",
        b"not a certificate",
        b"\x30\x82\xff\xff",
        b"\x30\x80" * 4000,
        bytes.fromhex("3003020101"),
        b"\x30\x84\xff\xff\xff\xff" + bytes(100),
    ],
)
def test_what_is_no_certificate_is_left_out(der: bytes) -> None:
    assert describe(der, TOKEN, KEY) is None


def test_deeply_nested_octets_are_left_out() -> None:
    der = b""
    while len(der) < MAX_CERTIFICATE_BYTES - 8:
        size = len(der)
        length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
        der = b"\x30" + length + der

    assert describe(der, TOKEN, KEY) is None


def test_a_certificate_larger_than_any_real_one_is_left_out() -> None:
    def certificate(octets: int) -> bytes:
        return _issue(extensions=_string("1.2.3.4", b"\x04" + bytes(octets)))

    assert describe(certificate(MAX_CERTIFICATE_BYTES - 2000), TOKEN, KEY) is not None
    assert describe(certificate(MAX_CERTIFICATE_BYTES), TOKEN, KEY) is None


WELL_FORMED = _issue()


@given(st.integers(0, len(WELL_FORMED) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_certificate_is_described_or_left_out(place: int, damage: bytes) -> None:
    der = WELL_FORMED[:place] + damage + WELL_FORMED[place + len(damage) :]

    certificate = describe(der, TOKEN, KEY)

    assert certificate is None or certificate.der == der


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_negative_serial_number_keeps_its_sign() -> None:
    serial = bytes.fromhex("0209" + "59542025e001482101")
    der = _issue()
    assert der.count(serial) == 1

    certificate = describe(der.replace(serial, b"\x02\x09\xd9" + serial[3:]), TOKEN, KEY)

    assert certificate is None or certificate.serial.startswith("-")
