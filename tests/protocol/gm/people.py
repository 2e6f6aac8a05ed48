"""An SM2 certification service by the ``openssl`` command: root, authority, people."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from signet_protocol.gm import Sm2PrivateKey

DISTID = "distid:1234567812345678"
AUTHORITY = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n"
PERSON = (
    "basicConstraints=CA:false\n"
    "keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment\n"
    "1.2.156.10260.4.1.1=ASN1:PRINTABLESTRING:990101199001010011\n"
)


@dataclass(frozen=True)
class Member:
    """A certificate with its key, and the files that openssl knows them by."""

    certificate: x509.Certificate
    key: Sm2PrivateKey
    certificate_file: Path
    key_file: Path


def openssl(*arguments: object, given: bytes = b"") -> bytes:
    """Run the command; return what it wrote."""
    command = ["openssl", *map(str, arguments)]
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout


def issue(
    folder: Path, name: str, issuer: Member | None = None, *, extensions: str, distid: str = DISTID
) -> Member:
    """Make a key, a request and a certificate; without an issuer it is a root."""
    key, request, made, settings = (folder / f"{name}.{end}" for end in ("k", "r", "c", "e"))
    openssl("genpkey", "-algorithm", "SM2", "-out", key)
    settings.write_text(extensions)
    signed = ("-sm3", "-sigopt", distid)
    openssl("req", "-new", "-key", key, "-subj", f"/C=CN/CN={name}", *signed, "-out", request)
    by: list[object] = ["-signkey", key]
    if issuer is not None:
        by = ["-CA", issuer.certificate_file, "-CAkey", issuer.key_file, "-CAcreateserial"]
    checked = ("-vfyopt", distid, "-days", "30", "-extfile", settings)
    openssl("x509", "-req", "-in", request, *by, *signed, *checked, "-out", made)
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER")
    certificate = x509.load_pem_x509_certificate(made.read_bytes())
    return Member(certificate, Sm2PrivateKey.from_pkcs8(der), made, key)
