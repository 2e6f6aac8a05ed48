"""The folder that the daemon reads its loopback certificate from: root.pem, leaf.pem, leaf.key.

The three are replaced as one folder, so that nobody ever reads a leaf beside another leaf's key.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from msgspec import Struct

from signet_agent.errors import AgentError
from signet_agent.trust.authority import LoopbackCertificates

ROOT_FILE = "root.pem"
LEAF_FILE = "leaf.pem"
KEY_FILE = "leaf.key"


class DamagedFolderError(Exception):
    """The three files are not all there, or do not belong together."""


class UnwritableFolderError(AgentError):
    """The folder cannot be replaced or deleted; whoever looks after the computer can cure it."""


class InstalledCertificates(Struct, frozen=True):
    """What the folder holds: the root, and when the leaf under it expires."""

    root_der: bytes
    not_after: datetime


class CertificateFolder:
    """The folder ``tls`` in the agent's state folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is touched yet."""
        self._folder = folder

    def replace(self, certificates: LoopbackCertificates) -> None:
        """Put the new set in the old one's place.

        A power cut at the worst moment leaves no set at all, never a mixture: the agent then
        offers the plain endpoint only, and the next installation mends it.

        Raises:
            UnwritableFolderError: the state folder cannot be written; the old set still stands.
        """
        above = self._folder.parent
        with self._writing():
            above.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._clear_workspaces()
            with tempfile.TemporaryDirectory(prefix=f"{self._folder.name}.", dir=above) as work:
                staged = Path(work) / "new"
                staged.mkdir(mode=0o700)
                for name, content in _files(certificates).items():
                    _write_privately(staged / name, content)
                self._exchange(staged, Path(work) / "old")

    def remove(self) -> None:
        """Delete the folder, if there is one, and what a killed installation left beside it.

        Raises:
            UnwritableFolderError: it cannot be deleted.
        """
        with self._writing():
            self._clear_workspaces()
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self._folder)

    def _exchange(self, staged: Path, old: Path) -> None:
        """Move the old set out of the way and the new one in; back again when that fails."""
        with contextlib.suppress(FileNotFoundError):
            self._folder.rename(old)
        try:
            staged.rename(self._folder)
        except OSError:
            with contextlib.suppress(FileNotFoundError):
                old.rename(self._folder)
            raise

    def _clear_workspaces(self) -> None:
        for leftover in self._folder.parent.glob(f"{self._folder.name}.*"):
            shutil.rmtree(leftover)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Name the folder in whatever the system complains of."""
        try:
            yield
        except OSError as error:
            raise UnwritableFolderError(f"{self._folder}: {error.strerror}") from error

    def read(self) -> InstalledCertificates | None:
        """Return what the folder holds, or ``None`` when it does not exist.

        Raises:
            DamagedFolderError: a file is missing or unreadable, or they do not belong together.
        """
        if not self._folder.exists():
            return None
        try:
            root = x509.load_pem_x509_certificate((self._folder / ROOT_FILE).read_bytes())
            leaf = x509.load_pem_x509_certificate((self._folder / LEAF_FILE).read_bytes())
            key = load_pem_private_key((self._folder / KEY_FILE).read_bytes(), password=None)
            leaf.verify_directly_issued_by(root)
        except (OSError, ValueError, TypeError, InvalidSignature) as error:
            raise DamagedFolderError from error
        if key.public_key() != leaf.public_key():
            raise DamagedFolderError
        return InstalledCertificates(root.public_bytes(Encoding.DER), leaf.not_valid_after_utc)


def _files(certificates: LoopbackCertificates) -> dict[str, bytes]:
    """Return each file's name and content; the leaf alone is the chain a server sends."""
    return {
        ROOT_FILE: _pem(certificates.root_der),
        LEAF_FILE: _pem(certificates.leaf_der),
        KEY_FILE: certificates.leaf_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
    }


def _pem(certificate_der: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate_der).public_bytes(Encoding.PEM)


def _write_privately(path: Path, content: bytes) -> None:
    """Write a new file that only this person can read, and see it on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
