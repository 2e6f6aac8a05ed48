"""What the department of these tests configures, and what its back end sends."""

from base64 import b64encode

from tests.kit.verification_service import Reply, RunningService
from tests.protocol.verify.city import write_token
from tests.protocol.verify.draft import Signer

ORIGIN = "https://portal.city.example"
OTHER_ORIGIN = "https://tax.city.example"
SESSION = "b1c7d1f2a9"


def configuration(
    service: str = "", *, revocation: str = 'mode = "ignore"', listen: str = "127.0.0.1:0"
) -> str:
    """Return a configuration; ``service`` are more lines of its table."""
    return f"""
authorities = ["city.pem"]

[revocation]
{revocation}

[service]
origins = ["{ORIGIN}", "{OTHER_ORIGIN}"]
listen = "{listen}"
{service}
"""


def encode(octets: bytes) -> str:
    """Return base64."""
    return b64encode(octets).decode("ascii")


def issue(service: RunningService, *, origin: str = ORIGIN, session: str = SESSION) -> str:
    """Have a nonce issued."""
    reply = service.post("/v1/nonces", {"origin": origin, "session": session})
    assert reply.status == 200, reply.body
    nonce: str = reply.json["nonce"]
    return nonce


def login_body(
    nonce: str, token: object, *, origin: str = ORIGIN, session: str = SESSION
) -> dict[str, object]:
    """Return what a back end sends when a token came back."""
    return {"origin": origin, "session": session, "nonce": nonce, "token": token}


def log_in(
    service: RunningService, signer: Signer, *, nonce: str = "", origin: str = ORIGIN
) -> Reply:
    """Log a person in whose agent saw the right origin."""
    nonce = nonce or issue(service)
    token = write_token(signer, "p256", origin=origin, nonce=nonce)
    return service.post("/v1/logins", login_body(nonce, token))
