"""What the results of the simulator are checked with: our verification, and openssl's."""

import subprocess
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signet_protocol.verify import (
    GivenRevocation,
    TrustAnchors,
    VerificationPolicy,
    Verifier,
)
from signet_simulator.people import Crowd

NONCE = b64encode(bytes(range(32))).decode("ascii")
FORM = b'{"form":"gs1/1","tax_due":"12840.00"}'


def verifier_in(folder: Path, crowd: Crowd) -> Verifier:
    """Return a department's verifier that knows only the files which the simulator wrote."""
    crowd.write(folder)
    crls = [(folder / name).read_bytes() for name in ("demo-root.crl", "demo-people.crl")]
    return Verifier(
        TrustAnchors.from_pem((folder / "demo-ca.pem").read_bytes()),
        VerificationPolicy(),
        revocation=[GivenRevocation(crls=crls)],
        clock=lambda: datetime.now(UTC),
    )


def openssl(*words: object, given: bytes = b"") -> bytes:
    """Run the command; return what it wrote."""
    command = ["openssl", *map(str, words)]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def base64(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def octets(answer: dict[str, Any], member: str) -> bytes:
    """Return a member of a result."""
    assert "result" in answer, answer
    return b64decode(answer["result"][member])
