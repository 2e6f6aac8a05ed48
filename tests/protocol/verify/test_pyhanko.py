"""CAdES by another maker: what pyHanko signs is understood."""

from datetime import UTC, datetime

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signet_protocol.verify import Reason, verify_signature
from tests.kit.pki import KeyKind
from tests.protocol.verify.city import CONTENT, KINDS, NOW, City, refused
from tests.protocol.verify.draft import Signer

SIGNED_AT = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


async def sign(signer: Signer, digest: str, *, detached: bool = True) -> bytes:
    """Let pyHanko sign the content; return the DER."""
    pkcs8 = signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    other = SimpleSigner(
        signing_cert=x509.Certificate.load(signer.der),
        signing_key=keys.PrivateKeyInfo.load(pkcs8),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]  # pyHanko's own gap
    )
    made = await other.async_sign_general_data(
        CONTENT,
        digest,
        detached=detached,
        use_cades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=SIGNED_AT),
    )
    der: bytes = made.dump()
    return der


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_detached_signature_is_taken(city: City, kind: KeyKind, digest: str) -> None:
    cms = await sign(city.signer(kind), digest)
    result = verify_signature(cms, content=CONTENT, anchors=city.anchors, at=NOW)
    assert result.signed_at == SIGNED_AT
    with refused(Reason.CONTENT_DIFFERENT):
        verify_signature(cms, content=CONTENT + b" ", anchors=city.anchors, at=NOW)


async def test_an_attached_signature_is_taken(city: City) -> None:
    cms = await sign(city.signer(), "sha256", detached=False)
    result = verify_signature(cms, content=None, anchors=city.anchors, at=NOW)
    assert result.content == CONTENT
