"""The drivers of the policy are there, and nobody can swap them."""

from pathlib import Path

import pytest

from signet_agent.doctor.base import Finding, Status
from signet_agent.doctor.modules import ModulesCheck
from signet_agent.doctor.surroundings import KeyPlace, PolicyView
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


def _examine(spoil: Spoil, *keys: KeyPlace) -> Finding:
    return ModulesCheck().run(spoil(policy=PolicyView(Path("/policy"), machine=True, keys=keys)))


def test_present_drivers_are_fine(spoil: Spoil) -> None:
    finding = ModulesCheck().run(spoil())

    assert finding.status is Status.OK
    assert "softhsm" in finding.sentence.zh


def test_a_missing_driver_is_a_problem_that_names_it(spoil: Spoil, tmp_path: Path) -> None:
    finding = _examine(spoil, KeyPlace("vendor", "pkcs11", tmp_path / "gone.so"))

    assert finding.status is Status.PROBLEM
    assert "vendor" in finding.sentence.zh
    assert finding.detail == f"vendor = {tmp_path / 'gone.so'}"


def test_a_folder_where_a_library_should_be_is_a_problem(spoil: Spoil, tmp_path: Path) -> None:
    assert _examine(spoil, KeyPlace("vendor", "pkcs11", tmp_path)).status is Status.PROBLEM


def test_an_skf_library_is_looked_at_as_any_driver(spoil: Spoil, tmp_path: Path) -> None:
    driver = tmp_path / "libgm.so"
    assert _examine(spoil, KeyPlace("gm", "skf", driver)).status is Status.PROBLEM
    driver.write_bytes(b"")
    driver.chmod(0o644)

    assert _examine(spoil, KeyPlace("gm", "skf", driver)).status is Status.OK


def test_a_file_where_a_software_tokens_folder_should_be_is_a_problem(
    spoil: Spoil, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("")

    finding = _examine(spoil, KeyPlace("software", "software", tmp_path / "token"))

    assert finding.status is Status.PROBLEM


def test_a_driver_that_anybody_can_change_is_a_problem(spoil: Spoil, tmp_path: Path) -> None:
    driver = tmp_path / "loose.so"
    driver.write_bytes(b"")
    driver.chmod(0o666)

    finding = _examine(spoil, KeyPlace("loose", "pkcs11", driver))

    assert finding.status is Status.PROBLEM
    assert finding.detail == f"loose = {driver}"


def test_software_keys_are_told(spoil: Spoil, tmp_path: Path) -> None:
    finding = _examine(spoil, KeyPlace("software", "software", tmp_path))

    assert finding.status is Status.NOTICE
    assert "没有法律效力" in finding.sentence.zh


def test_a_policy_without_drivers_is_told(spoil: Spoil) -> None:
    assert _examine(spoil).status is Status.NOTICE


def test_cards_alone_need_no_driver(spoil: Spoil) -> None:
    policy = PolicyView(Path("/policy"), machine=True, cards=("citizen",))

    finding = ModulesCheck().run(spoil(policy=policy))

    assert finding.status is Status.OK
    assert "citizen" in finding.sentence.zh
