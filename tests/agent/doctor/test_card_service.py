"""The card service runs where policy names cards."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from signet_agent.doctor.base import Finding, Status
from signet_agent.doctor.card_service import CardServiceCheck
from signet_agent.doctor.surroundings import PolicyView
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Path]:
    """Listen as the service does."""
    place = tmp_path / "pcscd.comm"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        yield place


def _examine(spoil: Spoil, place: Path, *cards: str) -> Finding:
    policy = PolicyView(Path("/policy"), machine=True, cards=cards)
    return CardServiceCheck().run(
        spoil(policy=policy, environment={"PCSCLITE_CSOCK_NAME": str(place)})
    )


def test_a_service_that_runs_is_fine(spoil: Spoil, service: Path) -> None:
    assert _examine(spoil, service, "citizen").status is Status.OK


def test_a_service_that_does_not_run_is_a_problem_that_names_the_cards(
    spoil: Spoil, tmp_path: Path
) -> None:
    finding = _examine(spoil, tmp_path / "none", "citizen", "piv")

    assert finding.status is Status.PROBLEM
    assert "citizen, piv" in finding.sentence.zh
    assert finding.cure is not None
    assert "pcscd" in finding.cure.zh
    assert str(tmp_path / "none") in finding.detail


def test_a_socket_that_nobody_listens_on_is_a_problem(spoil: Spoil, tmp_path: Path) -> None:
    place = tmp_path / "left"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))

    assert _examine(spoil, place, "citizen").status is Status.PROBLEM


def test_without_cards_no_service_is_needed(spoil: Spoil, tmp_path: Path) -> None:
    assert _examine(spoil, tmp_path / "none").status is Status.OK


def test_windows_starts_its_own(
    spoil: Spoil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert _examine(spoil, tmp_path / "none", "citizen").status is Status.OK
