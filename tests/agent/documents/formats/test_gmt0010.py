"""GM/T 0010: the agent's messages as a second reader finds them, and who signs none."""

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.serialization import Encoding

from signet_agent.documents.formats.base import FormatError
from signet_agent.documents.formats.cms import CadesFormat
from signet_agent.documents.formats.gmt0010 import Gmt0010Format
from signet_agent.model import Algorithm
from signet_protocol.gm.gmt0010 import Dialect, read_message_digest, read_signed_message
from signet_protocol.gm.sm3 import sm3
from tests.kit import pki
from tests.kit.national import Sm2Authority, Sm2Person

pytestmark = pytest.mark.quick

DOCUMENT = "云汀市 2026 年纳税申报".encode()
SIGNED_AT = 1_794_464_432


@pytest.fixture(scope="module")
def person() -> Sm2Person:
    return Sm2Authority.create("云汀市国密 CA").issue()


def sign(form: CadesFormat, person: Sm2Person, *, attached: bool = False) -> bytes:
    attributes = form.bind(sm3(DOCUMENT), person.der, Algorithm.SM2, SIGNED_AT)
    signature = person.sign(attributes)
    content = DOCUMENT if attached else None
    return form.finish(attributes, person.der, Algorithm.SM2, signature, content)


@pytest.mark.parametrize("attached", [True, False])
def test_a_message_has_gmt_0010s_own_names_throughout(person: Sm2Person, attached: bool) -> None:
    message = read_signed_message(sign(Gmt0010Format(), person, attached=attached))

    assert (message.dialect, message.is_sm2) == (Dialect.GM, True)
    assert message.signature_algorithm.dotted_string == "1.2.156.10197.1.301.1"
    assert message.content == (DOCUMENT if attached else None)
    assert message.attributes is not None
    assert read_message_digest(message.attributes, Dialect.GM) == sm3(DOCUMENT)
    assert message.signer == person.certificate


def test_cades_b_has_the_rfcs_names_around_sm2(person: Sm2Person) -> None:
    signed = sign(CadesFormat(), person)

    message = read_signed_message(signed)
    assert (message.dialect, message.is_sm2) == (Dialect.PKCS7, True)
    info = cms.ContentInfo.load(signed)
    assert info["content_type"].native == "signed_data"
    (signer,) = info["content"]["signer_infos"]
    assert signer["signature_algorithm"]["algorithm"].dotted == "1.2.156.10197.1.501"
    kinds = [attribute["type"].dotted for attribute in signer["signed_attrs"]]
    assert "1.2.840.113549.1.9.16.2.47" in kinds


def test_every_octet_is_strict_der(person: Sm2Person) -> None:
    signed = sign(Gmt0010Format(), person)
    assert core.Sequence.load(signed, strict=True).dump(force=True) == signed


@pytest.mark.parametrize("algorithm", set(Algorithm) - {Algorithm.SM2})
def test_other_keys_have_no_name_in_gmt_0010(algorithm: Algorithm) -> None:
    authority, key = pki.Authority.create("示例 CA"), pki.private_key("p256").public_key()
    der = authority.issue(pki.CITIZEN, key).public_bytes(Encoding.DER)
    with pytest.raises(FormatError, match="no name"):
        Gmt0010Format().bind(sm3(DOCUMENT), der, algorithm, SIGNED_AT)
    with pytest.raises(FormatError, match="no name"):
        Gmt0010Format().finish(b"1\0", der, algorithm, bytes(64), None)


@pytest.mark.parametrize("size", [0, 63, 65, 72])
def test_a_signature_of_another_size_is_refused(person: Sm2Person, size: int) -> None:
    form = Gmt0010Format()
    attributes = form.bind(sm3(DOCUMENT), person.der, Algorithm.SM2, SIGNED_AT)
    with pytest.raises(FormatError):
        form.finish(attributes, person.der, Algorithm.SM2, bytes(size), None)


def test_a_digest_of_another_size_is_refused(person: Sm2Person) -> None:
    with pytest.raises(FormatError):
        Gmt0010Format().bind(bytes(48), person.der, Algorithm.SM2, SIGNED_AT)
