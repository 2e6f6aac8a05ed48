"""Tokens, made once per run and copied for tests that pull or lock them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pkcs11
import pytest

from signet_agent.channel.token_messages import OpenModule
from signet_agent.tokens.pkcs11 import Pkcs11Provider
from tests.kit import pki
from tests.kit.card.content import piv_content
from tests.kit.card.service import VirtualCard, VirtualService, own_folder
from tests.kit.shim.build import FaultyModule
from tests.kit.softhsm import SoftHsm, dual_pair, module_path, single_key
from tests.skf.build import SoftSkf
from tests.skf.devices import APPLICATION, CONTAINER, Container, Pair, plug_in
from tests.skf.people import GmPeople

Provide = Callable[[SoftHsm], Pkcs11Provider]
"""Opens SoftHSM on a folder, in this process."""


@pytest.fixture(scope="session")
def authority() -> pki.Authority:
    return pki.Hierarchy.create().enterprise


@pytest.fixture(scope="session")
def enterprise_token(tmp_path_factory: pytest.TempPathFactory, authority: pki.Authority) -> SoftHsm:
    made = SoftHsm.create(tmp_path_factory.mktemp("enterprise") / "hsm")
    made.add_token("云汀样例科技", dual_pair(authority))
    return made


@pytest.fixture(scope="session")
def citizen_token(tmp_path_factory: pytest.TempPathFactory, authority: pki.Authority) -> SoftHsm:
    made = SoftHsm.create(tmp_path_factory.mktemp("citizen") / "hsm")
    made.add_token("市民卡", single_key(authority))
    return made


@pytest.fixture
def enterprise(enterprise_token: SoftHsm, tmp_path: Path) -> SoftHsm:
    """Return a copy for this test alone."""
    return enterprise_token.copy(tmp_path / "hsm")


@pytest.fixture(scope="session")
def compiled_shim(tmp_path_factory: pytest.TempPathFactory) -> FaultyModule:
    return FaultyModule.compile(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def shim(compiled_shim: FaultyModule, tmp_path: Path) -> FaultyModule:
    """Return a copy with faults of its own."""
    return compiled_shim.copy(tmp_path / "shim")


@pytest.fixture(scope="session")
def gm_people(tmp_path_factory: pytest.TempPathFactory) -> GmPeople:
    return GmPeople.create(tmp_path_factory.mktemp("gm"))


@pytest.fixture(scope="session")
def compiled_skf(
    tmp_path_factory: pytest.TempPathFactory, gm_people: GmPeople, authority: pki.Authority
) -> SoftSkf:
    """Return the library with one device: SM2 signing and encryption pairs, and RSA."""
    made = SoftSkf.compile(tmp_path_factory.mktemp("skf"))
    rsa = pki.private_key("rsa2048", 1)
    certificate = authority.issue(pki.ENTERPRISE, rsa.public_key())
    containers = {CONTAINER: gm_people.container(), "rsa": Container(Pair.of(rsa, certificate))}
    plug_in(made, {APPLICATION: containers})
    return made


@pytest.fixture
def skf(compiled_skf: SoftSkf, tmp_path: Path) -> SoftSkf:
    """Return a copy with devices and faults of its own."""
    return compiled_skf.copy(tmp_path / "skf")


@pytest.fixture
def provide(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provide]:
    opened = []

    def open_softhsm(hsm: SoftHsm) -> Pkcs11Provider:
        monkeypatch.setenv("SOFTHSM2_CONF", str(hsm.configuration))
        opened.append(str(module_path()))
        return Pkcs11Provider(OpenModule("softhsm", "pkcs11", str(module_path())))

    yield open_softhsm
    for path in set(opened):
        pkcs11.lib(path).finalize()


@pytest.fixture(scope="session")
def service() -> Iterator[VirtualService]:
    made = VirtualService(own_folder())
    yield made
    made.close()


@pytest.fixture
def piv(service: VirtualService, authority: pki.Authority) -> Iterator[VirtualCard]:
    card = service.card(piv_content(authority))
    card.do("insert")
    yield card
    card.do("pull")
    card.close()
