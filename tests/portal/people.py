"""The people of these tests, with keys of their own, and what their agents would send.

Signatures are made by openssl, so that the portal is not judged by its own kind.
"""

import subprocess
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.kit.pki import CID, USCC, Authority, Subject

COORDINATE_OCTETS = 32
"""P-256 (RFC 7518, section 3.4)."""

ZHANG = Subject(
    "张三 样例",
    organisation="云汀样例科技有限公司",
    unit="企业证书",
    identities={CID: "990101198808080013", USCC: "91990100MAYT00013L"},
    serial_number=0x59542025E001482101,
)
LI = Subject(
    "李四 样例",
    organisation="云汀样例电子有限公司",
    unit="企业证书",
    identities={CID: "99010119790909003X", USCC: "91990100MAYT0003X7"},
    serial_number=0x59542026E003559001,
)
ZHANG_AS_CITIZEN = Subject(
    "张三 样例",
    unit="市民证书",
    identities={CID: "990101198808080013"},
    serial_number=0x59542022C001007303,
)


@dataclass(frozen=True)
class Person:
    """A holder whose certificate and key lie in PEM files, as openssl wants them."""

    folder: Path

    @classmethod
    def create(cls, issuer: Authority, subject: Subject, folder: Path) -> "Person":
        """Make a person with a fresh key, good for logging in and signing."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = issuer.issue(subject, key.public_key())
        folder.mkdir(parents=True)
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
        (folder / "key.pem").write_bytes(
            key.private_bytes(pem, pkcs8, serialization.NoEncryption())
        )
        return cls(folder)

    def token(self, origin: str, nonce: str) -> dict[str, str]:
        """Return a login token in the Web eID form."""
        key = serialization.load_pem_private_key((self.folder / "key.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        message = sha256(origin.encode()).digest() + sha256(nonce.encode()).digest()
        pair = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        raw = b"".join(number.to_bytes(COORDINATE_OCTETS, "big") for number in pair)
        certificate = x509.load_pem_x509_certificate((self.folder / "cert.pem").read_bytes())
        der = certificate.public_bytes(serialization.Encoding.DER)
        return {
            "unverifiedCertificate": b64encode(der).decode(),
            "algorithm": "ES256",
            "signature": b64encode(raw).decode(),
            "appVersion": "https://signet.example/0",
            "format": "web-eid:1.0",
        }

    def sign(self, document: bytes) -> str:
        """Return a detached CAdES signature over a document, in base64."""
        (self.folder / "document").write_bytes(document)
        command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256"]
        command += ["-outform", "DER", "-in", "document"]
        command += ["-signer", "cert.pem", "-inkey", "key.pem"]
        made = subprocess.run(command, check=True, capture_output=True, cwd=self.folder)
        return b64encode(made.stdout).decode()
