"""One certification service, one database and one running service for most of these tests."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from signet_protocol.verify import SqlNonces
from tests.kit.postgresql import PostgreSQL
from tests.kit.verification_service import RunningService
from tests.protocol.service.department import configuration
from tests.protocol.verify.city import City


@pytest.fixture(scope="session")
def city() -> City:
    return City()


@pytest.fixture(scope="session")
def city_pem(city: City) -> bytes:
    return city.hierarchy.pem


@pytest.fixture
def home(tmp_path: Path, city: City) -> Path:
    """A folder with the authorities' file in it."""
    (tmp_path / "city.pem").write_bytes(city.hierarchy.pem)
    return tmp_path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, city: City) -> Iterator[RunningService]:
    """A service that asks for no revocation and keeps its nonces in itself."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "city.pem").write_bytes(city.hierarchy.pem)
    with RunningService.started(folder, configuration()) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with PostgreSQL.running() as server:
        yield server


@pytest.fixture
def table(postgresql: PostgreSQL) -> str:
    """The connection string of a database with an empty table of nonces."""
    dsn = postgresql.dsn
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS signet_nonce")
    SqlNonces(lambda: psycopg.connect(dsn), paramstyle="format").create_table()
    return dsn
