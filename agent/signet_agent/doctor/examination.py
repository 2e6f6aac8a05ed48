"""Running the checks, and what their findings amount to."""

from collections.abc import Iterable

from signet_agent.doctor.base import Check, Finding, Status, Words, problem
from signet_agent.doctor.surroundings import Surroundings

_GRAVITY = (Status.OK, Status.NOTICE, Status.PROBLEM)

_BROKE_OFF = Words("这一项没有查完。", "This could not be examined.")
_HAND_OVER = Words("请把这份报告交给管理员。", "Please give this report to IT.")


def examine(checks: Iterable[Check], surroundings: Surroundings) -> list[Finding]:
    """Run every check and return the findings in the same order."""
    return [_run(check, surroundings) for check in checks]


def worst(findings: Iterable[Finding]) -> Status:
    """Return the gravest status; a doctor who looked at nothing found nothing wrong."""
    return max((each.status for each in findings), key=_GRAVITY.index, default=Status.OK)


def _run(check: Check, surroundings: Surroundings) -> Finding:
    """Run one check; one that breaks is a finding itself and keeps no other from running."""
    try:
        return check.run(surroundings)
    except Exception as error:  # noqa: BLE001 -- the doctor is for machines where things break
        return problem(check, _BROKE_OFF, _HAND_OVER, f"{type(error).__name__}: {error}")
