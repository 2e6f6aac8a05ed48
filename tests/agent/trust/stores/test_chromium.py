"""Which database Chromium reads."""

from pathlib import Path

import pytest

from signet_agent.trust.stores import chromium
from signet_agent.trust.stores.folders import PersonFolders, folders_of

pytestmark = pytest.mark.quick


@pytest.fixture
def folders(tmp_path: Path) -> PersonFolders:
    return folders_of({"HOME": str(tmp_path)})


def test_chromium_reads_the_first_database_even_where_none_exists(folders: PersonFolders) -> None:
    assert chromium.databases(folders) == (folders.home / ".pki/nssdb",)


def test_chromium_reads_the_second_database_only_without_the_first(folders: PersonFolders) -> None:
    (folders.data / "pki/nssdb").mkdir(parents=True)
    assert chromium.databases(folders) == (folders.data / "pki/nssdb",)

    (folders.home / ".pki/nssdb").mkdir(parents=True)
    assert chromium.databases(folders) == (folders.home / ".pki/nssdb",)


def test_the_snap_of_chromium_has_its_own_database(folders: PersonFolders) -> None:
    snap = folders.home / "snap/chromium/current/.pki/nssdb"
    snap.mkdir(parents=True)

    assert chromium.databases(folders) == (folders.home / ".pki/nssdb", snap)
