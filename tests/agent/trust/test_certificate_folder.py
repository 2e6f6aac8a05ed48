"""The three files are private, belong together, and are replaced as one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import (
    KEY_FILE,
    LEAF_FILE,
    ROOT_FILE,
    CertificateFolder,
    DamagedFolderError,
    UnwritableFolderError,
)

pytestmark = pytest.mark.quick


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "tls"


@pytest.fixture
def folder(path: Path) -> CertificateFolder:
    return CertificateFolder(path)


def test_a_folder_that_does_not_exist_holds_nothing(folder: CertificateFolder) -> None:
    assert folder.read() is None


def test_what_was_put_in_is_read_back(folder: CertificateFolder) -> None:
    made = make_authority()

    folder.replace(made)

    held = folder.read()
    assert held is not None
    assert held.root_der == made.root_der
    assert held.not_after.tzinfo is not None


def test_only_the_owner_can_read_folder_and_files(folder: CertificateFolder, path: Path) -> None:
    before = os.umask(0)
    try:
        folder.replace(make_authority())
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o700
    modes = {each.name: each.stat().st_mode & 0o777 for each in path.iterdir()}
    assert modes == {ROOT_FILE: 0o600, LEAF_FILE: 0o600, KEY_FILE: 0o600}


def test_a_new_set_takes_the_place_of_the_old_one_and_leaves_nothing_beside(
    folder: CertificateFolder, path: Path
) -> None:
    folder.replace(make_authority())
    second = make_authority()

    folder.replace(second)

    held = folder.read()
    assert held is not None
    assert held.root_der == second.root_der
    assert [each.name for each in path.parent.iterdir()] == ["tls"]


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give a switch after which no new set can be moved into place."""
    rename = Path.rename

    def refuse_the_new_one(source: Path, target: Path) -> Path:
        if source.name == "new":
            raise PermissionError
        return rename(source, target)

    return lambda: monkeypatch.setattr(Path, "rename", refuse_the_new_one)


def test_the_old_set_stands_when_the_new_one_cannot_be_put_in_place(
    folder: CertificateFolder, blocked: Callable[[], None]
) -> None:
    first = make_authority()
    folder.replace(first)
    blocked()

    with pytest.raises(UnwritableFolderError):
        folder.replace(make_authority())

    held = folder.read()
    assert held is not None
    assert held.root_der == first.root_der


def test_no_set_stands_when_the_first_one_cannot_be_put_in_place(
    folder: CertificateFolder, path: Path, blocked: Callable[[], None]
) -> None:
    blocked()

    with pytest.raises(UnwritableFolderError):
        folder.replace(make_authority())

    assert folder.read() is None
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_cannot_be_deleted_is_named(folder: CertificateFolder, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("a file stands where the folder should be")

    with pytest.raises(UnwritableFolderError) as caught:
        folder.remove()

    assert caught.value.detail == f"{path}: Not a directory"


def test_removing_leaves_nothing_not_even_a_killed_installations_workspace(
    folder: CertificateFolder, path: Path
) -> None:
    folder.replace(make_authority())
    (path.parent / "tls.killed" / "new").mkdir(parents=True)

    folder.remove()
    folder.remove()

    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("name", [ROOT_FILE, LEAF_FILE, KEY_FILE])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\n", b"\xff\x00" * 9])
def test_a_missing_or_broken_file_makes_the_folder_damaged(
    folder: CertificateFolder, path: Path, name: str, content: bytes | None
) -> None:
    folder.replace(make_authority())
    if content is None:
        (path / name).unlink()
    else:
        (path / name).write_bytes(content)

    with pytest.raises(DamagedFolderError):
        folder.read()


@pytest.mark.parametrize("name", [ROOT_FILE, LEAF_FILE, KEY_FILE])
def test_a_file_of_another_set_makes_the_folder_damaged(
    folder: CertificateFolder, path: Path, tmp_path: Path, name: str
) -> None:
    folder.replace(make_authority())
    CertificateFolder(tmp_path / "other").replace(make_authority())
    (path / name).write_bytes((tmp_path / "other" / name).read_bytes())

    with pytest.raises(DamagedFolderError):
        folder.read()
