"""Each member of a signature that is not as CAdES-B wants it, and the reason it is refused for."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from signet_protocol.verify import Reason, verify_signature
from signet_protocol.verify.cms import MAX_CERTIFICATES, MAX_SIGNATURE_BYTES
from tests.kit.pki import (
    KeyKind,
)
from tests.protocol.verify.city import CONTENT, KINDS, NOW, City, refused
from tests.protocol.verify.draft import (
    CONTENT_TYPE,
    DIGEST_OIDS,
    ECDSA_OIDS,
    ID_DATA,
    ID_SIGNED_DATA,
    MESSAGE_DIGEST,
    NULL,
    RSA_ENCRYPTION,
    RSA_OIDS,
    SIGNING_CERTIFICATE_V2,
    SIGNING_TIME,
    Draft,
    algorithm,
    attribute,
    integer,
    oid,
    sequence,
    signing_certificate,
    tlv,
)

pytestmark = pytest.mark.quick


class TestForm:
    """The outside: one SignedData in strict DER, one signer."""

    @pytest.mark.parametrize("octets", [b"", b"0", b"\x30\x80\x00\x00", b"\x00" * 100, b"\x30\x00"])
    def test_what_is_no_cms_is_refused(self, city: City, octets: bytes) -> None:
        with refused(Reason.SIGNATURE_MALFORMED):
            verify_signature(octets, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_a_trailing_octet_is_refused(self, city: City) -> None:
        octets = Draft(city.signer(), CONTENT).build() + b"\0"
        with refused(Reason.SIGNATURE_MALFORMED):
            verify_signature(octets, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_more_than_the_largest_signature_is_refused_unread(self, city: City) -> None:
        octets = bytes(MAX_SIGNATURE_BYTES + 1)
        with refused(Reason.SIGNATURE_TOO_LARGE):
            verify_signature(octets, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_a_length_in_too_many_octets_is_refused(self, city: City) -> None:
        octets = Draft(city.signer(), CONTENT).build()
        assert octets[1] == 0x82
        longer = octets[:1] + b"\x83\x00" + octets[2:]
        with refused(Reason.SIGNATURE_MALFORMED):
            verify_signature(longer, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_an_indefinite_length_is_refused(self, city: City) -> None:
        octets = Draft(city.signer(), CONTENT).build()
        indefinite = b"\x30\x80" + octets[4:] + b"\0\0"
        with refused(Reason.SIGNATURE_MALFORMED):
            verify_signature(indefinite, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_another_kind_of_cms_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.kind = "1.2.840.113549.1.7.3"
        with refused(Reason.SIGNATURE_MALFORMED):
            city.verify(draft)

    @pytest.mark.parametrize("version", [0, 2, 4, 5, 1 << 80])
    def test_another_version_is_refused(self, city: City, version: int) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.version = version
        with refused(Reason.SIGNATURE_MALFORMED):
            city.verify(draft)

    @pytest.mark.parametrize("version", [0, 2, 3])
    def test_a_signer_of_another_version_is_refused(self, city: City, version: int) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.signer_version = version
        with refused(Reason.SIGNATURE_MALFORMED):
            city.verify(draft)

    def test_no_signer_is_refused(self, city: City) -> None:
        octets = Draft(city.signer(), CONTENT).build([])
        with refused(Reason.SIGNERS_WRONG):
            verify_signature(octets, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_two_signers_are_refused(self, city: City) -> None:
        draft, other = (Draft(city.signer(kind), CONTENT) for kind in ("p256", "p384"))
        octets = draft.build([draft.signer_info(), other.signer_info()])
        with refused(Reason.SIGNERS_WRONG):
            verify_signature(octets, content=CONTENT, anchors=city.anchors, at=NOW)


class TestAttributes:
    """The signed attributes: all four, each once, each in form."""

    def test_a_signature_without_attributes_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes.clear()
        draft.signature = draft.signer.sign(CONTENT)
        with refused(Reason.ATTRIBUTES_MISSING):
            city.verify(draft)

    @pytest.mark.parametrize(
        "kind", [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE_V2]
    )
    def test_each_of_the_four_is_needed(self, city: City, kind: str) -> None:
        draft = Draft(city.signer(), CONTENT)
        del draft.attributes[kind]
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)

    @pytest.mark.parametrize(
        "kind", [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE_V2]
    )
    @pytest.mark.parametrize("values", [(), (NULL,), (NULL, NULL)], ids=["none", "other", "two"])
    def test_each_of_the_four_has_one_value_of_its_type(
        self, city: City, kind: str, values: tuple[bytes, ...]
    ) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes[kind] = attribute(kind, *values)
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)

    def test_an_attribute_that_stands_twice_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes["again"] = attribute(
            MESSAGE_DIGEST, tlv(0x04, hashlib.sha256(b"other").digest())
        )
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)

    def test_attributes_out_of_order_are_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        octets = draft.build()
        ordered = sorted(draft.attributes.values())
        shuffled = octets.replace(b"".join(ordered), b"".join(reversed(ordered)))
        assert shuffled != octets
        with refused(Reason.SIGNATURE_MALFORMED):
            verify_signature(shuffled, content=CONTENT, anchors=city.anchors, at=NOW)

    def test_another_type_of_content_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes[CONTENT_TYPE] = attribute(CONTENT_TYPE, oid(ID_SIGNED_DATA))
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)
        draft.attributes[CONTENT_TYPE] = attribute(CONTENT_TYPE, oid(ID_DATA))
        draft.content_kind = ID_SIGNED_DATA
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)

    @pytest.mark.parametrize("text", [b"260309083000", b"2603090830Z", b"20260309083000Z", b""])
    def test_a_time_out_of_form_is_refused(self, city: City, text: bytes) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes[SIGNING_TIME] = attribute(SIGNING_TIME, tlv(0x17, text))
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)

    def test_a_changed_attribute_breaks_the_signature(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.signature = draft.signer.sign(draft.signed_attributes())
        draft.attributes[SIGNING_TIME] = attribute(SIGNING_TIME, tlv(0x17, b"260310083000Z"))
        with refused(Reason.SIGNATURE_WRONG):
            city.verify(draft)


class TestReference:
    """The signature names its certificate, and means this one."""

    def test_a_reference_to_another_certificate_of_the_same_key_is_refused(
        self, city: City
    ) -> None:
        draft = Draft(city.signer(), CONTENT)
        other = city.signer(authority=city.hierarchy.enterprise)
        draft.set_reference(signing_certificate(hashlib.sha256(other.der).digest()))
        with refused(Reason.CERTIFICATE_REFERENCE_WRONG):
            city.verify(draft)

    def test_the_certificate_cannot_be_exchanged_for_another_of_the_same_key(
        self, city: City
    ) -> None:
        draft = Draft(city.signer(), CONTENT)
        signature = draft.signer.sign(draft.signed_attributes())
        draft.certificates = [city.signer(authority=city.hierarchy.enterprise).der]
        draft.signature = signature
        with refused(Reason.CERTIFICATE_MISSING):
            city.verify(draft)

    @pytest.mark.parametrize("what", ["number", "issuer", "two issuers", "kind of name"])
    def test_a_reference_with_another_issuer_or_number_is_refused(
        self, city: City, what: str
    ) -> None:
        signer = city.signer()
        draft = Draft(signer, CONTENT)
        name = signer.certificate.issuer.public_bytes()
        number = signer.certificate.serial_number
        issuers = {
            "issuer": [tlv(0xA4, signer.certificate.subject.public_bytes())],
            "two issuers": [tlv(0xA4, name), tlv(0xA4, name)],
            "kind of name": [tlv(0xA5, name)],
        }.get(what, [tlv(0xA4, name)])
        serial = sequence(sequence(*issuers), integer(number + 1 if what == "number" else number))
        draft.set_reference(signing_certificate(hashlib.sha256(signer.der).digest(), serial))
        with refused(Reason.CERTIFICATE_REFERENCE_WRONG):
            city.verify(draft)

    def test_a_reference_by_a_weak_digest_is_refused(self, city: City) -> None:
        signer = city.signer()
        draft = Draft(signer, CONTENT)
        weak = hashlib.sha1(signer.der).digest()  # noqa: S324 -- to show that it is refused
        name = algorithm(DIGEST_OIDS["sha1"])
        draft.set_reference(signing_certificate(weak, hash_name=name))
        with refused(Reason.ALGORITHM_UNSUPPORTED):
            city.verify(draft)

    def test_an_empty_reference_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.set_reference(sequence(sequence()))
        with refused(Reason.ATTRIBUTES_WRONG):
            city.verify(draft)

    def test_a_signature_without_certificates_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.certificates = []
        with refused(Reason.CERTIFICATE_MISSING):
            city.verify(draft)

    def test_a_key_identifier_that_no_certificate_has_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.identifier = tlv(0x80, b"\x01\x02\x03")
        draft.version = draft.signer_version = 3
        with refused(Reason.CERTIFICATE_MISSING):
            city.verify(draft)

    def test_too_many_certificates_are_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.certificates *= MAX_CERTIFICATES + 1
        with refused(Reason.SIGNATURE_TOO_LARGE):
            city.verify(draft)

    def test_a_certificate_with_a_broken_extension_is_refused(self, city: City) -> None:
        broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), b"\x30\x05")
        draft = Draft(city.signer(extensions=[(broken, False)]), CONTENT)
        with refused(Reason.CERTIFICATE_MALFORMED):
            city.verify(draft)


class TestAlgorithms:
    """The algorithms named agree with each other and with the key."""

    @pytest.mark.parametrize("digest", ["md5", "sha1"])
    def test_a_broken_digest_is_refused(self, city: City, digest: str) -> None:
        with refused(Reason.ALGORITHM_UNSUPPORTED):
            city.verify(Draft(city.signer(), CONTENT, digest))

    def test_a_signature_algorithm_off_the_list_is_refused(self, city: City) -> None:
        for name in (ECDSA_OIDS["sha1"], "1.3.101.112", DIGEST_OIDS["sha256"]):
            draft = Draft(city.signer(), CONTENT)
            draft.signature_algorithm = algorithm(name)
            with refused(Reason.ALGORITHM_UNSUPPORTED):
                city.verify(draft)

    def test_an_algorithm_with_parameters_is_refused(self, city: City) -> None:
        signer = city.signer("rsa2048")
        assert isinstance(signer.key, rsa.RSAPrivateKey)
        draft = Draft(signer, CONTENT)
        draft.signature_algorithm = algorithm("1.2.840.113549.1.1.10", sequence())
        pss = padding.PSS(padding.MGF1(SHA256()), 32)
        draft.signature = signer.key.sign(draft.signed_attributes(), pss, SHA256())
        with refused(Reason.ALGORITHM_UNSUPPORTED):
            city.verify(draft)

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("p256", RSA_ENCRYPTION),
            ("p256", RSA_OIDS["sha256"]),
            ("p256", ECDSA_OIDS["sha384"]),
            ("rsa2048", ECDSA_OIDS["sha256"]),
            ("rsa2048", RSA_OIDS["sha512"]),
        ],
    )
    def test_an_algorithm_of_another_key_or_digest_is_refused(
        self, city: City, kind: KeyKind, name: str
    ) -> None:
        draft = Draft(city.signer(kind), CONTENT)
        draft.signature_algorithm = algorithm(name)
        with refused(Reason.ALGORITHM_UNSUITABLE):
            city.verify(draft)

    @pytest.mark.parametrize("listed", [[], ["sha512"]])
    def test_the_list_of_digests_names_the_signers(self, city: City, listed: list[str]) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.digest_algorithms = [algorithm(DIGEST_OIDS[name]) for name in listed]
        with refused(Reason.ALGORITHM_UNSUITABLE):
            city.verify(draft)

    def test_a_signature_of_another_key_is_refused(self, city: City) -> None:
        for kind in KINDS:
            draft = Draft(city.signer(kind), CONTENT)
            draft.signature = draft.signer.sign(b"something else")
            with refused(Reason.SIGNATURE_WRONG):
                city.verify(draft)

    @pytest.mark.parametrize("signature", [b"", b"\x30\x06\x02\x01\x00\x02\x01\x00", bytes(64)])
    @pytest.mark.parametrize("kind", ["rsa2048", "p256"])
    def test_what_is_no_signature_is_refused(
        self, city: City, kind: KeyKind, signature: bytes
    ) -> None:
        draft = Draft(city.signer(kind), CONTENT)
        draft.signature = signature
        with refused(Reason.SIGNATURE_WRONG):
            city.verify(draft)

    def test_an_ecdsa_signature_with_padding_is_refused(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        der = draft.signer.sign(draft.signed_attributes())
        assert der[1] < 0x80
        for variant in (der + b"\0", b"\x30\x81" + der[1:]):
            draft.signature = variant
            with refused(Reason.SIGNATURE_WRONG):
                city.verify(draft)
