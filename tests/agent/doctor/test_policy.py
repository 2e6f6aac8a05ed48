"""The policy is there, readable, and only administrators can change it."""

from pathlib import Path

import msgspec
import pytest

from signet_agent.doctor import policy
from signet_agent.doctor.base import Status
from signet_agent.doctor.policy import PolicyCheck
from signet_agent.doctor.surroundings import PolicyView
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def owner(policy_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests is the administrator in them."""
    monkeypatch.setattr(policy, "_ADMINISTRATOR", policy_file.stat().st_uid)


def _view(policy_file: Path, **parts: object) -> PolicyView:
    return msgspec.structs.replace(PolicyView(policy_file, machine=True, sites=3), **parts)


def test_a_good_policy_is_fine(spoil: Spoil) -> None:
    finding = PolicyCheck().run(spoil())

    assert finding.status is Status.OK
    assert "3" in finding.sentence.zh
    assert "3" in finding.sentence.en


def test_a_missing_policy_is_a_problem_that_names_its_place(
    spoil: Spoil, policy_file: Path
) -> None:
    policy_file.unlink()

    finding = PolicyCheck().run(spoil())

    assert finding.status is Status.PROBLEM
    assert finding.cure is not None
    assert str(policy_file) in finding.cure.zh


def test_a_broken_policy_is_a_problem_with_the_readers_own_words(
    spoil: Spoil, policy_file: Path
) -> None:
    view = _view(policy_file, fault="line 7: site[0].origin: not an https origin")

    finding = PolicyCheck().run(spoil(policy=view))

    assert finding.status is Status.PROBLEM
    assert finding.detail == "line 7: site[0].origin: not an https origin"


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_policy_that_others_can_write_is_a_problem(
    spoil: Spoil, policy_file: Path, mode: int
) -> None:
    policy_file.chmod(mode)

    finding = PolicyCheck().run(spoil())

    assert finding.status is Status.PROBLEM
    assert finding.detail == str(policy_file)


def test_a_folder_in_which_others_can_swap_the_policy_is_a_problem(
    spoil: Spoil, policy_file: Path
) -> None:
    policy_file.parent.chmod(0o777)

    finding = PolicyCheck().run(spoil())

    assert finding.status is Status.PROBLEM
    assert finding.detail == str(policy_file.parent)


def test_a_policy_of_somebody_else_is_a_problem(
    spoil: Spoil, policy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "_ADMINISTRATOR", policy_file.stat().st_uid + 1)

    assert PolicyCheck().run(spoil()).status is Status.PROBLEM


def test_a_policy_named_at_the_start_may_be_anybodys_and_is_told(
    spoil: Spoil, policy_file: Path
) -> None:
    policy_file.chmod(0o666)

    finding = PolicyCheck().run(spoil(policy=_view(policy_file, machine=False)))

    assert finding.status is Status.NOTICE
    assert "启动时指定" in finding.sentence.zh


def test_a_policy_without_sites_is_told(spoil: Spoil, policy_file: Path) -> None:
    finding = PolicyCheck().run(spoil(policy=_view(policy_file, sites=0)))

    assert finding.status is Status.NOTICE
