"""The files of a software token: ``token.json``, ``keys/ID.p8`` and ``certs/ID.der``.

What is written here is on the disk when the call returns; a token's counter depends on it.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

MAX_TRIES = 6
"""What the city's real tokens allow; few enough to feel, enough for a misread keypad."""

_KEY_ID = re.compile(r"(?:[0-9a-f]{2}){1,32}\Z")
_SERIAL = r"^[A-Za-z0-9-]{4,32}\Z"

Kind = Literal["usb-key", "card", "software"]


class FolderError(Exception):
    """The folder's content is damaged, or it cannot be read or written; its owner can cure it."""


class TokenState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of ``token.json``: names, and everything about the PIN but the PIN."""

    label: str
    serial: Annotated[str, msgspec.Meta(pattern=_SERIAL)]
    kind: Kind
    tries: Annotated[int, msgspec.Meta(ge=0, le=MAX_TRIES)]
    salt: bytes
    check: bytes


class TokenFolder:
    """One token's files. Nothing is kept in memory: another process may hold the same token."""

    def __init__(self, path: Path) -> None:
        """Take the folder, which need not exist yet."""
        self.path = path
        self._state = path / "token.json"

    def create(self) -> None:
        """Make the empty folders, for their owner only.

        Raises:
            OSError: they exist, or cannot be made.
        """
        for part in (self.path, self.path / "keys", self.path / "certs"):
            part.mkdir(mode=0o700)

    def load(self) -> TokenState | None:
        """Return the state; ``None`` while there is no token.

        Raises:
            FolderError: it cannot be read.
        """
        try:
            return msgspec.json.decode(self._state.read_bytes(), type=TokenState)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FolderError(type(error).__name__) from None

    def store(self, state: TokenState) -> None:
        """Replace the state: the old one or the new one, whenever the power goes.

        Raises:
            FolderError: it cannot be written.
        """
        fresh = self.path / "token.json.new"
        try:
            _write(fresh, msgspec.json.encode(state))
            fresh.replace(self._state)
            _sync_folder(self.path)
        except OSError as error:
            raise FolderError(type(error).__name__) from None

    def add_key(self, identity: str, key: bytes, certificate: bytes) -> None:
        """Write a key (encrypted PKCS#8) and its certificate (DER).

        Raises:
            ValueError: the id is not hexadecimal in small letters, 1 to 32 octets.
            OSError: they cannot be written.
        """
        if not _KEY_ID.match(identity):
            message = "a key's id is 1 to 32 octets in lower-case hexadecimal"
            raise ValueError(message)
        _write(self.path / "keys" / f"{identity}.p8", key)
        _write(self.path / "certs" / f"{identity}.der", certificate)

    def key(self, identity: str) -> bytes | None:
        """Return an encrypted key, or ``None`` when there is none of this id.

        Raises:
            FolderError: it cannot be read.
        """
        if not _KEY_ID.match(identity):
            return None
        try:
            return (self.path / "keys" / f"{identity}.p8").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderError(type(error).__name__) from None

    def certificates(self) -> Iterator[tuple[str, bytes]]:
        """Return ids and certificates, in the order of the ids.

        Raises:
            FolderError: one cannot be read.
        """
        try:
            for file in sorted((self.path / "certs").glob("*.der")):
                if _KEY_ID.match(file.stem):
                    yield file.stem, file.read_bytes()
        except OSError as error:
            raise FolderError(type(error).__name__) from None


def is_serial(text: str) -> bool:
    """Whether a text can be a software token's serial number."""
    return re.match(_SERIAL, text) is not None


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, and wait until it is on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows does so by itself and has no such call."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
