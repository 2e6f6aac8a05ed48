"""A TLS client that trusts the root is served under the three names, and under no other."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from signet_agent.daemon.endpoints.certificate import tls_context
from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import ROOT_FILE, CertificateFolder

pytestmark = pytest.mark.quick


@pytest.fixture
def tls_dir(tmp_path: Path) -> Path:
    CertificateFolder(tmp_path / "tls").replace(make_authority())
    return tmp_path / "tls"


@contextmanager
def _served(folder: Path, host: str) -> Iterator[int]:
    """Serve handshakes as the daemon would with this folder, on a free port of this address."""
    context = tls_context(folder)
    assert context is not None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, 0), family=family)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _shake_hands(address: str, port: int, name: str, root: Path) -> str | None:
    client = ssl.create_default_context(cafile=root)
    with (
        socket.create_connection((address, port), timeout=5) as plain,
        client.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.version()


@pytest.mark.parametrize(
    ("address", "name"),
    [("127.0.0.1", "localhost"), ("127.0.0.1", "127.0.0.1"), ("::1", "localhost"), ("::1", "::1")],
)
def test_a_client_that_trusts_the_root_is_served(tls_dir: Path, address: str, name: str) -> None:
    with _served(tls_dir, address) as port:
        assert _shake_hands(address, port, name, tls_dir / ROOT_FILE) == "TLSv1.3"


@pytest.mark.parametrize("name", ["bank.example.test", "127.0.0.2", "localhost.example.test"])
def test_the_same_certificate_is_refused_under_any_other_name(tls_dir: Path, name: str) -> None:
    with (
        _served(tls_dir, "127.0.0.1") as port,
        pytest.raises(ssl.SSLCertVerificationError, match="mismatch"),
    ):
        _shake_hands("127.0.0.1", port, name, tls_dir / ROOT_FILE)


def test_a_client_that_trusts_another_installation_is_not_served(
    tls_dir: Path, tmp_path: Path
) -> None:
    CertificateFolder(tmp_path / "other").replace(make_authority())

    with (
        _served(tls_dir, "127.0.0.1") as port,
        pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"),
    ):
        _shake_hands("127.0.0.1", port, "localhost", tmp_path / "other" / ROOT_FILE)
