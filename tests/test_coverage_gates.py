"""The coverage gates themselves."""

from typing import Any

import pytest

from tests.coverage_gates import WHOLE, faults

pytestmark = pytest.mark.quick


def _entry(
    covered: int = 10, missing: tuple[int, ...] = (), branches: tuple[Any, ...] = ()
) -> dict[str, Any]:
    return {
        "missing_lines": list(missing),
        "missing_branches": list(branches),
        "summary": {
            "covered_lines": covered,
            "num_statements": covered + len(missing),
            "covered_branches": 0,
            "num_branches": len(branches),
        },
    }


def _report(**changed: dict[str, Any]) -> dict[str, Any]:
    files = {place if place.endswith(".py") else f"{place}/x.py": _entry() for place in WHOLE}
    return {"files": files | changed}


def test_a_report_without_gaps_passes() -> None:
    assert faults(_report()) == []


def test_one_untaken_branch_in_the_gate_is_a_fault() -> None:
    report = _report()
    report["files"]["agent/signet_agent/daemon/gate.py"] = _entry(branches=([4, 7],))

    assert faults(report) == [
        "agent/signet_agent/daemon/gate.py: lines [], branches [[4, 7]] were never taken"
    ]


def test_a_whole_module_that_was_not_measured_is_a_fault() -> None:
    report = _report()
    del report["files"]["protocol/signet_protocol/codec.py"]

    assert faults(report) == ["protocol/signet_protocol/codec.py: not measured at all"]


@pytest.mark.parametrize(("missing", "expected"), [(5, 0), (6, 1)])
def test_other_folders_may_miss_five_of_a_hundred(missing: int, expected: int) -> None:
    entry = _entry(100 - missing, missing=tuple(range(missing)))
    report = _report(**{"agent/signet_agent/tokens/worker.py": entry})

    assert len(faults(report)) == expected
