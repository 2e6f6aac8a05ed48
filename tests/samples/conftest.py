"""The sample back ends, each started by the command that its page tells."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.kit.pki import BOTH, CITIZEN, private_key
from tests.kit.sample import Sample
from tests.kit.verification_service import RunningService
from tests.protocol.verify.city import City
from tests.protocol.verify.draft import Signer
from tests.protocol.verify.status import List
from tests.samples.people import ORIGIN

POLICY = """
authorities = ["city.pem"]
revocation.mode = "ignore"
"""
SERVICE = f"""
[service]
origins = ["{ORIGIN}"]
listen = "127.0.0.1:0"
"""


def java() -> str:
    """Return the JDK's launcher, which compiles a single file and runs it."""
    found = shutil.which("java")
    assert found, "no JDK: install openjdk-17-jdk-headless"
    return found


@pytest.fixture(scope="session")
def city() -> City:
    return City()


@pytest.fixture(scope="session")
def revoked(city: City) -> Signer:
    """Somebody whose certificate is on the list."""
    subject, key = replace(CITIZEN, serial_number=None), private_key("p256", 31)
    return Signer(city.hierarchy.citizen.issue(subject, key.public_key(), usage=BOTH), key)


@pytest.fixture(scope="session")
def samples(
    tmp_path_factory: pytest.TempPathFactory, city: City, revoked: Signer
) -> Iterator[dict[str, Sample]]:
    """All samples, started once; Java takes its time."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "city.pem").write_bytes(city.hierarchy.pem)
    (folder / "city.crl").write_bytes(revocation_lists(city, revoked))
    (folder / "policy.toml").write_text(POLICY)
    with ExitStack() as stack:
        service = stack.enter_context(RunningService.started(folder, POLICY + SERVICE))

        def start(name: str, *words: str) -> Sample:
            own = folder / name
            own.mkdir()
            return stack.enter_context(Sample.started(own, words))

        policy, files = str(folder / "policy.toml"), (folder / "city.pem", folder / "city.crl")
        python = ("samples/python/back_end.py", policy, ORIGIN, "0")
        rest = ("samples/java/RestBackEnd.java", service.url, ORIGIN, "0")
        login = ("samples/java/LoginBackEnd.java", ORIGIN, *map(str, files), "0")
        yield {
            "python": start("python", sys.executable, *python),
            "java_rest": start("java_rest", java(), *rest),
            "java_login": start("java_login", java(), *login),
        }


def revocation_lists(city: City, revoked: Signer) -> bytes:
    """Return a list of every authority's, in PEM."""
    lists = [
        List(city.hierarchy.root).der(),
        List(city.hierarchy.citizen, revoked=(revoked.certificate,)).der(),
    ]
    return b"".join(x509.load_der_x509_crl(der).public_bytes(Encoding.PEM) for der in lists)
