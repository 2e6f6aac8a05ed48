"""Messages: written and read in each dialect, read by a second library, refused when changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from asn1crypto import cms

from signet_protocol.gm import (
    DEFAULT_ID,
    GmDecryptionError,
    GmFormatError,
    Sm2KeyError,
    Sm2PrivateKey,
)
from signet_protocol.gm.certificates import read_sm2_key
from signet_protocol.gm.gmt0009 import read_signature
from signet_protocol.gm.gmt0010 import (
    Dialect,
    read_envelope,
    read_message_digest,
    read_signed_message,
    seal,
    write_attributes,
    write_signed_message,
)
from signet_protocol.gm.sm3 import sm3
from tests.kit.pki import Hierarchy
from tests.protocol.gm.people import Member
from tests.protocol.verify.city import City
from tests.protocol.verify.draft import Draft

pytestmark = pytest.mark.quick

DOCUMENT = "云汀市 2026 年纳税申报".encode()
NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def sign(person: Member, dialect: Dialect, *, attached: bool = True, bare: bool = False) -> bytes:
    """Sign the document as an agent would: the raw signature comes from outside."""
    attributes = None if bare else write_attributes(sm3(DOCUMENT), NOON, dialect)
    over = DOCUMENT if attributes is None else attributes
    return write_signed_message(
        person.certificate,
        read_signature(person.key.sign(over, identity=DEFAULT_ID)),
        content=DOCUMENT if attached else None,
        attributes=attributes,
        dialect=dialect,
    )


@pytest.mark.parametrize("attached", [True, False])
@pytest.mark.parametrize("dialect", Dialect)
def test_a_signed_message_is_read_as_it_was_written(
    person: Member, dialect: Dialect, attached: bool
) -> None:
    message = read_signed_message(sign(person, dialect, attached=attached))
    assert (message.dialect, message.is_sm2) == (dialect, True)
    assert message.content == (DOCUMENT if attached else None)
    assert message.attributes is not None
    assert read_message_digest(message.attributes, dialect) == sm3(DOCUMENT)
    assert message.signer == person.certificate
    key = read_sm2_key(person.certificate)
    assert key.verify(message.signature, message.attributes, identity=DEFAULT_ID)


def test_without_attributes_the_signature_covers_the_content(person: Member) -> None:
    message = read_signed_message(sign(person, Dialect.GM, bare=True))
    assert message.attributes is None
    key = read_sm2_key(person.certificate)
    assert key.verify(message.signature, DOCUMENT, identity=DEFAULT_ID)


def test_another_library_reads_what_was_written(person: Member) -> None:
    info = cms.ContentInfo.load(sign(person, Dialect.PKCS7), strict=True)
    assert info["content_type"].native == "signed_data"
    (signer,) = info["content"]["signer_infos"]
    assert signer["digest_algorithm"]["algorithm"].dotted == "1.2.156.10197.1.401"
    assert signer["signature_algorithm"]["algorithm"].dotted == "1.2.156.10197.1.301.1"
    values = {each["type"].native: each["values"][0].native for each in signer["signed_attrs"]}
    expected = {"content_type": "data", "message_digest": sm3(DOCUMENT), "signing_time": NOON}
    assert values == expected


def test_the_dialect_of_the_standard_bears_its_own_names(person: Member) -> None:
    info = cms.ContentInfo.load(sign(person, Dialect.GM), strict=True)
    assert info["content_type"].dotted == "1.2.156.10197.6.1.4.2.2"


def test_the_plain_dialect_of_rsa_is_read() -> None:
    signer = City().signer("rsa2048")
    message = read_signed_message(Draft(signer, DOCUMENT).build())
    assert (message.dialect, message.is_sm2) == (Dialect.PKCS7, False)
    assert message.signer == signer.certificate


def test_a_message_without_its_signers_certificate_names_no_signer(
    person: Member, root: Member
) -> None:
    message = read_signed_message(sign(person, Dialect.GM))
    assert replace(message, certificates=()).signer is None
    assert replace(message, certificates=(root.certificate,)).signer is None


def test_what_is_no_signed_message_is_refused(person: Member) -> None:
    signed = sign(person, Dialect.GM)
    sealed = seal(DOCUMENT, [person.certificate])
    for wrong in (b"", signed[:-1], signed + b"\0", b"\x30\x80" + signed[2:] + b"\0\0", sealed):
        with pytest.raises(GmFormatError):
            read_signed_message(wrong)


@pytest.mark.parametrize("attributes", [b"", b"\x31\x00", b"\x30\x00", DOCUMENT])
def test_attributes_that_are_none_are_refused(attributes: bytes) -> None:
    with pytest.raises(GmFormatError):
        read_message_digest(attributes, Dialect.GM)


def test_attributes_for_another_dialect_are_refused() -> None:
    attributes = write_attributes(sm3(DOCUMENT), NOON, Dialect.PKCS7)
    with pytest.raises(GmFormatError, match="type"):
        read_message_digest(attributes, Dialect.GM)


@pytest.mark.parametrize("dialect", Dialect)
def test_an_envelope_opens_for_each_of_its_recipients(
    person: Member, authority: Member, dialect: Dialect
) -> None:
    people = {member.certificate.serial_number: member for member in (person, authority)}
    envelope = read_envelope(seal(DOCUMENT, [p.certificate for p in people.values()], dialect))
    assert envelope.dialect is dialect
    assert {recipient.serial for recipient in envelope.recipients} == people.keys()
    for recipient in envelope.recipients:
        key = people[recipient.serial].key
        assert envelope.open(recipient, key.decrypt) == DOCUMENT
        with pytest.raises(GmDecryptionError):
            envelope.open(recipient, Sm2PrivateKey.generate().decrypt)
        with pytest.raises(GmDecryptionError):
            envelope.open(recipient, lambda _: bytes(15))


def test_an_envelope_needs_a_recipient_with_an_sm2_key() -> None:
    with pytest.raises(ValueError, match="somebody"):
        seal(DOCUMENT, [])
    with pytest.raises(Sm2KeyError):
        seal(DOCUMENT, [Hierarchy.create().root.certificate])


def test_what_is_no_envelope_is_refused(person: Member) -> None:
    sealed = seal(DOCUMENT, [person.certificate])
    cfb = sealed.replace(bytes.fromhex("2a811ccf55016802"), bytes.fromhex("2a811ccf55016804"))
    assert cfb != sealed
    for wrong in (b"", sealed[:-1], sealed + b"\0", cfb, sign(person, Dialect.GM)):
        with pytest.raises(GmFormatError):
            read_envelope(wrong)


def test_an_envelope_that_calls_its_cipher_plain_sm4_is_read(person: Member) -> None:
    long, short = bytes.fromhex("06082a811ccf550168020410"), bytes.fromhex("06072a811ccf5501680410")
    value = cms.ContentInfo.load(seal(DOCUMENT, [person.certificate], Dialect.PKCS7)).copy()
    assert long in value.dump()
    content = value["content"]["encrypted_content_info"]["content_encryption_algorithm"]
    content["algorithm"] = "1.2.156.10197.1.104"
    assert short in value.dump(force=True)
    envelope = read_envelope(value.dump(force=True))
    assert envelope.open(envelope.recipients[0], person.key.decrypt) == DOCUMENT
