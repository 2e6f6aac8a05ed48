"""Rooms in a sandbox cannot write a coverage file; here they are not asked to."""

import pytest


@pytest.fixture(autouse=True)
def _unmeasured_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
