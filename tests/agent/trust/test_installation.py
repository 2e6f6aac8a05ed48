"""Install, remove and show: folder and stores stay in step, and the report tells the truth."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from signet_agent.trust.authority import root_name
from signet_agent.trust.certificate_folder import CertificateFolder, UnwritableFolderError
from signet_agent.trust.installation import install, remove, show
from signet_agent.trust.report import CertificateState, StoreState, TrustReport
from signet_agent.trust.stores import find_stores
from signet_agent.trust.stores.base import StoreError, StoreFault
from signet_agent.trust.stores.folders import folders_of


class MemoryStore:
    """A store in memory; ``faults`` names the methods that fail."""

    def __init__(self, place: str, faults: frozenset[str] = frozenset()) -> None:
        self.browser = "Memory"
        self.place = place
        self.faults = faults
        self.held: dict[str, bytes] = {}
        self.made = True

    def _fail_if_asked(self, method: str) -> None:
        if method in self.faults:
            raise StoreError(StoreFault.LOCKED, method)

    def present(self) -> bool:
        return self.made

    def install(self, name: str, root_der: bytes) -> None:
        self._fail_if_asked("install")
        self.held[name] = root_der

    def remove(self, name: str) -> None:
        self._fail_if_asked("remove")
        del self.held[name]

    def names(self) -> tuple[str, ...]:
        self._fail_if_asked("names")
        return tuple(self.held)

    def trusts(self, name: str, root_der: bytes) -> bool:
        return self.held.get(name) == root_der


@pytest.fixture
def folder(tmp_path: Path) -> CertificateFolder:
    return CertificateFolder(tmp_path / "state" / "tls")


def _states(report: TrustReport) -> list[StoreState]:
    return [store.state for store in report.stores]


def _root(folder: CertificateFolder) -> bytes:
    held = folder.read()
    assert held is not None
    return held.root_der


def test_before_anything_the_report_says_absent_and_clean(folder: CertificateFolder) -> None:
    report = show(folder, [MemoryStore("a")])

    assert report.certificate is CertificateState.ABSENT
    assert report.clean
    assert not report.installed


def test_installing_puts_one_root_into_every_store(folder: CertificateFolder) -> None:
    stores = [MemoryStore("a"), MemoryStore("b")]

    report = install(folder, stores)

    root = _root(folder)
    assert report.installed
    assert not report.clean
    assert report.fingerprint == sha256(root).hexdigest()
    assert report.not_after > datetime.now(UTC).timestamp()
    assert [store.held for store in stores] == [{root_name(root): root}] * 2


def test_installing_again_replaces_root_and_leaf_together(folder: CertificateFolder) -> None:
    store = MemoryStore("a")
    first = install(folder, [store])

    second = install(folder, [store])

    assert second.fingerprint != first.fingerprint
    assert second.installed
    assert list(store.held.values()) == [_root(folder)]


def test_removing_leaves_no_root_and_no_file(folder: CertificateFolder, tmp_path: Path) -> None:
    stores = [MemoryStore("a"), MemoryStore("b")]
    install(folder, stores)

    report = remove(folder, stores)

    assert report.clean
    assert [store.held for store in stores] == [{}, {}]
    assert list((tmp_path / "state").iterdir()) == []


def test_removing_finds_roots_whose_certificate_is_long_gone(folder: CertificateFolder) -> None:
    store = MemoryStore("a")
    install(folder, [store])
    folder.remove()
    assert _states(show(folder, [store])) == [StoreState.STALE]

    assert remove(folder, [store]).clean
    assert store.held == {}


def test_a_store_that_refuses_is_named_and_the_others_work(folder: CertificateFolder) -> None:
    good, locked = MemoryStore("good"), MemoryStore("locked", frozenset({"install"}))

    report = install(folder, [locked, good])

    assert report.certificate is CertificateState.USABLE
    assert not report.installed
    assert _states(report) == [StoreState.LACKS, StoreState.TRUSTS]
    assert [store.fault for store in report.stores] == [StoreFault.LOCKED, None]


def test_a_store_that_refuses_the_new_root_loses_the_old_one(folder: CertificateFolder) -> None:
    good, fickle = MemoryStore("good"), MemoryStore("fickle")
    install(folder, [good, fickle])
    fickle.faults = frozenset({"install"})

    install(folder, [good, fickle])

    assert fickle.held == {}
    assert list(good.held.values()) == [_root(folder)]


def test_nothing_changes_when_no_store_takes_the_root(folder: CertificateFolder) -> None:
    store = MemoryStore("a")
    first = install(folder, [store])
    store.faults = frozenset({"install"})

    report = install(folder, [store])

    assert report.fingerprint == first.fingerprint
    assert report.installed
    assert report.stores[0].fault is StoreFault.LOCKED


def test_the_stores_are_as_before_when_the_certificates_cannot_be_written(
    folder: CertificateFolder, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file stands where the folder should be")
    store = MemoryStore("a")
    store.held["Signet localhost old"] = b"old"

    with pytest.raises(UnwritableFolderError, match="state"):
        install(folder, [store])

    assert store.held == {"Signet localhost old": b"old"}


def test_an_old_root_that_stays_is_reported_as_stale(folder: CertificateFolder) -> None:
    store = MemoryStore("a")
    install(folder, [store])
    store.faults = frozenset({"remove"})

    report = install(folder, [store])

    assert _states(report) == [StoreState.STALE]
    assert report.stores[0].detail == "remove"


def test_a_store_that_cannot_be_read_is_unknown(folder: CertificateFolder) -> None:
    report = show(folder, [MemoryStore("a", frozenset({"names"}))])

    assert _states(report) == [StoreState.UNKNOWN]
    assert report.stores[0].fault is StoreFault.LOCKED
    assert not report.clean


def test_a_store_that_is_not_made_yet_is_absent_and_clean(folder: CertificateFolder) -> None:
    store = MemoryStore("a")
    store.made = False

    report = show(folder, [store])

    assert _states(report) == [StoreState.ABSENT]
    assert report.clean


def test_an_expired_certificate_is_called_expired(folder: CertificateFolder) -> None:
    store = MemoryStore("a")
    install(folder, [store])
    later = datetime.now(UTC) + timedelta(days=398)

    report = show(folder, [store], now=later)

    assert report.certificate is CertificateState.EXPIRED
    assert not report.installed


def test_a_damaged_folder_is_called_damaged_and_mended_by_installing(
    folder: CertificateFolder, tmp_path: Path
) -> None:
    store = MemoryStore("a")
    install(folder, [store])
    (tmp_path / "state" / "tls" / "leaf.key").unlink()
    report = show(folder, [store])
    assert (report.certificate, _states(report)) == (CertificateState.DAMAGED, [StoreState.STALE])

    assert install(folder, [store]).installed


def test_the_report_is_json(folder: CertificateFolder) -> None:
    report = install(folder, [MemoryStore("a")])

    assert msgspec.json.decode(msgspec.json.encode(report), type=TrustReport) == report


def test_real_databases_of_both_browsers_go_through_the_whole_life(
    folder: CertificateFolder, tmp_path: Path
) -> None:
    profile = tmp_path / ".config/mozilla/firefox/a.default"
    profile.mkdir(parents=True)
    (profile.parent / "profiles.ini").write_text("[Profile0]\nPath=a.default\n")
    stores = find_stores(folders_of({"HOME": str(tmp_path)}))

    assert _states(show(folder, stores)) == [StoreState.ABSENT] * 2
    assert install(folder, stores).installed
    assert _states(install(folder, stores)) == [StoreState.TRUSTS] * 2
    assert _states(show(folder, stores)) == [StoreState.TRUSTS] * 2
    assert remove(folder, stores).clean


def test_without_certutil_nothing_is_installed_and_every_store_says_so(
    folder: CertificateFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stores = find_stores(folders_of({"HOME": str(tmp_path)}))

    report = install(folder, stores)

    assert report.certificate is CertificateState.ABSENT
    assert [store.fault for store in report.stores] == [StoreFault.TOOL_MISSING]
    assert folder.read() is None
