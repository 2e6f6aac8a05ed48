"""A login cannot pass for a signed document, nor a signed document for a login.

One certificate serves both uses here, which is the hard case: nothing but the form of what was
signed keeps the two apart.
"""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from signet_protocol.verify import Holder, Reason, verify_login, verify_signature
from signet_protocol.verify.keys import read_key
from signet_protocol.verify.policy import AlgorithmPolicy
from tests.kit.pki import DOCUMENT, LOGIN, KeyKind
from tests.protocol.verify.city import (
    CONTENT,
    NONCE,
    NOW,
    ORIGIN,
    City,
    login_input,
    refused,
    write_token,
)
from tests.protocol.verify.draft import HASHES, Draft, Signer

pytestmark = pytest.mark.quick

KINDS: list[KeyKind] = ["rsa2048", "p256", "p384", "p521"]
DIGESTS: dict[KeyKind, str] = {
    "rsa2048": "sha256",
    "p256": "sha256",
    "p384": "sha384",
    "p521": "sha512",
}


def as_der(signer: Signer, signature: bytes) -> bytes:
    """Return a login's signature as CMS wants it."""
    if isinstance(signer.key, rsa.RSAPrivateKey):
        return signature
    half = len(signature) // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    return encode_dss_signature(r, s)


def as_raw(signer: Signer, signature: bytes) -> bytes:
    """Return a document's signature as a login token wants it."""
    if isinstance(signer.key, rsa.RSAPrivateKey):
        return signature
    width = (signer.key.key_size + 7) // 8
    return b"".join(number.to_bytes(width, "big") for number in decode_dss_signature(signature))


def login_as_draft(signer: Signer, kind: KeyKind) -> Draft:
    """Return a signature whose value is that of a login."""
    digest = DIGESTS[kind]
    draft = Draft(signer, login_input(digest), digest)
    token = write_token(signer, kind)
    draft.signature = as_der(signer, b64decode(str(token["signature"])))
    return draft


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attached", [False, True])
def test_a_login_is_no_document_signature_without_attributes(
    city: City, kind: KeyKind, attached: bool
) -> None:
    draft = login_as_draft(city.signer(kind), kind)
    content = login_input(DIGESTS[kind])
    draft.attributes.clear()
    draft.embedded = content if attached else None
    assert draft.signature is not None
    # The forgery is a good one: the value does verify over the content.
    key = read_key(draft.signer.certificate, AlgorithmPolicy())
    digest = HASHES[DIGESTS[kind]]
    assert isinstance(digest, SHA256 | SHA384 | SHA512)
    assert key.verifies(digest, draft.signature, content)
    with refused(Reason.ATTRIBUTES_MISSING):
        verify_signature(draft.build(), content=content, anchors=city.anchors, at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_login_is_no_document_signature_with_attributes(city: City, kind: KeyKind) -> None:
    draft = login_as_draft(city.signer(kind), kind)
    content = login_input(DIGESTS[kind])
    with refused(Reason.SIGNATURE_WRONG):
        verify_signature(draft.build(), content=content, anchors=city.anchors, at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_logins_input_in_the_place_of_the_attributes_is_refused(
    city: City, kind: KeyKind
) -> None:
    draft = login_as_draft(city.signer(kind), kind)
    content = login_input(DIGESTS[kind])
    octets = draft.build()
    attributes = draft.signed_attributes()
    forged = octets.replace(b"\xa0" + attributes[1:], content)
    assert forged != octets
    with refused(Reason.SIGNATURE_MALFORMED):
        verify_signature(forged, content=content, anchors=city.anchors, at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_signature_is_no_login(city: City, kind: KeyKind) -> None:
    signer = city.signer(kind)
    digest = DIGESTS[kind]
    # Even a document that is a login's input, signed as a document, logs nobody in.
    for content in (CONTENT, login_input(digest), ORIGIN.encode(), NONCE.encode()):
        value = signer.sign(Draft(signer, content, digest).signed_attributes(), digest)
        token = write_token(signer, kind)
        token["signature"] = b64encode(as_raw(signer, value)).decode("ascii")
        with refused(Reason.LOGIN_SIGNATURE_WRONG):
            verify_login(token, origin=ORIGIN, nonce=NONCE, anchors=city.anchors, at=NOW)


def test_a_whole_document_signature_is_no_login(city: City) -> None:
    signer = city.signer("rsa2048")
    token = write_token(signer, "rsa2048")
    token["signature"] = b64encode(Draft(signer, CONTENT).build()).decode("ascii")
    with refused(Reason.LOGIN_SIGNATURE_WRONG):
        verify_login(token, origin=ORIGIN, nonce=NONCE, anchors=city.anchors, at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_signed_attributes_are_always_longer_than_a_logins_input(city: City, kind: KeyKind) -> None:
    longest = max(len(login_input(digest)) for digest in ("sha256", "sha384", "sha512"))
    assert longest == 128
    shortest = min(
        len(Draft(city.signer(kind), b"", digest).signed_attributes())
        for digest in ("sha256", "sha384", "sha512")
    )
    assert shortest > longest


def test_attributes_of_a_document_are_no_content_without_attributes(city: City) -> None:
    # The oldest trick with CMS: drop the attributes and show them as the content that was signed.
    signer = city.signer()
    honest = Draft(signer, CONTENT)
    content = honest.signed_attributes()
    forged = Draft(signer, content)
    forged.attributes.clear()
    forged.signature = signer.sign(content)
    with refused(Reason.ATTRIBUTES_MISSING):
        verify_signature(forged.build(), content=content, anchors=city.anchors, at=NOW)


def test_with_two_certificates_each_serves_one_use(city: City) -> None:
    for_login, for_documents = city.signer(usage=LOGIN), city.signer(usage=DOCUMENT)
    with refused(Reason.CERTIFICATE_USAGE_UNSUITABLE):
        token = write_token(for_documents, "p256")
        verify_login(token, origin=ORIGIN, nonce=NONCE, anchors=city.anchors, at=NOW)
    with refused(Reason.CERTIFICATE_USAGE_UNSUITABLE):
        cms = Draft(for_login, CONTENT).build()
        verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)
    token = write_token(for_login, "p256")
    holder = verify_login(token, origin=ORIGIN, nonce=NONCE, anchors=city.anchors, at=NOW)
    assert holder == Holder.of(for_login.certificate)
    cms = Draft(for_documents, CONTENT).build()
    result = verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)
    assert result.holder == Holder.of(for_documents.certificate)
