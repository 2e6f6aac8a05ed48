"""A portal for the tests: its own database in a folder of its own, empty before each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import django
import pytest
from django.core.management import call_command

from tests.kit.national import Sm2Authority
from tests.kit.pki import Hierarchy
from tests.portal.people import LI, ZHANG, ZHANG_AS_CITIZEN, Person

_FOLDER = Path(mkdtemp(prefix="portal-tests-"))
_HIERARCHY = Hierarchy.create()
_NATIONAL = Sm2Authority.create("云汀市国密 CA")

# Settings are read when a test module imports a model, which is before any fixture.
(_FOLDER / "anchors.pem").write_bytes(_HIERARCHY.pem + _NATIONAL.pem)
os.environ["PORTAL_DATA"] = str(_FOLDER)
os.environ["PORTAL_PORT"] = "8443"
os.environ["PORTAL_ANCHORS"] = str(_FOLDER / "anchors.pem")
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()


@pytest.fixture(scope="session", autouse=True)
def _database() -> Iterator[None]:
    from django.db import connections

    call_command("migrate", verbosity=0, interactive=False)
    yield
    connections.close_all()
    for file in _FOLDER.iterdir():
        file.unlink()
    _FOLDER.rmdir()


@pytest.fixture(autouse=True)
def _empty_tables() -> None:
    call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def folder() -> Path:
    """Return the portal's data folder."""
    return _FOLDER


@pytest.fixture(scope="session")
def national_authority() -> Sm2Authority:
    """Return an authority of SM2 that the departments trust as well."""
    return _NATIONAL


@pytest.fixture(scope="session")
def zhang(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Return the agent of enterprise E1."""
    return Person.create(_HIERARCHY.enterprise, ZHANG, tmp_path_factory.mktemp("zhang") / "pem")


@pytest.fixture(scope="session")
def li(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Return the representative of enterprise E3, who has no mandate here."""
    return Person.create(_HIERARCHY.enterprise, LI, tmp_path_factory.mktemp("li") / "pem")


@pytest.fixture(scope="session")
def zhang_as_citizen(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Return the same person with his own card."""
    where = tmp_path_factory.mktemp("citizen") / "pem"
    return Person.create(_HIERARCHY.citizen, ZHANG_AS_CITIZEN, where)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Return someone who says she is E1's agent, with a certificate nobody here trusts."""
    where = tmp_path_factory.mktemp("stranger") / "pem"
    return Person.create(Hierarchy.create().enterprise, ZHANG, where)
