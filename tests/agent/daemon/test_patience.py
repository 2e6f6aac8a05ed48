"""A site that wears people down rests; one that is answered with yes does not."""

import pytest

from signet_agent.daemon.patience import MAX_WINDOWS_WITHOUT_A_YES, REST_S, WITHIN_S, Patience
from signet_agent.errors import PageError
from signet_agent.model import Origin
from signet_protocol.errors import ErrorCode

pytestmark = pytest.mark.quick

SITE, OTHER = Origin("https://one.example"), Origin("https://two.example")


class Clock:
    """A clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock: Clock) -> Patience:
    return Patience(clock)


def refuse(patience: Patience, times: int = MAX_WINDOWS_WITHOUT_A_YES) -> None:
    for _ in range(times):
        patience.require(SITE)
        patience.note(SITE, agreed=False)


def rests(patience: Patience, site: Origin = SITE) -> bool:
    try:
        patience.require(site)
    except PageError as error:
        return error.code is ErrorCode.PAGE_ASKED_TOO_OFTEN
    return False


def test_the_third_window_without_a_yes_is_the_last_for_a_while(
    patience: Patience, clock: Clock
) -> None:
    refuse(patience)
    assert rests(patience)
    assert not rests(patience, OTHER)
    clock.now += REST_S - 1
    assert rests(patience)
    clock.now += 1
    assert not rests(patience)


def test_after_the_rest_the_count_begins_anew(patience: Patience, clock: Clock) -> None:
    refuse(patience)
    clock.now += REST_S
    refuse(patience, 2)
    assert not rests(patience)


def test_a_yes_clears_the_count(patience: Patience) -> None:
    refuse(patience, 2)
    patience.note(SITE, agreed=True)
    refuse(patience, 2)
    assert not rests(patience)


def test_refusals_far_apart_are_no_campaign(patience: Patience, clock: Clock) -> None:
    for _ in range(6):
        refuse(patience, 1)
        clock.now += WITHIN_S / 2
    assert not rests(patience)
