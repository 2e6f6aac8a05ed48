"""The list of what a check leaves behind, for people and programs that verify it again."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from demo.identities import Identity
from demo.verification import UnverifiedError, verify_document, verify_token

AUTHORITIES_FILE = "ca.pem"
MANIFEST_FILE = "manifest.json"

DETACHED = "cades-b-detached"
ATTACHED = "cades-b-attached"
LOGIN = "web-eid-login"


@dataclass(frozen=True)
class Artefact:
    """One signed thing; all names are of files in the same folder.

    Attributes:
        file: the signature, or the login token.
        kind: one of the three kinds above.
        department: the label of the department that asked.
        system: the online system it belongs to, such as ``GS1``; ``login`` for logins.
        ca: the authorities it verifies against (PEM).
        content: what was signed; for a login, origin and nonce.
    """

    file: str
    kind: str
    department: str
    system: str
    content: str
    ca: str = AUTHORITIES_FILE


@dataclass
class Manifest:
    """The artefacts of one check, in the folder where they lie."""

    folder: Path
    artefacts: list[Artefact] = field(default_factory=list)

    def add(self, artefact: Artefact, signer: Identity) -> None:
        """Verify an artefact and list it.

        Raises:
            UnverifiedError: it does not hold, or somebody else signed; it is not listed.
        """
        file, content = self.folder / artefact.file, self.folder / artefact.content
        authorities = self.folder / artefact.ca
        if artefact.kind == LOGIN:
            holder = verify_token(file, content, authorities)
        else:
            attached = artefact.kind == ATTACHED
            holder = verify_document(file, content, authorities, attached=attached)
        if holder.serial_number != signer.signing_serial:
            message = f"{artefact.file}: signed by {holder.serial_number}, not by {signer.key}"
            raise UnverifiedError(message)
        self.artefacts.append(artefact)

    def write(self) -> None:
        """Write the list beside the artefacts."""
        listed = {"artefacts": [asdict(artefact) for artefact in self.artefacts]}
        text = json.dumps(listed, ensure_ascii=False, indent=2)
        (self.folder / MANIFEST_FILE).write_text(text + "\n", "utf-8")
