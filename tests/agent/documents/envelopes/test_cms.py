"""What the document room tells of an envelope: for whom it is, and its content."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from signet_agent.documents.envelopes.base import NotOpenedError
from signet_agent.documents.envelopes.cms import CmsEnvelope
from signet_agent.model import KeyPadding
from signet_agent.tokens.certificates import describe
from tests.kit.envelope import PADDINGS, sealed
from tests.kit.pki import ENCRYPTION, ENTERPRISE, Authority, private_key

pytestmark = pytest.mark.quick

CONTENT = "工资单".encode()


@pytest.fixture(scope="module")
def der() -> bytes:
    """A certificate that has a key identifier."""
    key = private_key("rsa2048")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issued = Authority.create("CA").issue(
        ENTERPRISE, key.public_key(), usage=ENCRYPTION, extensions=[(identifier, False)]
    )
    return issued.public_bytes(Encoding.DER)


@pytest.mark.parametrize("named", [(), ("-keyid",)], ids=["by serial", "by key"])
@pytest.mark.parametrize(
    ("words", "padding", "key_bytes"),
    [
        (("-aes-128-cbc",), KeyPadding.PKCS1, 16),
        (("-aes-256-cbc", "-keyopt", "rsa_padding_mode:oaep"), KeyPadding.OAEP_SHA1, 32),
    ],
)
def test_the_recipient_has_the_words_of_her_certificate_and_the_key_opens(
    tmp_path: Path,
    der: bytes,
    words: tuple[str, ...],
    padding: KeyPadding,
    key_bytes: int,
    named: tuple[str, ...],
) -> None:
    envelope = sealed(tmp_path, der, CONTENT, *words, *named)
    described, private = describe(der, "t", "k"), private_key("rsa2048")
    assert described is not None
    assert isinstance(private, rsa.RSAPrivateKey)

    (recipient,) = CmsEnvelope().recipients(envelope)

    assert recipient.recipient == described.recipient_ids[len(named)]
    assert (recipient.padding, recipient.key_bytes) == (padding, key_bytes)
    key = private.decrypt(recipient.encrypted, PADDINGS[recipient.padding])
    assert CmsEnvelope().open(envelope, key) == CONTENT
    with pytest.raises(NotOpenedError):
        CmsEnvelope().open(envelope, key + b"\0")


@pytest.mark.parametrize("octets", [b"", b"{}", b"\x30\x80" * 1_000])
def test_what_is_no_envelope_is_told_alike_to_whoever_asks(octets: bytes) -> None:
    with pytest.raises(NotOpenedError):
        CmsEnvelope().recipients(octets)
    with pytest.raises(NotOpenedError):
        CmsEnvelope().open(octets, bytes(16))
