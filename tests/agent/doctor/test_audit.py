"""The log's folder can be written and has room."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from signet_agent.doctor.audit import ENOUGH_BYTES, LEAST_BYTES, AuditCheck
from signet_agent.doctor.base import Status
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 -- stands for shutil's own type


def test_a_folder_that_the_first_start_will_make_is_fine(spoil: Spoil, tmp_path: Path) -> None:
    finding = AuditCheck().run(spoil())

    assert finding.status is Status.OK
    assert not (tmp_path / "state").exists()


def test_looking_leaves_nothing_behind(spoil: Spoil, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()

    AuditCheck().run(spoil())

    assert list((tmp_path / "state").iterdir()) == []


def test_a_log_that_cannot_be_written_is_a_problem(spoil: Spoil, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file stands where the folder should be")

    finding = AuditCheck().run(spoil())

    assert finding.status is Status.PROBLEM
    assert finding.detail == "Not a directory"


@pytest.mark.parametrize(
    ("free", "status"),
    [
        (ENOUGH_BYTES, Status.OK),
        (ENOUGH_BYTES - 1, Status.NOTICE),
        (LEAST_BYTES, Status.NOTICE),
        (LEAST_BYTES - 1, Status.PROBLEM),
        (0, Status.PROBLEM),
    ],
)
def test_the_room_left_decides(
    spoil: Spoil, monkeypatch: pytest.MonkeyPatch, free: int, status: Status
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, free))

    assert AuditCheck().run(spoil()).status is status
