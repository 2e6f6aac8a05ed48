"""Verifying what the check leaves behind, twice: with OpenSSL and with the departments' library."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from signet_protocol.verify import (
    Holder,
    TrustAnchors,
    VerificationError,
    verify_login,
    verify_signature,
)


class UnverifiedError(Exception):
    """An artefact does not hold; the text says which and why."""


def verify_document(signature: Path, content: Path, authorities: Path, *, attached: bool) -> Holder:
    """Verify a CAdES-B signature over a file; return who signed.

    Raises:
        UnverifiedError: OpenSSL or the library refuses it.
    """
    words = [] if attached else ["-content", str(content)]
    command = ["/usr/bin/openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER"]
    command += ["-in", str(signature), *words, "-CAfile", str(authorities), "-purpose", "any"]
    result = subprocess.run(  # noqa: S603 -- OpenSSL with files of the check
        command, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    if result.returncode != 0:
        message = f"{signature.name}: openssl says {result.stderr.decode(errors='replace')}"
        raise UnverifiedError(message)
    if result.stdout != content.read_bytes():
        message = f"{signature.name}: openssl verified other content than {content.name}"
        raise UnverifiedError(message)
    try:
        verified = verify_signature(
            signature.read_bytes(),
            content=content.read_bytes(),
            anchors=TrustAnchors.from_pem(authorities.read_bytes()),
            at=datetime.now(UTC),
        )
    except VerificationError as error:
        message = f"{signature.name}: {error}"
        raise UnverifiedError(message) from error
    return verified.holder


def verify_token(token: Path, challenge: Path, authorities: Path) -> Holder:
    """Verify a login token against its origin and nonce; return who logged in.

    Raises:
        UnverifiedError: the library refuses it.
    """
    asked = json.loads(challenge.read_text("utf-8"))
    try:
        return verify_login(
            json.loads(token.read_text("utf-8")),
            origin=asked["origin"],
            nonce=asked["nonce"],
            anchors=TrustAnchors.from_pem(authorities.read_bytes()),
            at=datetime.now(UTC),
        )
    except VerificationError as error:
        message = f"{token.name}: {error}"
        raise UnverifiedError(message) from error
