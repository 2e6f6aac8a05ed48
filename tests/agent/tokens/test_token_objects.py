"""What a PKCS#11 token holds, and which of it is listed: over the real SoftHSM2."""

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from signet_agent.tokens.pkcs11 import Pkcs11Provider
from tests.kit import pki
from tests.kit.softhsm import SoftHsm, TokenKey, dual_pair, key_pair
from tests.skf.people import GmPeople

Provide = Callable[[SoftHsm], Pkcs11Provider]


def test_a_certificate_of_another_key_is_not_listed(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    rsa, other_rsa = pki.private_key("rsa2048", 1), pki.private_key("rsa2048", 2)
    curve, other_curve = pki.private_key("p256"), pki.private_key("p256", 2)
    keys = [
        key_pair(key_id, key, authority.issue(pki.ENTERPRISE, certified.public_key()))
        for key_id, key, certified in [
            ("01", rsa, rsa),
            ("02", rsa, other_rsa),
            ("03", curve, curve),
            ("04", curve, other_curve),
        ]
    ]
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("mixed", keys)

    (token,) = provide(hsm).tokens()

    assert [each.key[-2:] for each in token.certificates] == ["01", "03"]


def test_a_certificate_without_a_public_key_object_is_listed(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    key = pki.private_key("p256")
    issued = authority.issue(pki.CITIZEN, key.public_key()).public_bytes(Encoding.DER)
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("bare", [TokenKey("01", key, issued)])

    (token,) = provide(hsm).tokens()

    assert [each.key[-2:] for each in token.certificates] == ["01"]


def test_hostile_certificates_do_not_hide_the_others(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    good, curve = dual_pair(authority)[0], pki.private_key("p256")
    hostile = [
        TokenKey("0a", curve, b"\x30\x80" * 500),
        TokenKey("0b", curve, bytes(100_000)),
        TokenKey("0c", curve, good.certificate[:-20]),
    ]
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("\x1b[31m\u202ehostile", [good, *hostile])

    (token,) = provide(hsm).tokens()

    assert token.label == "[31mhostile"
    assert [each.key[-2:] for each in token.certificates] == ["01"]


def test_a_key_of_an_unknown_kind_is_listed_without_an_algorithm(
    provide: Provide, tmp_path: Path, authority: pki.Authority
) -> None:
    key = pki.private_key("k256")
    issued = authority.issue(pki.CITIZEN, key.public_key()).public_bytes(Encoding.DER)
    hsm = SoftHsm.create(tmp_path / "hsm")
    hsm.add_token("odd", [TokenKey("01", pki.private_key("p256"), issued)])

    (token,) = provide(hsm).tokens()

    assert [each.algorithm for each in token.certificates] == [None]


def test_an_sm2_certificate_is_listed_without_an_algorithm(
    provide: Provide, tmp_path: Path, gm_people: GmPeople
) -> None:
    hsm = SoftHsm.create(tmp_path / "hsm")
    der = gm_people.sign.certificate.public_bytes(Encoding.DER)
    hsm.add_token("sm2", [TokenKey("01", pki.private_key("p256"), der)])

    (token,) = provide(hsm).tokens()

    assert [each.algorithm for each in token.certificates] == [None]
