"""Login, document and plain text are kept apart, whoever is wrong."""

import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signet_agent.daemon.signed_octets import require_attributes, require_plain_text
from signet_agent.documents.formats.cms import CadesFormat
from signet_agent.errors import PageError, RoomError
from signet_agent.model import Algorithm
from signet_protocol.errors import ErrorCode
from signet_protocol.plain_text import LOGIN_LENGTHS
from tests.kit.pki import Authority

pytestmark = pytest.mark.quick

DIGEST = hashlib.sha256(b"document").digest()


def refused(octets: bytes) -> bool:
    try:
        require_plain_text(octets)
    except PageError as error:
        return error.code is ErrorCode.PAGE_DOCUMENT_UNSUITABLE
    return False


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_real_attributes_are_never_plain_text(algorithm: Algorithm) -> None:
    digest = hashlib.new(algorithm.hash_name, b"document").digest()
    certificate = Authority.create("CA").certificate.public_bytes(Encoding.DER)
    attributes = CadesFormat().bind(digest, certificate, algorithm, 1_763_000_000)
    require_attributes(attributes, digest)
    assert refused(attributes)


@pytest.mark.parametrize("length", sorted(LOGIN_LENGTHS))
def test_a_login_is_neither_text_nor_attributes(length: int) -> None:
    assert refused(b"x" * length)
    with pytest.raises(RoomError):
        require_attributes((b"1" + DIGEST).ljust(length, b"\0"), DIGEST)


@pytest.mark.parametrize("control", [*range(9), 11, 12, *range(14, 32), 127])
def test_a_control_character_is_not_text(control: int) -> None:
    assert refused(b"text" + bytes([control]))


@pytest.mark.parametrize("text", ["a", "表\t一\r\n表二", "x" * 63, "x" * 65])
def test_text_is_text(text: str) -> None:
    assert not refused(text.encode())
    assert not refused(text.encode("gbk"))
