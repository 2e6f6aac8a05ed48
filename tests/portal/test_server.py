import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

import portal
from portal import server
from tests.kit.pki import Authority, Hierarchy, Subject

NAMES = ("portal.localhost", "guoshui.localhost", "gongshang.localhost")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the TLS files, their root, and the authorities of persons."""
    folder = tmp_path_factory.mktemp("server")
    root = Authority.create("演示网站根")
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES])
    certificate = root.issue(Subject("portal"), key.public_key(), extensions=[(names, False)])
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "site.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "site.key").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    (folder / "people.pem").write_bytes(Hierarchy.create().pem)
    (folder / "data").mkdir()
    (folder / "home").mkdir()
    return folder


@pytest.fixture(scope="module")
def port(files: Path) -> Iterator[int]:
    """Start the portal as the demonstration does; return its port once it says it is ready."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(files / "home"),
        "PYTHONPATH": str(Path(portal.__file__).parents[1]),
        "PORTAL_DATA": str(files / "data"),
        "PORTAL_PORT": str(port),
        "PORTAL_ANCHORS": str(files / "people.pem"),
        "PORTAL_CERTIFICATE": str(files / "site.pem"),
        "PORTAL_KEY": str(files / "site.key"),
    }
    command = [sys.executable, "-m", "portal"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"portal ready on port {port}\n"
        yield port
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def get(port: int, files: Path, host: str, address: str = "127.0.0.1") -> tuple[int, str]:
    trust = ssl.create_default_context(cafile=str(files / "root.pem"))
    connection = HTTPSConnection(host, port, context=trust, timeout=10)
    plain = socket.create_connection((address, port), timeout=10)
    connection.sock = trust.wrap_socket(plain, server_hostname=host)
    connection.request("GET", "/", headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.mark.parametrize(
    ("host", "said"),
    [(NAMES[0], "十二个部门"), (NAMES[1], "国家税务局"), (NAMES[2], "工商行政管理局")],
)
def test_every_site_answers_over_tls(port: int, files: Path, host: str, said: str) -> None:
    status, text = get(port, files, host)

    assert status == 200
    assert said in text


def test_both_loopback_addresses_answer(port: int, files: Path) -> None:
    for address in server.loopback_addresses():
        assert get(port, files, NAMES[0], address.strip("[]"))[0] == 200


def test_nothing_is_left_in_the_persons_home(port: int, files: Path) -> None:
    get(port, files, NAMES[0])

    assert list((files / "home").iterdir()) == []
    assert {file.name for file in (files / "data").iterdir()} >= {"portal.sqlite3", "secret.key"}


def test_a_machine_without_ipv6_is_served_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError

    monkeypatch.setattr("portal.server.socket.socket", refuse)

    assert server.loopback_addresses() == ["127.0.0.1"]
