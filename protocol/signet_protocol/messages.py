"""One frozen record per message of the contract, version 1.

A record that exists is a valid one: limits and forms are checked when it is built. The names on
the wire are the field names. Requests are closed (an unknown field is refused: the agent must not
act on what it does not understand); replies may grow.
"""

import re
from base64 import b64decode, b64encode
from typing import Annotated, Literal, TypeGuard

from msgspec import Meta, Struct

MAX_MESSAGE_BYTES = 512 * 1024
"""One text message. A document of the largest size in base64 fits with room to spare."""

MAX_DOCUMENT_BYTES = 256 * 1024
"""One inline document. A form of 500 lines has 40 kB; larger files come by frames, later."""

MAX_DEPTH = 64
"""Nesting of a message; ours need four. Python's own parser fails at about a thousand."""

INTEGER_LIMIT = 2**53
"""Integers stay below it in size, so every JSON reader keeps them exactly (RFC 7493, 2.2)."""

MAX_NUMBER_DIGITS = 17
"""Sixteen digits and a sign; a longer one is not even converted, which could take long."""

MAX_ID_CHARS = 64
"""An id is echoed into logs and replies; a UUID has 36 characters."""

MAX_CALLS_IN_FLIGHT = 8
"""Per connection. One window is open at a time, so more would only wait."""

NONCE_MIN_CHARS = 44
"""Web eID's rule: base64 of at least 256 bits."""

NONCE_MAX_CHARS = 128
"""Web eID's rule."""

_NONCE = re.compile(r"[A-Za-z0-9+/_-]{43,128}={0,2}\Z")
_PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")

RequestId = str | int
"""1 to 64 printable ASCII characters without space, or an integer from 0 below 2^53."""

Fingerprint = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""SHA-256 of a certificate's DER, 64 lower-case hexadecimal digits."""


def is_request_id(value: object) -> TypeGuard[RequestId]:
    """Whether a value may be the id of a request."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0 <= value < INTEGER_LIMIT
    return isinstance(value, str) and len(value) <= MAX_ID_CHARS and bool(_PRINTABLE.match(value))


def is_nonce(value: str) -> bool:
    """Whether a login nonce has the form and length that Web eID's validators require."""
    return NONCE_MIN_CHARS <= len(value) <= NONCE_MAX_CHARS and bool(_NONCE.match(value))


def decode_base64(text: str) -> bytes:
    """Return the octets of canonical base64 (RFC 4648, section 4, padded).

    Raises:
        ValueError: the text has foreign characters, wrong padding or stray bits.
    """
    octets = b64decode(text, validate=True)
    if b64encode(octets).decode("ascii") != text:
        message = "not canonical base64"
        raise ValueError(message)
    return octets


class Hello(Struct, frozen=True, forbid_unknown_fields=True):
    """Open a conversation: the page says which version it speaks."""

    version: int
    client: Annotated[str, Meta(max_length=64, pattern=r"^[\x20-\x7e]*\Z")] = ""


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """Log in: sign origin and nonce in the Web eID form."""

    nonce: Annotated[str, Meta(min_length=1, max_length=1024)]


class Choose(Struct, frozen=True, forbid_unknown_fields=True):
    """Let the person choose a certificate and show it to the page; nothing is signed."""

    purpose: Literal["login", "sign"] = "sign"


class Sign(Struct, frozen=True, forbid_unknown_fields=True):
    """Sign one document.

    ``document`` is base64; ``media_type`` says how to show it. ``certificate`` narrows the choice
    to one that the person showed the page before.
    """

    document: str
    media_type: Annotated[str, Meta(max_length=64)]
    format: Annotated[str, Meta(max_length=32)] = "cades-b"
    packaging: Literal["detached", "attached"] = "detached"
    certificate: Fingerprint | None = None


class Cancel(Struct, frozen=True, forbid_unknown_fields=True):
    """Stop a running call of the same connection; that call answers ``page.cancelled``."""

    call: RequestId


Call = Hello | Login | Choose | Sign | Cancel
"""Any method's parameters; the record's type is the method."""


class Request(Struct, frozen=True):
    """One call with the id its answer will carry."""

    id: RequestId
    call: Call


class AuditMark(Struct, frozen=True):
    """Where the agent's log stands: number of the last record and its chained digest, hex."""

    seq: int
    head: str


class Limits(Struct, frozen=True):
    """What this agent takes, so that a page can tell before it sends."""

    message: int = MAX_MESSAGE_BYTES
    document: int = MAX_DOCUMENT_BYTES
    calls: int = MAX_CALLS_IN_FLIGHT


class HelloResult(Struct, frozen=True):
    """The agent's version and what it can do for this site."""

    version: int
    agent: str
    methods: tuple[str, ...]
    formats: tuple[str, ...]
    media_types: tuple[str, ...]
    limits: Limits = Limits()


WEB_EID_FORM = "web-eid:1.0"

SM2_LOGIN_FORM = "signet-sm2:1"
"""A login token of SM2: Web eID names no such algorithm, and its validators shall refuse it."""

SM2_LOGIN_PREFIX = b"SIGNET-SM2-LOGIN"
"""What a login with SM2 signs begins with; signed attributes begin with 31 hexadecimal."""


class WebEidToken(Struct, frozen=True, rename="camel"):
    """A login token as Web eID's validators take it (``web-eid:1.0``), or SM2's own form.

    ``signature`` is base64 over H(H(origin) || H(nonce)); ECDSA as r || s (RFC 7518, 3.4). SM2's
    is r || s as well, over the prefix ``SIGNET-SM2-LOGIN`` and both hashes.
    """

    unverified_certificate: str
    algorithm: str
    signature: str
    app_version: str
    format: str = WEB_EID_FORM


class LoginResult(Struct, frozen=True):
    """The login token, for the department's server to validate."""

    token: WebEidToken


class ChooseResult(Struct, frozen=True):
    """The certificate the person chose to show, DER in base64, and its fingerprint."""

    certificate: str
    fingerprint: str


class SignResult(Struct, frozen=True):
    """The signature: CMS SignedData in DER, base64; the signer; the document's digest, hex."""

    signature: str
    certificate: str
    digest: str
    format: str


class CancelResult(Struct, frozen=True):
    """Whether the named call was still running."""

    cancelled: bool


Result = HelloResult | LoginResult | ChooseResult | SignResult | CancelResult
"""What a call answers when it went well."""


ProgressState = Literal["preparing", "waiting_for_person", "signing"]


class Progress(Struct, frozen=True):
    """How far a running call has come; a notification, it has no answer."""

    call: RequestId
    state: ProgressState
