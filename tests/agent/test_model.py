"""Certificates as people have them: two of one holder are one pair."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from signet_agent.model import Certificate, KeyUse
from tests.kit.views import certificate_of, token_of

pytestmark = pytest.mark.quick

SIGNS, OPENS = (KeyUse.LOGIN, KeyUse.SIGN), (KeyUse.OPEN,)
OLD, NEW = 1_600_000_000, 1_760_000_000


def _certificate(
    key: str,
    uses: tuple[KeyUse, ...],
    subject: str = "CN=张三",
    began: int = NEW,
    issuer: str = "CN=CA",
) -> Certificate:
    made = certificate_of(days=300, uses=uses)
    return replace(made, key=key, subject=subject, issuer=issuer, not_before=began)


def _pairs(*certificates: Certificate) -> set[tuple[str, ...]]:
    return {tuple(each.key for each in pair) for pair in token_of(*certificates).pairs()}


def test_two_certificates_of_one_holder_are_a_pair_in_whatever_order() -> None:
    signs, opens = _certificate("s", SIGNS), _certificate("o", OPENS)
    stranger = _certificate("x", OPENS, "CN=李四")

    for order in permutations([signs, opens, stranger]):
        assert _pairs(*order) == {("s", "o"), ("x",)}


def test_another_authoritys_certificate_is_no_partner() -> None:
    assert _pairs(_certificate("s", SIGNS), _certificate("o", OPENS, issuer="CN=another")) == {
        ("s",),
        ("o",),
    }


def test_holders_without_a_name_are_not_one_holder() -> None:
    assert _pairs(_certificate("s", SIGNS, ""), _certificate("o", OPENS, "")) == {("s",), ("o",)}


def test_renewed_certificates_go_with_those_of_their_own_time() -> None:
    certificates = [
        _certificate("s1", SIGNS, began=OLD),
        _certificate("s2", SIGNS, began=NEW),
        _certificate("o2", OPENS, began=NEW + 60),
        _certificate("o1", OPENS, began=OLD + 60),
    ]

    for order in permutations(certificates):
        assert _pairs(*order) == {("s1", "o1"), ("s2", "o2")}


def test_one_certificate_for_everything_stands_alone() -> None:
    both = _certificate("b", (*SIGNS, *OPENS))

    assert _pairs(both, _certificate("s", SIGNS)) == {("b",), ("s",)}


def test_a_second_opening_certificate_stays_without_a_partner() -> None:
    certificates = [
        _certificate("s", SIGNS),
        _certificate("o1", OPENS, began=OLD),
        _certificate("o2", OPENS),
    ]

    assert _pairs(*certificates) == {("s", "o2"), ("o1",)}
