"""Which authorities a department trusts, and which ways lead to them."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier

from signet_protocol.verify import TrustAnchorError, TrustAnchors
from tests.kit.pki import (
    Authority,
    Hierarchy,
)
from tests.protocol.verify.city import City

pytestmark = pytest.mark.quick


def test_a_file_without_certificates_is_refused() -> None:
    with pytest.raises(TrustAnchorError, match="cannot be read"):
        TrustAnchors.from_pem(b"nothing here")


def test_a_file_without_a_root_is_refused() -> None:
    with pytest.raises(TrustAnchorError, match="no root"):
        TrustAnchors.from_pem(Hierarchy.create().citizen.pem)


def test_a_file_with_a_person_in_it_is_refused(city: City) -> None:
    person = city.signer().certificate.public_bytes(Encoding.PEM)
    with pytest.raises(TrustAnchorError, match="not a certification authority's"):
        TrustAnchors.from_pem(city.hierarchy.pem + person)


def test_an_anchor_with_a_broken_extension_is_refused() -> None:
    broken = (x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.19"), b"\x30\x05"), True)
    root = Authority.create("根", extensions=[broken])
    with pytest.raises(TrustAnchorError, match="cannot be read"):
        TrustAnchors([root.certificate])
