"""A document's signature counts when every member of it is as CAdES-B wants it."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signet_protocol.verify import Holder, Reason, VerifiedSignature
from tests.kit.pki import (
    DOCUMENT,
    ENCRYPTION,
    LOGIN,
    Authority,
    KeyKind,
    Usage,
)
from tests.protocol.verify.city import CONTENT, KINDS, NOW, City, refused
from tests.protocol.verify.draft import (
    DIGEST_OIDS,
    NULL,
    RSA_OIDS,
    SIGNED_AT,
    SIGNING_TIME,
    Draft,
    algorithm,
    attribute,
    integer,
    oid,
    sequence,
    tlv,
)

pytestmark = pytest.mark.quick


class TestAcceptance:
    """What a correct signature says."""

    @pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_key_signs_with_every_digest(
        self, city: City, kind: KeyKind, digest: str
    ) -> None:
        signer = city.signer(kind)
        result = city.verify(Draft(signer, CONTENT, digest))
        assert result == VerifiedSignature(
            holder=Holder.of(signer.certificate),
            signed_at=SIGNED_AT,
            content=CONTENT,
            certificate_der=signer.der,
            digest=hashlib.sha256(CONTENT).hexdigest(),
        )

    @pytest.mark.parametrize("held", [None, CONTENT], ids=["alone", "compared"])
    def test_an_attached_signature_brings_its_content(self, city: City, held: bytes | None) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.embedded = CONTENT
        assert city.verify(draft, held).content == CONTENT

    def test_an_empty_document_can_be_signed(self, city: City) -> None:
        assert city.verify(Draft(city.signer(), b""), b"").content == b""

    @pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
    def test_an_rsa_algorithm_may_name_its_digest(self, city: City, digest: str) -> None:
        draft = Draft(city.signer("rsa2048"), CONTENT, digest)
        draft.signature_algorithm = algorithm(RSA_OIDS[digest], NULL)
        assert city.verify(draft).content == CONTENT

    def test_a_digest_algorithm_may_carry_null(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.digest_algorithm = algorithm(DIGEST_OIDS["sha256"], NULL)
        assert city.verify(draft).content == CONTENT

    def test_the_signer_may_be_named_by_key_identifier(self, city: City) -> None:
        identifier = x509.SubjectKeyIdentifier(b"\x01\x02\x03")
        draft = Draft(city.signer(extensions=[(identifier, False)]), CONTENT)
        draft.identifier = tlv(0x80, identifier.digest)
        draft.version = draft.signer_version = 3
        assert city.verify(draft).content == CONTENT

    def test_other_signed_and_unsigned_attributes_change_nothing(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes["more"] = attribute("1.2.840.113549.1.9.15", sequence())
        draft.unsigned = [attribute("1.2.3.4", NULL)]
        assert city.verify(draft).content == CONTENT

    def test_a_time_after_2049_is_read(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.attributes[SIGNING_TIME] = attribute(SIGNING_TIME, tlv(0x18, b"20500101000000Z"))
        assert city.verify(draft).signed_at == datetime(2050, 1, 1, tzinfo=UTC)

    def test_the_reference_may_name_its_digest_issuer_and_policies(self, city: City) -> None:
        signer = city.signer()
        draft = Draft(signer, CONTENT)
        issuer = sequence(tlv(0xA4, signer.certificate.issuer.public_bytes()))
        reference = sequence(
            algorithm(DIGEST_OIDS["sha512"]),
            tlv(0x04, hashlib.sha512(signer.der).digest()),
            sequence(issuer, integer(signer.certificate.serial_number)),
        )
        draft.set_reference(sequence(sequence(reference), sequence(sequence(oid("1.2.3")))))
        assert city.verify(draft).content == CONTENT

    def test_the_authorities_may_come_with_the_signature(self, city: City) -> None:
        below = Authority.create("区级 CA", parent=city.hierarchy.citizen)
        draft = Draft(city.signer(authority=below), CONTENT)
        with refused(Reason.CERTIFICATE_UNTRUSTED):
            city.verify(draft)
        draft.certificates.append(below.certificate.public_bytes(Encoding.DER))
        assert city.verify(draft).holder.issuer == "区级 CA"


class TestContent:
    """What was signed is what the department holds."""

    def test_a_detached_signature_needs_the_content(self, city: City) -> None:
        with refused(Reason.CONTENT_MISSING):
            city.verify(Draft(city.signer(), CONTENT), None)

    @pytest.mark.parametrize("held", [b"", CONTENT + b"\n", CONTENT.replace(b"128", b"028")])
    def test_another_content_is_refused(self, city: City, held: bytes) -> None:
        draft = Draft(city.signer(), CONTENT)
        with refused(Reason.CONTENT_DIFFERENT):
            city.verify(draft, held)
        draft.embedded = CONTENT
        with refused(Reason.CONTENT_DIFFERENT):
            city.verify(draft, held)

    @pytest.mark.parametrize("held", [None, CONTENT, b"exchanged"])
    def test_an_exchanged_content_inside_is_refused(self, city: City, held: bytes | None) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.embedded = b"exchanged"
        with refused(Reason.DIGEST_WRONG):
            city.verify(draft, held)

    def test_an_empty_content_inside_is_a_content(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        draft.embedded = b""
        with refused(Reason.DIGEST_WRONG):
            city.verify(draft)


class TestCertificate:
    """The signer's certificate is valid, meant for documents, and trusted."""

    def test_the_servers_time_decides_not_the_signers(self, city: City) -> None:
        draft = Draft(city.signer(), CONTENT)
        with refused(Reason.CERTIFICATE_EXPIRED):
            city.verify(draft, at=NOW + timedelta(days=400))
        with refused(Reason.CERTIFICATE_NOT_YET_VALID):
            city.verify(draft, at=NOW - timedelta(days=2))

    @pytest.mark.parametrize("usage", [LOGIN, ENCRYPTION, frozenset[str](), None])
    def test_a_certificate_without_the_usage_is_refused(
        self, city: City, usage: Usage | None
    ) -> None:
        with refused(Reason.CERTIFICATE_USAGE_UNSUITABLE):
            city.verify(Draft(city.signer(usage=usage), CONTENT))

    @pytest.mark.parametrize(
        "usage",
        [
            ExtendedKeyUsageOID.EMAIL_PROTECTION,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
            x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
        ],
    )
    def test_a_certificate_for_documents_is_taken(
        self, city: City, usage: x509.ObjectIdentifier
    ) -> None:
        extended = (x509.ExtendedKeyUsage([usage]), False)
        signer = city.signer(usage=DOCUMENT, extensions=[extended])
        assert city.verify(Draft(signer, CONTENT)).content == CONTENT

    def test_a_certificate_for_another_extended_use_is_refused(self, city: City) -> None:
        extended = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
        with refused(Reason.CERTIFICATE_USAGE_UNSUITABLE):
            city.verify(Draft(city.signer(extensions=[extended]), CONTENT))

    def test_an_authority_cannot_sign_a_document(self, city: City) -> None:
        constraints = (x509.BasicConstraints(ca=True, path_length=None), True)
        with refused(Reason.CERTIFICATE_OF_AUTHORITY):
            city.verify(Draft(city.signer(extensions=[constraints]), CONTENT))

    @pytest.mark.parametrize("kind", ["rsa1024", "k256"])
    def test_a_weak_or_foreign_key_is_refused(self, city: City, kind: KeyKind) -> None:
        with refused(Reason.CERTIFICATE_KEY_UNSUITABLE):
            city.verify(Draft(city.signer(kind), CONTENT))

    def test_a_certificate_of_another_service_is_refused_with_its_root_inside(
        self, city: City
    ) -> None:
        stranger = Authority.create("云汀市证书服务中心（示例）市民 CA")
        draft = Draft(city.signer(authority=stranger), CONTENT)
        draft.certificates.append(stranger.certificate.public_bytes(Encoding.DER))
        with refused(Reason.CERTIFICATE_UNTRUSTED):
            city.verify(draft)

    def test_a_time_without_a_zone_is_the_callers_fault(self, city: City) -> None:
        with pytest.raises(ValueError, match="time zone"):
            city.verify(Draft(city.signer(), CONTENT), at=NOW.replace(tzinfo=None))
