"""A PostgreSQL server of its own for tests: a cluster in a temporary folder, on a Unix socket only.

    @pytest.fixture(scope="session")
    def postgresql() -> Iterator[PostgreSQL]:
        with PostgreSQL.running() as server:
            yield server

The server refuses to run as root, so there it runs as the user that its package made.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

StrPath = str | Path

_PACKAGES = Path("/usr/lib/postgresql")
_PACKAGE_USER = "postgres"
_SUPERUSER = "signet"

START_SECONDS = 60
"""A cluster starts in one second; a busy machine may take longer."""


class PostgreSQLError(Exception):
    """The server is not installed or does not start."""


@dataclass(frozen=True)
class PostgreSQL:
    """A running server.

    Attributes:
        folder: where its socket lies.
    """

    folder: Path

    @property
    def dsn(self) -> str:
        """How psycopg reaches it: ``psycopg.connect(server.dsn)``."""
        return f"host={self.folder} user={_SUPERUSER} dbname=postgres"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """Make a cluster, run it, and leave nothing behind."""
        # A socket's path holds 107 octets, so no folder of the test run's own.
        folder = Path(tempfile.mkdtemp(prefix="signet-pg-", dir="/tmp"))
        try:
            _make_cluster(folder)
            with _server(folder):
                yield cls(folder)
        finally:
            shutil.rmtree(folder)


def _binaries() -> Path:
    found = sorted(_PACKAGES.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise PostgreSQLError(f"PostgreSQL is not installed below {_PACKAGES}")
    return found[-1]


def _user() -> str | None:
    """Whom the server runs as; ``None`` is whoever runs the tests."""
    return _PACKAGE_USER if os.geteuid() == 0 else None


def _make_cluster(folder: Path) -> None:
    user = _user()
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    command: list[StrPath] = [
        _binaries() / "initdb",
        "--pgdata",
        folder / "data",
        "--auth",
        "trust",
    ]
    command += ["--username", _SUPERUSER, "--encoding", "UTF8", "--no-sync"]
    subprocess.run(command, user=user, cwd=folder, check=True, capture_output=True)


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    command: list[StrPath] = [_binaries() / "postgres", "-D", folder / "data", "-k", folder]
    command += ["-c", "listen_addresses=", "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, user=_user(), cwd=folder, stdout=log, stderr=log)
    try:
        _wait(folder, process)
        yield
    finally:
        # SIGINT is PostgreSQL's fast shutdown: whoever is still connected is sent away.
        process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)


def _wait(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    command: list[StrPath] = [_binaries() / "pg_isready", "--host", folder, "--quiet"]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(command, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise PostgreSQLError((folder / "log").read_text(errors="replace"))
        time.sleep(0.05)
