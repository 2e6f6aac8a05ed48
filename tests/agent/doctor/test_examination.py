"""All checks together, a check that breaks, and what the findings amount to."""

import pytest

from signet_agent.doctor import ALL_CHECKS
from signet_agent.doctor.base import Finding, Status, Words, notice, ok, problem
from signet_agent.doctor.examination import examine, worst
from signet_agent.doctor.surroundings import Surroundings
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


class BrokenCheck:
    id = "broken"
    title = Words("坏的", "Broken")

    def run(self, surroundings: Surroundings) -> Finding:
        message = "out of order"
        raise LookupError(message)


SENTENCE = Words("句子", "sentence")


def test_every_check_has_a_name_and_a_title_of_its_own() -> None:
    assert len({check.id for check in ALL_CHECKS}) == len(ALL_CHECKS)
    assert len({check.title for check in ALL_CHECKS}) == len(ALL_CHECKS)


def test_findings_come_in_the_order_of_the_checks(spoil: Spoil) -> None:
    findings = examine(ALL_CHECKS, spoil())

    assert [each.check for each in findings] == [check.id for check in ALL_CHECKS]


def test_every_finding_that_is_not_fine_has_a_cure(spoil: Spoil) -> None:
    bare = spoil(environment={}, layers=())

    for finding in examine(ALL_CHECKS, bare):
        assert (finding.cure is None) == (finding.status is Status.OK)


def test_a_check_that_breaks_is_a_finding_and_stops_no_other(spoil: Spoil) -> None:
    broken, *rest = examine([BrokenCheck(), *ALL_CHECKS], spoil())

    assert broken.status is Status.PROBLEM
    assert broken.detail == "LookupError: out of order"
    assert len(rest) == len(ALL_CHECKS)


def test_the_gravest_finding_decides() -> None:
    check = BrokenCheck()
    good = ok(check, SENTENCE)
    odd = notice(check, SENTENCE, SENTENCE)
    bad = problem(check, SENTENCE, SENTENCE)

    assert worst([]) is Status.OK
    assert worst([good, good]) is Status.OK
    assert worst([good, odd, good]) is Status.NOTICE
    assert worst([odd, bad, good]) is Status.PROBLEM


def test_values_fill_both_languages_and_are_not_read_as_places() -> None:
    filled = Words("在 {path}", "at {path}").filled(path="/a{b}")

    assert filled == Words("在 /a{b}", "at /a{b}")
