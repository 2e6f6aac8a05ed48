"""A font for Chinese, found by fontconfig or among the files."""

from pathlib import Path

import pytest

from signet_agent.doctor.base import Status
from signet_agent.doctor.fonts import FontsCheck
from tests.agent.doctor.conftest import Spoil

pytestmark = pytest.mark.quick


def _tool(folder: Path, script: str) -> dict[str, str]:
    """Put an fc-list of our own on the path."""
    folder.mkdir()
    tool = folder / "fc-list"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_the_font_of_this_system_is_found(spoil: Spoil) -> None:
    finding = FontsCheck().run(spoil())

    assert finding.status is Status.OK
    assert finding.detail != ""


def test_no_font_is_a_problem_with_its_package(spoil: Spoil, tmp_path: Path) -> None:
    finding = FontsCheck().run(spoil(environment=_tool(tmp_path / "bin", "exit 0")))

    assert finding.status is Status.PROBLEM
    assert finding.cure is not None
    assert "fonts-noto-cjk" in finding.cure.zh


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$"])
def test_files_are_looked_at_when_fontconfig_breaks(
    spoil: Spoil, tmp_path: Path, script: str
) -> None:
    surroundings = spoil(environment=_tool(tmp_path / "bin", script))
    assert FontsCheck().run(surroundings).status is Status.PROBLEM

    (tmp_path / "fonts/opentype").mkdir(parents=True)
    (tmp_path / "fonts/opentype/NotoSansCJK-Regular.ttc").write_bytes(b"")
    finding = FontsCheck().run(surroundings)

    assert (finding.status, finding.detail) == (Status.OK, "NotoSansCJK-Regular.ttc")


def test_files_are_looked_at_without_fontconfig(spoil: Spoil, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/wqy-zenhei.ttc").write_bytes(b"")

    finding = FontsCheck().run(spoil(environment={"PATH": str(tmp_path)}))

    assert (finding.status, finding.detail) == (Status.OK, "wqy-zenhei.ttc")
