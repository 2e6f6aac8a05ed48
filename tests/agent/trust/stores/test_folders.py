"""The person's folders as the environment names them."""

from pathlib import Path

import pytest

from signet_agent.trust.stores.folders import PersonFolders, folders_of

pytestmark = pytest.mark.quick


def test_the_folders_follow_the_environment() -> None:
    folders = folders_of({"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"})

    assert folders == PersonFolders(Path("/h"), Path("/c"), Path("/d"))


def test_relative_folders_of_the_environment_are_ignored() -> None:
    folders = folders_of({"HOME": "/h", "XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": ""})

    assert folders == PersonFolders(Path("/h"), Path("/h/.config"), Path("/h/.local/share"))
