"""CAdES-B: what OpenSSL, asn1crypto and the department's library say of our signatures."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import new, sha256
from pathlib import Path

import pytest
from asn1crypto import cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from signet_agent.documents.formats.base import FormatError
from signet_agent.documents.formats.cms import CadesFormat
from signet_agent.documents.formats.der import SEQUENCE, SET, encode
from signet_agent.model import Algorithm
from signet_protocol.verify import Reason, TrustAnchors, VerificationError, verify_signature
from tests.kit import pki

FORMAT = CadesFormat()
DOCUMENT = b'{"form":"gs1/1","tax_due":"48627.65"}' * 100
SIGNED_AT = 1_794_464_432
LONGEST_LOGIN_INPUT = 128
"""H(origin) || H(nonce) with SHA-512."""

SIGNERS: list[tuple[pki.KeyKind, Algorithm]] = [
    ("rsa2048", Algorithm.RS256),
    ("rsa3072", Algorithm.RS256),
    ("p256", Algorithm.ES256),
    ("p384", Algorithm.ES384),
    ("p521", Algorithm.ES512),
]


HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@cache
def _hierarchy() -> pki.Hierarchy:
    return pki.Hierarchy.create()


@dataclass(frozen=True)
class Signer:
    """A key as a token has it: it gives RSA as it is, and ECDSA as r || s."""

    kind: pki.KeyKind
    algorithm: Algorithm

    @property
    def certificate(self) -> bytes:
        return _certificate(self.kind)

    def sign(self, octets: bytes) -> bytes:
        key = pki.private_key(self.kind)
        hashing = HASHES[self.algorithm.hash_name]
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(octets, padding.PKCS1v15(), hashing)
        size = (key.curve.key_size + 7) // 8
        pair = utils.decode_dss_signature(key.sign(octets, ec.ECDSA(hashing)))
        return b"".join(value.to_bytes(size, "big") for value in pair)

    def sign_document(self, document: bytes, *, attached: bool) -> bytes:
        digest = new(self.algorithm.hash_name, document).digest()
        attributes = FORMAT.bind(digest, self.certificate, self.algorithm, SIGNED_AT)
        return FORMAT.finish(
            attributes,
            self.certificate,
            self.algorithm,
            self.sign(attributes),
            document if attached else None,
        )


@cache
def _certificate(kind: pki.KeyKind) -> bytes:
    key = pki.private_key(kind).public_key()
    return _hierarchy().enterprise.issue(pki.ENTERPRISE, key).public_bytes(Encoding.DER)


@pytest.fixture(params=SIGNERS, ids=lambda each: each[0])
def signer(request: pytest.FixtureRequest) -> Signer:
    return Signer(*request.param)


@pytest.fixture(params=[False, True], ids=["detached", "attached"])
def attached(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def _openssl(folder: Path, signature: bytes, content: bytes | None) -> tuple[int, str, bytes]:
    """Let OpenSSL verify; return its status, what it said, and the content it wrote."""
    signed, anchors, out = folder / "signed.p7s", folder / "anchors.pem", folder / "out"
    signed.write_bytes(signature)
    anchors.write_bytes(_hierarchy().pem)
    command = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER"]
    command += ["-in", str(signed), "-CAfile", str(anchors), "-purpose", "any", "-out", str(out)]
    if content is not None:
        document = folder / "document"
        document.write_bytes(content)
        command += ["-content", str(document)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.returncode, done.stderr, out.read_bytes() if out.exists() else b""


def _parsed(signature: bytes) -> tuple[cms.SignedData, cms.SignerInfo]:
    signed_data = cms.ContentInfo.load(signature, strict=True)["content"]
    (info,) = signed_data["signer_infos"]
    return signed_data, info


def test_openssl_takes_it_as_cades(signer: Signer, attached: bool, tmp_path: Path) -> None:
    signature = signer.sign_document(DOCUMENT, attached=attached)

    status, said, written = _openssl(tmp_path, signature, None if attached else DOCUMENT)

    assert (status, written) == (0, DOCUMENT), said
    assert "CAdES Verification successful" in said


def test_openssl_refuses_it_for_another_document(signer: Signer, tmp_path: Path) -> None:
    signature = signer.sign_document(DOCUMENT, attached=False)

    status, _, _ = _openssl(tmp_path, signature, DOCUMENT.replace(b"48627", b"08627", 1))

    assert status != 0


def test_openssl_refuses_another_certificate_in_its_place(tmp_path: Path) -> None:
    signer = Signer("p256", Algorithm.ES256)
    key = pki.private_key("p256").public_key()
    # The same name, number and key, but not the certificate that was signed.
    other = _hierarchy().enterprise.issue(pki.ENTERPRISE, key, usage=pki.LOGIN)
    digest = sha256(DOCUMENT).digest()
    attributes = FORMAT.bind(digest, signer.certificate, signer.algorithm, SIGNED_AT)

    signature = FORMAT.finish(
        attributes,
        other.public_bytes(Encoding.DER),
        signer.algorithm,
        signer.sign(attributes),
        None,
    )

    assert _openssl(tmp_path, signature, DOCUMENT)[0] != 0


def test_a_department_takes_it(signer: Signer, attached: bool) -> None:
    signature = signer.sign_document(DOCUMENT, attached=attached)
    anchors = TrustAnchors.from_pem(_hierarchy().pem)

    verified = verify_signature(signature, content=DOCUMENT, anchors=anchors, at=datetime.now(UTC))

    assert verified.content == DOCUMENT
    assert verified.certificate_der == signer.certificate
    assert verified.signed_at == datetime.fromtimestamp(SIGNED_AT, UTC)


def test_a_department_refuses_it_for_another_document() -> None:
    signature = Signer("p256", Algorithm.ES256).sign_document(DOCUMENT, attached=False)
    anchors = TrustAnchors.from_pem(_hierarchy().pem)

    with pytest.raises(VerificationError) as refusal:
        verify_signature(signature, content=DOCUMENT + b" ", anchors=anchors, at=datetime.now(UTC))

    assert refusal.value.reason is Reason.CONTENT_DIFFERENT


def test_the_template_is_what_a_general_library_writes(signer: Signer, attached: bool) -> None:
    signature = signer.sign_document(DOCUMENT, attached=attached)

    content_info = cms.ContentInfo.load(signature, strict=True)
    assert content_info.native["content_type"] == "signed_data"

    assert content_info.dump(force=True) == signature


def test_it_holds_the_four_attributes_in_der_order(signer: Signer) -> None:
    digest = new(signer.algorithm.hash_name, DOCUMENT).digest()

    octets = FORMAT.bind(digest, signer.certificate, signer.algorithm, SIGNED_AT)

    attributes = cms.CMSAttributes.load(octets, strict=True)
    encodings = [attribute.dump() for attribute in attributes]
    values = {each["type"].native: each["values"][0] for each in attributes}
    assert encodings == sorted(encodings)
    assert values.keys() == {
        *("content_type", "signing_time", "message_digest", "signing_certificate_v2")
    }
    assert values["content_type"].native == "data"
    assert values["message_digest"].native == digest
    assert values["signing_time"].native == datetime.fromtimestamp(SIGNED_AT, UTC)


def test_the_signing_certificate_is_named_by_hash_issuer_and_serial(signer: Signer) -> None:
    signature = signer.sign_document(DOCUMENT, attached=False)
    certificate = x509.Certificate.load(signer.certificate)

    signed_data, info = _parsed(signature)

    values = {each["type"].native: each["values"][0] for each in info["signed_attrs"]}
    named = values["signing_certificate_v2"]
    assert isinstance(named, tsp.SigningCertificateV2)
    (reference,) = named["certs"]
    assert reference["hash_algorithm"]["algorithm"].native == "sha256"
    assert reference["cert_hash"].native == sha256(signer.certificate).digest()
    (general_name,) = reference["issuer_serial"]["issuer"]
    assert general_name.chosen.untag().dump() == certificate.issuer.dump()
    assert reference["issuer_serial"]["serial_number"].native == certificate.serial_number
    assert info["sid"].chosen["issuer"].dump() == certificate.issuer.dump()
    assert info["sid"].chosen["serial_number"].native == certificate.serial_number
    assert [each.chosen.dump() for each in signed_data["certificates"]] == [signer.certificate]


@pytest.mark.parametrize(
    ("kind", "algorithm", "digest", "signature"),
    [
        ("rsa2048", Algorithm.RS256, "sha256", "rsassa_pkcs1v15"),
        ("p256", Algorithm.ES256, "sha256", "sha256_ecdsa"),
        ("p384", Algorithm.ES384, "sha384", "sha384_ecdsa"),
        ("p521", Algorithm.ES512, "sha512", "sha512_ecdsa"),
    ],
)
def test_the_algorithms_are_named(
    kind: pki.KeyKind, algorithm: Algorithm, digest: str, signature: str
) -> None:
    signed_data, info = _parsed(Signer(kind, algorithm).sign_document(DOCUMENT, attached=False))

    assert info["digest_algorithm"]["algorithm"].native == digest
    assert [each["algorithm"].native for each in signed_data["digest_algorithms"]] == [digest]
    assert info["signature_algorithm"]["algorithm"].native == signature


def test_an_empty_document_can_be_embedded(tmp_path: Path) -> None:
    signature = Signer("p256", Algorithm.ES256).sign_document(b"", attached=True)

    status, said, written = _openssl(tmp_path, signature, None)

    assert (status, written) == (0, b""), said


def test_what_is_signed_cannot_be_what_a_login_signs(signer: Signer) -> None:
    digest = new(signer.algorithm.hash_name, b"").digest()

    octets = FORMAT.bind(digest, signer.certificate, signer.algorithm, SIGNED_AT)

    assert len(octets) > LONGEST_LOGIN_INPUT
    assert octets[0] == SET


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (b"\x01".rjust(32, b"\0") + b"\x7f".rjust(32, b"\0"), "300602010102017f"),
        (b"\x80".rjust(32, b"\0") + b"\x01".rjust(32, b"\0"), "300702020080020101"),
        (b"\xff" * 64, "3046" + ("022100" + "ff" * 32) * 2),
    ],
)
def test_r_and_s_become_two_integers(pair: bytes, expected: str) -> None:
    attributes = _attributes()

    signature = FORMAT.finish(attributes, _certificate("p256"), Algorithm.ES256, pair, None)

    assert _parsed(signature)[1]["signature"].native == bytes.fromhex(expected)


def _attributes() -> bytes:
    digest = sha256(DOCUMENT).digest()
    return FORMAT.bind(digest, _certificate("p256"), Algorithm.ES256, SIGNED_AT)


def _synthetic(serial: str = "0203010203", *, version: bool = True, tail: bytes = b"") -> bytes:
    """Return the outline of a certificate with this serial number, in hexadecimal DER."""
    algorithm = encode(SEQUENCE, bytes.fromhex("0500"))
    body = bytes.fromhex("a003020102") if version else b""
    body += bytes.fromhex(serial) + algorithm + encode(SEQUENCE, b"\x05\x00\x05\x00")
    return encode(SEQUENCE, encode(SEQUENCE, body), algorithm, bytes.fromhex("030100"), tail)


@pytest.mark.parametrize("version", [True, False])
@pytest.mark.parametrize("serial", ["0203010203", "0202ff7f", "02020001", "0215" + "5a" * 21])
def test_issuer_and_serial_are_copied_octet_for_octet(serial: str, version: bool) -> None:
    certificate = _synthetic(serial, version=version)

    attributes = FORMAT.bind(bytes(32), certificate, Algorithm.RS256, SIGNED_AT)

    # A serial number that is negative, not minimal or too long stays what it is.
    assert bytes.fromhex("3008a406300405000500" + serial) in attributes


@pytest.mark.parametrize(
    ("what", "certificate"),
    [
        ("nothing", b""),
        ("depth", b"\x30\x80" * 100_000),
        ("nested depth", b"\x30\x82\xff\xff" * 10_000),
        ("an octet too many", _synthetic() + b"\0"),
        ("an element too many", _synthetic(tail=b"\x05\x00")),
        ("an empty serial number", _synthetic("0200")),
        ("no serial number", _synthetic("0403010203")),
        ("too large", _synthetic("0283010000" + "01" * 65536)),
    ],
)
def test_a_hostile_certificate_is_refused(what: str, certificate: bytes) -> None:
    with pytest.raises(FormatError):
        FORMAT.bind(bytes(32), certificate, Algorithm.RS256, SIGNED_AT)
    with pytest.raises(FormatError):
        FORMAT.finish(_attributes(), certificate, Algorithm.RS256, bytes(256), None)


def test_a_certificate_cut_anywhere_is_refused() -> None:
    certificate = _certificate("p256")

    for end in range(len(certificate)):
        with pytest.raises(FormatError):
            FORMAT.bind(bytes(32), certificate[:end], Algorithm.ES256, SIGNED_AT)


@given(st.data())
def test_a_damaged_certificate_is_refused_or_copied(data: st.DataObject) -> None:
    certificate = bytearray(_certificate("p256"))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(certificate) - 1))
        certificate[place] = data.draw(st.integers(0, 255))

    try:
        attributes = FORMAT.bind(bytes(32), bytes(certificate), Algorithm.ES256, SIGNED_AT)
    except FormatError:
        return
    assert sha256(certificate).digest() in attributes


@pytest.mark.parametrize("size", [0, 31, 33, 48])
def test_a_digest_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(FormatError):
        FORMAT.bind(bytes(size), _certificate("p256"), Algorithm.ES256, SIGNED_AT)


@pytest.mark.parametrize("signed_at", [-1, 253_402_300_800])
def test_a_time_nobody_can_write_is_refused(signed_at: int) -> None:
    with pytest.raises(FormatError):
        FORMAT.bind(bytes(32), _certificate("p256"), Algorithm.ES256, signed_at)


@pytest.mark.parametrize(
    ("algorithm", "size"),
    [
        (Algorithm.RS256, 0),
        (Algorithm.RS256, 2049),
        (Algorithm.ES256, 63),
        (Algorithm.ES256, 96),
        (Algorithm.ES384, 64),
        (Algorithm.ES512, 130),
    ],
)
def test_a_signature_of_another_size_is_refused(algorithm: Algorithm, size: int) -> None:
    with pytest.raises(FormatError):
        FORMAT.finish(_attributes(), _certificate("p256"), algorithm, bytes(size), None)


@pytest.mark.parametrize("attributes", [b"", b"\x30\x00", b"\x31\x05\x00", b"\x31\x00\x00"])
def test_attributes_that_are_not_one_set_are_refused(attributes: bytes) -> None:
    with pytest.raises(FormatError):
        FORMAT.finish(attributes, _certificate("p256"), Algorithm.ES256, bytes(64), None)
