"""Certificates of SM2 for tests and demonstrations: whole ones, or none."""

import pytest

from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey
from signet_protocol.gm.certificates import read_sm2_key
from signet_protocol.gm.issuing import convert
from tests.kit.pki import CITIZEN, Authority, private_key

pytestmark = pytest.mark.quick

AUTHORITY = Authority.create("示例 CA")


def test_a_certificate_is_for_the_new_key_and_by_the_new_authority() -> None:
    template = AUTHORITY.issue(CITIZEN, private_key("p256").public_key())
    key, issuer = Sm2PrivateKey.generate(), Sm2PrivateKey.generate()

    made = convert(template, key.public_key, issuer)

    assert read_sm2_key(made).point == key.public_key.point
    assert made.signature_algorithm_oid.dotted_string == "1.2.156.10197.1.501"
    assert (made.subject, [*made.extensions]) == (template.subject, [*template.extensions])
    tbs = made.tbs_certificate_bytes
    assert issuer.public_key.verify(made.signature, tbs, identity=DEFAULT_ID)


def test_a_template_with_another_kind_of_key_is_refused() -> None:
    template = AUTHORITY.issue(CITIZEN, private_key("rsa2048").public_key())
    key = Sm2PrivateKey.generate()
    with pytest.raises(ValueError, match="P-256"):
        convert(template, key.public_key, key)
