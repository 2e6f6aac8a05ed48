"""Devices of the software SKF library, written as the files it reads (see ``store.c``)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signet_protocol.gm import Sm2PrivateKey
from tests.kit.pki import PrivateKey
from tests.skf.build import SoftSkf

PIN = "48205937"
ADMIN_PIN = "91736450"
MAX_TRIES = 6

SERIAL = "YT-GM-7315"
APPLICATION = "SIGNET-APP"
CONTAINER = "container-1"


@dataclass(frozen=True)
class Pair:
    """A key and its certificate; ``certificate`` may be any octets, or empty for none."""

    key: Sm2PrivateKey | PrivateKey
    certificate: bytes

    @classmethod
    def of(cls, key: Sm2PrivateKey | PrivateKey, certificate: x509.Certificate) -> "Pair":
        """Return a key with the certificate that was issued for it."""
        return cls(key, certificate.public_bytes(Encoding.DER))


@dataclass(frozen=True)
class Container:
    """A signing pair and an encryption pair; either may be missing."""

    sign: Pair | None = None
    open: Pair | None = None


def plug_in(
    library: SoftSkf,
    applications: Mapping[str, Mapping[str, Container]],
    *,
    serial: str = SERIAL,
    label: str = "国密 Key",
) -> Path:
    """Make a device and return its folder; it appears complete."""
    work = library.devices / f".{serial}"
    work.mkdir()
    (work / "info").write_text(f"{label}\n{serial}\n", "utf-8")
    for name, containers in applications.items():
        (work / name).mkdir()
        set_tries(work / name, MAX_TRIES)
        for title, container in containers.items():
            _write(work / name / title, container)
    return work.rename(library.devices / serial)


def pull(library: SoftSkf, serial: str = SERIAL) -> None:
    """Take a device away, as a hand would."""
    (library.devices / serial).rename(library.devices / f".{serial}")


def insert(library: SoftSkf, serial: str = SERIAL) -> None:
    """Put a pulled device back."""
    (library.devices / f".{serial}").rename(library.devices / serial)


def set_tries(application: Path, left: int, pin: str = PIN) -> None:
    """Write an application's PINs, with this many tries left for the person's."""
    user, admin = (hashlib.sha256(each.encode()).hexdigest() for each in (pin, ADMIN_PIN))
    line = f"{user} {MAX_TRIES} {left} {admin} {MAX_TRIES} {MAX_TRIES}\n"
    (application / "pins").write_text(line)


def tries(application: Path) -> int:
    """Return how many tries the person has."""
    return int((application / "pins").read_text().split()[2])


def _write(folder: Path, container: Container) -> None:
    folder.mkdir()
    pairs: Sequence[tuple[str, Pair | None]] = (("sign", container.sign), ("open", container.open))
    for name, pair in pairs:
        if pair is None:
            continue
        (folder / f"{name}.key").write_bytes(_pkcs8(pair.key))
        if pair.certificate:
            (folder / f"{name}.cer").write_bytes(pair.certificate)


def _pkcs8(key: Sm2PrivateKey | PrivateKey) -> bytes:
    if isinstance(key, Sm2PrivateKey):
        return key.pkcs8
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
