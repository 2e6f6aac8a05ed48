"""A SoftHSM2 token with one person's keys, an agent that signs with it, and the bare loop."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from signet_protocol.verify import TrustAnchors, verify_signature
from tests.bench.line_process import LineProcess, child
from tests.bench.page import DOCUMENT, ORIGIN
from tests.kit.pki import Authority
from tests.kit.softhsm import PIN, SoftHsm, TokenKey, dual_pair, module_path, single_key

KeyKind = Literal["rsa2048", "p256"]

LABEL = "bench"

_MECHANISMS = {"rsa2048": "RSA_PKCS", "p256": "ECDSA"}


@dataclass(frozen=True)
class BenchToken:
    """A token of one kind of key."""

    folder: Path
    kind: KeyKind
    authority: Authority
    hsm: SoftHsm
    key: TokenKey

    @classmethod
    def create(cls, folder: Path, kind: KeyKind) -> "BenchToken":
        """Make the token in a folder of its own."""
        authority = Authority.create("云汀市证书服务中心（示例）")
        keys = dual_pair(authority) if kind == "rsa2048" else single_key(authority)
        hsm = SoftHsm.create(folder / "softhsm")
        hsm.add_token(LABEL, keys)
        return cls(folder, kind, authority, hsm, keys[0])

    def loop(self) -> LineProcess:
        """Start the bare loop over this token."""
        certificate = self.folder / "certificate.der"
        certificate.write_bytes(self.key.certificate)
        words = (str(module_path()), LABEL, PIN, self.key.id, _MECHANISMS[self.kind])
        return LineProcess(child("token_loop", *words, str(certificate)), self.hsm.environment)

    def agent(self) -> LineProcess:
        """Start an agent whose policy names this token's module and the bench's page."""
        write_policy(self.folder / "policy.toml")
        command = [sys.executable, "-m", "tests.bench.children.timed_agent", str(self.folder)]
        return LineProcess(command, self.hsm.environment)

    def check(self, signed: bytes) -> None:
        """Verify a signature as a department would.

        Raises:
            VerificationError: what was measured is not a signature of the document.
        """
        anchors = TrustAnchors.from_pem(self.authority.pem)
        verify_signature(signed, content=DOCUMENT, anchors=anchors, at=datetime.now(UTC))


def write_policy(file: Path) -> None:
    """Write a policy with the bench's page and SoftHSM."""
    file.write_text(
        f"""version = 1
[[site]]
origin = "{ORIGIN}"
name = {{ zh-Hans = "市国家税务局" }}
mark = "税"
operations = ["login", "choose", "sign"]
[[module]]
name = "softhsm"
path = "{module_path()}"
""",
        "utf-8",
    )
