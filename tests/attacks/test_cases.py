"""Every attack case of the project is played; one without a way to play it fails."""

import pytest

from tests.attacks.__main__ import OWN_CASES
from tests.attacks.case import Case, read_cases
from tests.attacks.registry import PROCEDURES
from tests.attacks.runner import run_case

CASES = read_cases(OWN_CASES)

STORM = "TR-22"
"""Has a big count, which the long run plays in full."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_the_agent_stands(case: Case) -> None:
    verdict = await run_case(case)

    assert [finding.text for finding in verdict.findings] == [], verdict.seen


@pytest.mark.long
async def test_the_agent_stands_in_the_full_storm() -> None:
    (case,) = read_cases(OWN_CASES, STORM)
    verdict = await run_case(case, full=True)

    assert [finding.text for finding in verdict.findings] == [], verdict.seen
    assert "10000 resets" in verdict.seen


@pytest.mark.quick
def test_every_procedure_plays_a_case_of_the_file() -> None:
    assert PROCEDURES.keys() <= {case.id for case in CASES}


@pytest.mark.quick
def test_the_groups_are_complete() -> None:
    assert {case.group for case in CASES} == {
        "transport/handshake",
        "origin/host",
        "message parsing",
        "permission and consent",
        "PIN and tokens",
        "log",
    }
    assert len(CASES) == 103
