"""NSS databases through the real certutil."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from signet_agent.trust.authority import make_authority, root_name
from signet_agent.trust.stores import nss
from signet_agent.trust.stores.base import StoreError, StoreFault
from signet_agent.trust.stores.nss import CertutilMissingError, NssStore, find_certutil


@pytest.fixture
def store(tmp_path: Path) -> NssStore:
    return NssStore("Chromium", tmp_path / "pki" / "nssdb")


@pytest.fixture
def root() -> bytes:
    return make_authority().root_der


def _certutil(place: str, *arguments: str) -> str:
    command = ["certutil", "-d", f"sql:{place}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _lock(store: NssStore, tmp_path: Path) -> None:
    """Put a database under a primary password, as a Firefox profile may be."""
    password = tmp_path / "password"
    password.write_text("a primary password\n")
    Path(store.place).mkdir(parents=True)
    _certutil(store.place, "-N", "-f", str(password))


def test_a_store_that_does_not_exist_trusts_nothing(store: NssStore, root: bytes) -> None:
    assert not store.present()
    assert store.names() == ()
    assert not store.trusts(root_name(root), root)


def test_installing_makes_the_database_for_this_person_only(store: NssStore, root: bytes) -> None:
    store.install(root_name(root), root)

    assert store.present()
    assert Path(store.place).stat().st_mode & 0o777 == 0o700
    assert store.names() == (root_name(root),)
    assert store.trusts(root_name(root), root)


def test_the_root_is_trusted_for_servers_only(store: NssStore, root: bytes) -> None:
    store.install(root_name(root), root)

    (line,) = [line for line in _certutil(store.place, "-L").splitlines() if "Signet" in line]
    assert line.split()[-1] == "C,,"


def test_removing_takes_the_root_out(store: NssStore, root: bytes) -> None:
    store.install(root_name(root), root)

    store.remove(root_name(root))

    assert store.names() == ()
    assert "Signet" not in _certutil(store.place, "-L")


def test_roots_of_others_are_neither_listed_nor_touched(store: NssStore, root: bytes) -> None:
    other = make_authority().root_der
    store.install("Somebody else", other)

    store.install(root_name(root), root)
    store.remove(root_name(root))

    assert store.names() == ()
    assert "Somebody else" in _certutil(store.place, "-L")


def test_a_root_without_trust_is_listed_but_not_trusted(store: NssStore, root: bytes) -> None:
    store.install(root_name(root), root)
    _certutil(store.place, "-M", "-n", root_name(root), "-t", ",,")

    assert store.names() == (root_name(root),)
    assert not store.trusts(root_name(root), root)


def test_another_root_under_the_same_name_is_not_trusted(store: NssStore, root: bytes) -> None:
    store.install(root_name(root), make_authority().root_der)

    assert not store.trusts(root_name(root), root)


def test_a_locked_database_is_reported_and_left_as_it_was(
    store: NssStore, root: bytes, tmp_path: Path
) -> None:
    _lock(store, tmp_path)

    with pytest.raises(StoreError) as caught:
        store.install(root_name(root), root)

    assert caught.value.fault is StoreFault.LOCKED
    assert store.names() == ()


def test_a_locked_database_lets_a_root_be_taken_out(
    store: NssStore, root: bytes, tmp_path: Path
) -> None:
    _lock(store, tmp_path)
    password = ("-f", str(tmp_path / "password"))
    der = tmp_path / "root.der"
    der.write_bytes(root)
    _certutil(store.place, "-A", "-n", root_name(root), "-t", "C,,", "-i", str(der), *password)

    store.remove(root_name(root))

    assert store.names() == ()


def test_a_damaged_database_is_reported(store: NssStore, root: bytes) -> None:
    Path(store.place).mkdir(parents=True)
    (Path(store.place) / "cert9.db").write_bytes(b"not a database" * 400)

    acts: list[Callable[[], object]] = [
        lambda: store.install(root_name(root), root),
        lambda: store.remove(root_name(root)),
        store.names,
    ]
    for act in acts:
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.fault is StoreFault.DAMAGED


def test_octets_that_are_no_certificate_are_refused(store: NssStore) -> None:
    with pytest.raises(StoreError):
        store.install("Signet localhost 00", b"garbage")

    assert store.names() == ()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, root: bytes) -> None:
    (tmp_path / "pki").write_text("a file stands where the folder should be")

    with pytest.raises(StoreError) as caught:
        NssStore("Chromium", tmp_path / "pki" / "nssdb").install(root_name(root), root)

    assert caught.value.fault is StoreFault.DAMAGED


def test_a_store_of_somebody_else_is_left_alone(
    store: NssStore, root: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 64123)

    acts: list[Callable[[], object]] = [
        lambda: store.install(root_name(root), root),
        lambda: store.remove(root_name(root)),
    ]
    for act in acts:
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.fault is StoreFault.FOREIGN
    assert not store.present()


def test_a_store_in_somebody_elses_closed_folder_is_left_alone(
    store: NssStore, root: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", closed)

    acts: list[Callable[[], object]] = [
        store.present,
        store.names,
        lambda: store.install(root_name(root), root),
        lambda: store.remove(root_name(root)),
    ]
    for act in acts:
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.fault is StoreFault.FOREIGN


def test_a_missing_certutil_is_named_with_its_package(
    store: NssStore, root: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CertutilMissingError, match="libnss3-tools") as caught:
        store.install(root_name(root), root)

    assert caught.value.fault is StoreFault.TOOL_MISSING


def test_a_tool_that_hangs_is_ended(
    store: NssStore, root: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "certutil"
    tool.write_text("#!/bin/sh\nexec sleep 60\n")
    tool.chmod(0o700)
    monkeypatch.setattr(nss, "find_certutil", lambda: tool)
    monkeypatch.setattr(nss, "_DEADLINE_S", 0.2)

    with pytest.raises(StoreError) as caught:
        store.install(root_name(root), root)

    assert caught.value.fault is StoreFault.SLOW


def test_certutil_is_found_where_the_system_keeps_it() -> None:
    assert find_certutil().name == "certutil"
