"""The person's folders as the environment names them, and whether one can be looked into."""

from pathlib import Path

import pytest

from signet_agent.trust.stores.folders import PersonFolders, folders_of, is_folder

pytestmark = pytest.mark.quick


def test_the_folders_follow_the_environment() -> None:
    folders = folders_of({"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"})

    assert folders == PersonFolders(Path("/h"), Path("/c"), Path("/d"))


def test_relative_folders_of_the_environment_are_ignored() -> None:
    folders = folders_of({"HOME": "/h", "XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": ""})

    assert folders == PersonFolders(Path("/h"), Path("/h/.config"), Path("/h/.local/share"))


def test_a_folder_is_a_folder_and_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert is_folder(tmp_path)
    assert not is_folder(tmp_path / "file")
    assert not is_folder(tmp_path / "nothing")


def test_a_closed_folder_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_dir", closed)

    assert not is_folder(tmp_path)
