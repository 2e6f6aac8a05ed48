"""The opt-in certificate: absent is fine, the rest is judged."""

import pytest

from signet_agent.doctor.base import Status
from signet_agent.doctor.surroundings import TrustView
from signet_agent.doctor.trust import SOON_S, TrustCheck
from tests.agent.doctor.conftest import NOW, Spoil

pytestmark = pytest.mark.quick

LATER = NOW + SOON_S + 1


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        (TrustView(), Status.OK),
        (TrustView("usable", LATER), Status.OK),
        (TrustView("usable", LATER - 2), Status.NOTICE),
        (TrustView("usable", LATER, ("Firefox (/profile)",)), Status.NOTICE),
        (TrustView("expired", NOW - 1), Status.PROBLEM),
        (TrustView("damaged"), Status.PROBLEM),
    ],
)
def test_each_state_has_its_status(spoil: Spoil, trust: TrustView, status: Status) -> None:
    finding = TrustCheck().run(spoil(trust=trust))

    assert finding.status is status
    assert (finding.cure is None) == (status is Status.OK)


def test_the_day_of_expiry_is_told(spoil: Spoil) -> None:
    finding = TrustCheck().run(spoil(trust=TrustView("usable", 1_830_000_000)))

    assert "2027-12-28" in finding.sentence.zh


def test_distrusting_stores_are_named_for_it(spoil: Spoil) -> None:
    finding = TrustCheck().run(spoil(trust=TrustView("usable", LATER, ("a", "b"))))

    assert finding.sentence.zh.startswith("2 ")
    assert finding.detail == "a, b"
