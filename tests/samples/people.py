"""What the agent of a person sends to a sample, through a browser."""

from typing import Any

from tests.kit.pki import KeyKind
from tests.kit.sample import Browser
from tests.protocol.verify.city import write_token
from tests.protocol.verify.draft import Signer

ORIGIN = "https://portal.city.example"


def log_in(
    browser: Browser,
    signer: Signer,
    kind: KeyKind = "p256",
    *,
    origin: str = ORIGIN,
    changed: dict[str, object] | None = None,
) -> tuple[int, Any]:
    """Fetch a nonce and log in with a token over it; ``changed`` members are the token's."""
    _, issued = browser.post("/nonce", {})
    token = write_token(signer, kind, origin=origin, nonce=issued["nonce"]) | (changed or {})
    return browser.post("/login", {"nonce": issued["nonce"], "token": token})
