"""``signet trust install``, ``remove`` and ``show``: certificate folder and stores kept in step.

Install is not all or nothing: one Firefox profile under a primary password must not keep the
other browsers from working. Instead two things hold after every command. No store keeps a root
whose leaf is gone, as far as it can be reached; and the report is a fresh look at every place.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from signet_agent.trust.authority import make_authority, root_name
from signet_agent.trust.certificate_folder import (
    CertificateFolder,
    DamagedFolderError,
    InstalledCertificates,
    UnwritableFolderError,
)
from signet_agent.trust.report import CertificateState, StoreReport, StoreState, TrustReport
from signet_agent.trust.stores.base import StoreError, TrustStore

Faults = dict[str, StoreError]
"""What went wrong, by the store's place."""


def install(folder: CertificateFolder, stores: Sequence[TrustStore]) -> TrustReport:
    """Make new certificates, have every store trust the root, and take every older root out.

    The order lets a crash leave nothing worse than a root without a key: stores first, then the
    folder, then the old roots. When no store takes the root, nothing is changed.

    Raises:
        UnwritableFolderError: the certificates cannot be written; the stores are as they were.
    """
    certificates = make_authority()
    name = root_name(certificates.root_der)
    faults: Faults = {}
    took = []
    for store in stores:
        try:
            store.install(name, certificates.root_der)
            took.append(store)
        except StoreError as error:
            faults[store.place] = error
    if took:
        try:
            folder.replace(certificates)
        except UnwritableFolderError:
            _take_out(took, lambda found: found == name)
            raise
        faults = _take_out(stores, lambda found: found != name) | faults
    return show(folder, stores, faults=faults)


def remove(folder: CertificateFolder, stores: Sequence[TrustStore]) -> TrustReport:
    """Take every root of ours out of every store and delete the certificates.

    Raises:
        UnwritableFolderError: the certificates cannot be deleted.
    """
    faults = _take_out(stores, lambda _: True)
    folder.remove()
    return show(folder, stores, faults=faults)


def show(
    folder: CertificateFolder,
    stores: Iterable[TrustStore],
    *,
    now: datetime | None = None,
    faults: Faults | None = None,
) -> TrustReport:
    """Look at the certificate and at every store, and change nothing.

    ``faults`` are those of a command that went before.
    """
    try:
        held = folder.read()
    except DamagedFolderError:
        return TrustReport(CertificateState.DAMAGED, _look(stores, None, faults or {}))
    looked = _look(stores, held, faults or {})
    if held is None:
        return TrustReport(CertificateState.ABSENT, looked)
    expired = held.not_after < (now or datetime.now(UTC))
    return TrustReport(
        CertificateState.EXPIRED if expired else CertificateState.USABLE,
        looked,
        fingerprint=sha256(held.root_der).hexdigest(),
        not_after=int(held.not_after.timestamp()),
    )


def _take_out(stores: Iterable[TrustStore], unwanted: Callable[[str], bool]) -> Faults:
    """Take the roots of ours with an unwanted name out of the stores, as far as they can be."""
    faults: Faults = {}
    for store in stores:
        try:
            for name in store.names():
                if unwanted(name):
                    store.remove(name)
        except StoreError as error:
            faults[store.place] = error
    return faults


def _look(
    stores: Iterable[TrustStore], held: InstalledCertificates | None, faults: Faults
) -> tuple[StoreReport, ...]:
    """Report every store; a fault of the command before it is kept beside what is found now."""
    reports = []
    for store in stores:
        fault = faults.get(store.place)
        try:
            state = _state(store, held)
        except StoreError as error:
            state, fault = StoreState.UNKNOWN, error
        kind, detail = (fault.fault, fault.detail) if fault else (None, "")
        reports.append(StoreReport(store.browser, store.place, state, kind, detail))
    return tuple(reports)


def _state(store: TrustStore, held: InstalledCertificates | None) -> StoreState:
    """Compare one store with the certificate in use."""
    if not store.present():
        return StoreState.ABSENT
    names = store.names()
    if not names:
        return StoreState.LACKS
    if held is None:
        return StoreState.STALE
    name = root_name(held.root_der)
    in_use = names == (name,) and store.trusts(name, held.root_der)
    return StoreState.TRUSTS if in_use else StoreState.STALE
