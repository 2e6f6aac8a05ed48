"""SoftHSM2 tokens in a temporary folder, filled with keys of the test PKI."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.kit import pki

PIN = "73519284"
"""Eight digits that stand nowhere else, so that a search of a process's memory means something."""

SO_PIN = "40618273"

_MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
    *Path("/usr/lib64").glob("**/libsofthsm2.so"),
)
_WRITER = Path(__file__).with_name("softhsm_objects.py")


def module_path() -> Path:
    """Return where SoftHSM's library lies.

    Raises:
        FileNotFoundError: the package softhsm2 is not installed.
    """
    for path in _MODULES:
        if path.exists():
            return path
    message = "libsofthsm2.so: install the package softhsm2"
    raise FileNotFoundError(message)


@dataclass(frozen=True)
class TokenKey:
    """What is written under one CKA_ID (hexadecimal): a private key and its certificate.

    ``certificate`` may be any octets. ``public`` is written as a public key object when given;
    ``always_authenticate`` makes a key that wants the PIN again for each signature.
    """

    id: str
    private: pki.PrivateKey
    certificate: bytes
    public: pki.PublicKey | None = None
    always_authenticate: bool = False


def key_pair(key_id: str, private: pki.PrivateKey, certificate: x509.Certificate) -> TokenKey:
    """Return a key with its certificate and its public key object, as most tokens hold them."""
    return TokenKey(key_id, private, certificate.public_bytes(Encoding.DER), private.public_key())


def dual_pair(authority: pki.Authority) -> list[TokenKey]:
    """Return an enterprise's two keys, RSA-2048: one signs and logs in, one opens."""
    sign, opens = pki.private_key("rsa2048", 1), pki.private_key("rsa2048", 2)
    opening = authority.issue(pki.ENTERPRISE, opens.public_key(), usage=pki.ENCRYPTION)
    return [
        key_pair("01", sign, authority.issue(pki.ENTERPRISE, sign.public_key())),
        key_pair("02", opens, opening),
    ]


def single_key(authority: pki.Authority, kind: pki.KeyKind = "p256") -> list[TokenKey]:
    """Return a citizen's one key for login and signature."""
    key = pki.private_key(kind)
    return [key_pair("0a", key, authority.issue(pki.CITIZEN, key.public_key()))]


class SoftHsm:
    """A folder of tokens and the configuration that names it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; ``configure`` has written it, or is still to be called."""
        self.folder = folder
        self.configuration = folder / "softhsm2.conf"
        self._tokens = folder / "tokens"
        self._pulled = folder / "pulled"

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a folder without tokens."""
        made = cls(folder)
        made._tokens.mkdir(parents=True)
        made._pulled.mkdir()
        made._configure()
        return made

    def copy(self, folder: Path) -> "SoftHsm":
        """Return the same tokens in another folder: making them anew takes half a second."""
        shutil.copytree(self.folder, folder)
        copied = SoftHsm(folder)
        copied._configure()
        return copied

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which SoftHSM finds this folder and no other."""
        return {**os.environ, "SOFTHSM2_CONF": str(self.configuration)}

    def add_token(self, label: str, keys: Sequence[TokenKey], pin: str = PIN) -> str:
        """Make a token, write keys and certificates on it, and return its serial number."""
        before = set(self._tokens.iterdir())
        options = ["--label", label, "--so-pin", SO_PIN, "--pin", pin]
        self._run("softhsm2-util", "--init-token", "--free", *options)
        (made,) = set(self._tokens.iterdir()) - before
        work = self.folder / "objects"
        work.mkdir()
        for key in keys:
            _write(work, key)
        self._run(sys.executable, "-I", str(_WRITER), str(module_path()), label, pin, str(work))
        shutil.rmtree(work)
        # SoftHSM's serial number is the end of the folder's name, which is a UUID.
        return made.name.replace("-", "")[-16:]

    def pull(self) -> None:
        """Take all tokens away, as a hand would."""
        for token in list(self._tokens.iterdir()):
            token.rename(self._pulled / token.name)

    def insert(self) -> None:
        """Put the pulled tokens back."""
        for token in list(self._pulled.iterdir()):
            token.rename(self._tokens / token.name)

    def _configure(self) -> None:
        self.configuration.write_text(
            f"directories.tokendir = {self._tokens}\n"
            "objectstore.backend = file\nslots.removable = true\nlog.level = ERROR\n"
        )

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, env=self.environment, stdout=subprocess.DEVNULL)


def _write(folder: Path, key: TokenKey) -> None:
    """Write one key's objects as the filling script reads them."""
    kind = "rsa" if isinstance(key.private, rsa.RSAPrivateKey) else "ec"
    suffix = ".always" if key.always_authenticate else ""
    private = key.private.private_bytes(
        Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    (folder / f"{key.id}.{kind}-private{suffix}").write_bytes(private)
    (folder / f"{key.id}.certificate").write_bytes(key.certificate)
    if key.public is not None:
        form = PublicFormat.PKCS1 if kind == "rsa" else PublicFormat.SubjectPublicKeyInfo
        public = key.public.public_bytes(Encoding.DER, form)
        (folder / f"{key.id}.{kind}-public").write_bytes(public)
