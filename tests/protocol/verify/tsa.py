"""A time-stamping authority: a certificate of the city's, and ``openssl ts`` to stamp with it."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.kit.pki import LOGIN, Authority, Extension, Subject, private_key

POLICY = "1.2.3.4.1"
FOR_STAMPS: Extension = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)

_CONFIGURATION = f"""
[tsa]
default_tsa = city
[city]
serial = serial
default_policy = {POLICY}
digests = sha1, sha256, sha384, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
"""


@dataclass(frozen=True)
class TimeStamper:
    """A time-stamping authority whose files lie in a folder."""

    folder: Path

    @classmethod
    def create(
        cls,
        folder: Path,
        authority: Authority,
        extensions: Iterable[Extension] = (FOR_STAMPS,),
        validity: tuple[datetime | None, datetime | None] = (None, None),
    ) -> "TimeStamper":
        """Issue the certificate. OpenSSL itself refuses to stamp with one that is not for it."""
        key = private_key("p256", 21)
        certificate = authority.issue(
            Subject("云汀市时间戳（示例）"),
            key.public_key(),
            usage=LOGIN,
            extensions=extensions,
            not_before=validity[0],
            not_after=validity[1],
        )
        pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / "tsa.key").write_bytes(pkcs8)
        (folder / "tsa.cnf").write_text(_CONFIGURATION)
        return cls(folder)

    def stamp(self, octets: bytes, digest: str = "sha256") -> bytes:
        """Return a time stamp token over octets, with the certificate in it."""
        (self.folder / "data").write_bytes(octets)
        self._run("-query", "-data", "data", f"-{digest}", "-cert", "-out", "query")
        keys = ("-signer", "tsa.pem", "-inkey", "tsa.key", "-config", "tsa.cnf")
        self._run("-reply", "-queryfile", "query", *keys, "-token_out", "-out", "token")
        return (self.folder / "token").read_bytes()

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", "ts", *words], cwd=self.folder, check=True, capture_output=True)
