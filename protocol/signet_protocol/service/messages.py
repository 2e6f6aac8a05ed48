"""What a back end sends and what it is answered, besides reports. The description is made of these.

Records are closed: a member that is not known is refused, so that a misspelt one cannot go
unnoticed. The token, which the page sent, is handed on as it is: the report says what is wrong in
it.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from signet_protocol.verify.content import DigestName

BASE64 = (
    r"^(?:[A-Za-z0-9+/]{4})*"
    r"(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"
)
"""Canonical base64 (RFC 4648, sections 3.5 and 4): padded, without stray bits."""

MAX_SESSION_CHARS = 256
"""Identifiers of sessions have a tenth of this."""

MAX_NONCE_CHARS = 1024
"""Longer ones than the contract allows are told of in the report; this bounds what is hashed."""

Origin = Annotated[
    str,
    Meta(
        pattern=r"^https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?\Z",
        description="The department's own origin, one of those in the configuration.",
    ),
]
"""An origin as browsers write it (RFC 6454, 6.2)."""

Session = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_SESSION_CHARS,
        description="What the back end alone connects with one browser, such as its session.",
    ),
]

Octets = Annotated[
    str,
    Meta(
        description="Octets in canonical base64.",
        extra_json_schema={"contentEncoding": "base64", "pattern": BASE64},
    ),
]
"""The pattern stands in the description only: decoding is the check, and sooner done."""


Moment = Annotated[
    datetime,
    Meta(tz=True, description="When it was received, by the back end's own records (RFC 3339)."),
]


class NonceRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody is about to log in: for which site, in which session."""

    origin: Origin
    session: Session


class Nonce(Struct, frozen=True):
    """A nonce for one login. The page hands it to the agent."""

    nonce: Annotated[str, Meta(description="32 random octets in base64.")]
    expires_in: Annotated[int, Meta(description="Seconds after which it no longer counts.")]


class LoginRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A token came back from the page. The nonce is used up, whatever the outcome."""

    origin: Origin
    session: Session
    nonce: Annotated[
        str, Meta(max_length=MAX_NONCE_CHARS, description="The nonce that this session was given.")
    ]
    token: Annotated[dict[str, Any], Meta(description="The token as the page sent it.")]


class Digest(Struct, frozen=True, forbid_unknown_fields=True):
    """The document's digest, where the document itself is too large to be sent."""

    algorithm: DigestName
    value: Octets


class SignatureRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A signature came back from the page.

    ``document`` is the document as the back end holds it, never as the page sent it along. A
    detached signature needs it, or its ``digest``; an attached one is compared with it.
    """

    signature: Annotated[Octets, Meta(description="One CMS SignedData in DER, in base64.")]
    document: Octets | None = None
    digest: Digest | None = None
    received_at: Moment | None = None


class TimeStampRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A time stamp token (RFC 3161) over octets."""

    token: Annotated[Octets, Meta(description="One CMS SignedData in DER, in base64.")]
    content: Annotated[Octets, Meta(description="What was stamped, in base64.")]


class Health(Struct, frozen=True):
    """The service can issue and redeem nonces, and so everything else."""

    status: Literal["ok"]
    version: str
    nonces: Literal["memory", "postgresql"]
