"""Envelopes that openssl made, for one reader and for several, and everything that is none."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from signet_protocol.enveloped import (
    MAX_RECIPIENTS,
    Enveloped,
    EnvelopeError,
    KeyTransport,
    read_enveloped,
)
from tests.kit.envelope import PADDINGS, sealed
from tests.kit.pki import ENCRYPTION, ENTERPRISE, Authority, private_key

pytestmark = pytest.mark.quick

CONTENT = "工资单：48,627.65 元".encode()
OAEP = ("-keyopt", "rsa_padding_mode:oaep")


@pytest.fixture(scope="module")
def certificate() -> x509.Certificate:
    key = private_key("rsa2048")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return Authority.create("CA").issue(
        ENTERPRISE, key.public_key(), usage=ENCRYPTION, extensions=[(identifier, False)]
    )


@pytest.fixture
def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def content_key(recipient: KeyTransport) -> bytes:
    key = private_key("rsa2048")
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.decrypt(recipient.encrypted_key, PADDINGS[recipient.wrapping])


def curve_recipient(folder: Path) -> str:
    """Write a certificate whose key agrees on keys, and return its file's name."""
    key = private_key("p256")
    issued = Authority.create("CA").issue(
        ENTERPRISE, key.public_key(), usage=frozenset({"key_agreement"})
    )
    file = folder / "curve.pem"
    file.write_bytes(issued.public_bytes(Encoding.PEM))
    return str(file)


@pytest.mark.parametrize(
    ("words", "wrapping", "key_bytes"),
    [
        (("-aes-128-cbc",), "pkcs1", 16),
        (("-aes-192-cbc", *OAEP), "oaep-sha1", 24),
        (("-aes-256-cbc", *OAEP, "-keyopt", "rsa_oaep_md:sha256"), "oaep-sha256", 32),
    ],
)
def test_an_envelope_names_its_reader_and_opens_with_the_readers_key(
    tmp_path: Path,
    certificate: x509.Certificate,
    der: bytes,
    words: tuple[str, ...],
    wrapping: str,
    key_bytes: int,
) -> None:
    read = read_enveloped(sealed(tmp_path, der, CONTENT, *words))
    (recipient,) = read.recipients
    assert recipient.issuer == certificate.issuer.public_bytes()
    assert recipient.serial == certificate.serial_number
    assert recipient.key_identifier == b""
    assert (recipient.wrapping, read.key_bytes) == (wrapping, key_bytes)
    assert read.open(content_key(recipient)) == CONTENT


def test_a_reader_may_be_named_by_her_key(
    tmp_path: Path, certificate: x509.Certificate, der: bytes
) -> None:
    (recipient,) = read_enveloped(
        sealed(tmp_path, der, CONTENT, "-aes-128-cbc", "-keyid")
    ).recipients
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert recipient.key_identifier == identifier.value.digest
    assert recipient.issuer == b""


def test_readers_of_other_kinds_are_passed_over(tmp_path: Path, der: bytes) -> None:
    envelope = sealed(tmp_path, der, CONTENT, "-aes-128-cbc", curve_recipient(tmp_path))
    read = read_enveloped(envelope)
    (recipient,) = read.recipients
    assert read.open(content_key(recipient)) == CONTENT


@pytest.mark.parametrize(
    "words",
    [
        ("-des3",),
        ("-aes-128-gcm",),
        (*OAEP, "-keyopt", "rsa_oaep_md:sha224"),
        (*OAEP, "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha1"),
    ],
    ids=["triple DES", "AES-GCM", "OAEP with SHA-224", "another hash in the mask"],
)
def test_what_is_sealed_otherwise_is_refused(
    tmp_path: Path, der: bytes, words: tuple[str, ...]
) -> None:
    with pytest.raises(EnvelopeError):
        read_enveloped(sealed(tmp_path, der, CONTENT, *words))


def test_an_envelope_without_a_reader_by_rsa_is_refused(tmp_path: Path) -> None:
    curve = Path(curve_recipient(tmp_path))
    envelope = sealed(tmp_path, curve.read_bytes(), CONTENT, "-aes-128-cbc")
    with pytest.raises(EnvelopeError):
        read_enveloped(envelope)


def test_an_envelope_for_a_crowd_is_refused(tmp_path: Path, der: bytes) -> None:
    file = str(tmp_path / "recipient.der")
    envelope = sealed(tmp_path, der, CONTENT, "-aes-128-cbc", *[file] * MAX_RECIPIENTS)
    with pytest.raises(EnvelopeError):
        read_enveloped(envelope)


@pytest.mark.parametrize(
    "octets",
    [b"", b"{}", b"\x30\x00", b"\x30\x80" * 1000, b"\x30\x0b\x06\x09*\x86H\x86\xf7\r\x01\x07\x02"],
)
def test_what_is_no_envelope_is_refused(octets: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_enveloped(octets)


def test_every_cut_of_an_envelope_is_refused(tmp_path: Path, der: bytes) -> None:
    envelope = sealed(tmp_path, der, CONTENT)
    for length in range(len(envelope)):
        with pytest.raises(EnvelopeError):
            read_enveloped(envelope[:length])


@pytest.fixture
def read(tmp_path: Path, der: bytes) -> Enveloped:
    return read_enveloped(sealed(tmp_path, der, CONTENT, "-aes-128-cbc"))


@pytest.mark.parametrize("key", [b"", bytes(24), bytes(15)])
def test_a_key_of_another_size_opens_nothing(read: Enveloped, key: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read.open(key)


def test_another_key_hardly_ever_opens_anything(read: Enveloped) -> None:
    opened = 0
    for number in range(100):
        try:
            assert read.open(number.to_bytes(16, "big")) != CONTENT
        except EnvelopeError:
            continue
        opened += 1
    assert opened < 10
