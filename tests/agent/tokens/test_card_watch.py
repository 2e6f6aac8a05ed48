"""A computer without a card service is not asked for one all the time."""

import time
from itertools import pairwise

import pytest

from signet_agent.tokens import card_watch
from signet_agent.tokens.card_watch import CardWatch
from signet_agent.tokens.winscard import E_NO_SERVICE, PcscError

pytestmark = pytest.mark.quick


def test_each_look_for_a_service_that_is_not_there_waits_twice_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[float] = []

    def absent() -> None:
        looks.append(time.monotonic())
        raise PcscError("SCardEstablishContext", E_NO_SERVICE)

    monkeypatch.setattr(card_watch, "CardService", absent)
    monkeypatch.setattr(card_watch, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(card_watch, "LONGEST_PAUSE_S", 0.08)
    with CardWatch(lambda: None) as watch:
        watch.start()
        while len(looks) < 7:
            time.sleep(0.01)

    pauses = [after - before for before, after in pairwise(looks)]
    wanted = [0.01, 0.02, 0.04, 0.08, 0.08, 0.08]
    assert all(pause >= least for pause, least in zip(pauses, wanted, strict=False))
