"""The values every room shares: origins, tokens, certificates, and what a window shows.

They are frozen records, so that what crosses a wall of trust cannot change afterwards.
"""

import re
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from msgspec import Struct

_ORIGIN = re.compile(
    r"https://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?::([1-9][0-9]{0,4}))?\Z"
)
_HTTPS_PORT = 443
_MAX_PORT = 65535
_MAX_HOST_CHARS = 253
"""RFC 1035, section 2.3.4."""


class Origin(str):
    """A web origin exactly as a browser writes it (RFC 6454, section 6.2): https only.

    ``Origin.parse`` is the only way in; equality is equality of the text, so no look-alike,
    suffix, path, user part, default port or capital letter can ever match.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """Return the origin a text spells.

        Raises:
            ValueError: the text is not the exact serialisation of an https origin.
        """
        match = _ORIGIN.match(text)
        if match is None or len(match[1]) > _MAX_HOST_CHARS:
            message = "not an https origin as a browser writes it, such as https://tax.example.gov"
            raise ValueError(message)
        if match[2] is not None and (int(match[2]) > _MAX_PORT or int(match[2]) == _HTTPS_PORT):
            message = "the port must be below 65536 and left out when it is 443"
            raise ValueError(message)
        if match[1].rsplit(".", 1)[-1].isdigit():
            message = "an address is not a site; use its name"
            raise ValueError(message)
        return cls(text)


class Operation(StrEnum):
    """What a page may ask for; policy names the same words."""

    LOGIN = "login"
    CHOOSE = "choose"
    SIGN = "sign"


class Algorithm(StrEnum):
    """Signature algorithms by their JWA names (RFC 7518, section 3.1), and SM2, which has none."""

    RS256 = "RS256"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    SM2 = "SM2"

    @property
    def hash_name(self) -> str:
        """Return the digest's name as ``hashlib`` knows it."""
        return _HASH_NAMES[self]

    @property
    def is_ecdsa(self) -> bool:
        """Whether signatures are r || s of the curve's size."""
        return self in {Algorithm.ES256, Algorithm.ES384, Algorithm.ES512}


_HASH_NAMES = {
    Algorithm.RS256: "sha256",
    Algorithm.ES256: "sha256",
    Algorithm.ES384: "sha384",
    Algorithm.ES512: "sha512",
    Algorithm.SM2: "sm3",
}


class KeyUse(StrEnum):
    """What a certificate's key usage lets its key do (RFC 5280, section 4.2.1.3)."""

    LOGIN = "login"
    """digitalSignature"""
    SIGN = "sign"
    """nonRepudiation (contentCommitment)"""
    OPEN = "open"
    """keyEncipherment or keyAgreement"""


class PinState(Struct, frozen=True):
    """What a token tells about its PIN; ``tries`` is ``None`` where the token does not count."""

    tries: int | None = None
    final: bool = False
    locked: bool = False
    wrong_before: bool = False
    min_length: int = 4
    max_length: int = 16


class Certificate(Struct, frozen=True):
    """A certificate on a token and the key that belongs to it.

    ``key`` is the key's URI, known to the token room only: ``pkcs11:module/token/id`` or
    ``software:name/id``. Times are seconds since the epoch.
    """

    key: str
    token: str
    der: bytes
    spki: bytes
    holder: str
    organisation: str
    issuer: str
    serial: str
    not_before: int
    not_after: int
    uses: tuple[KeyUse, ...]
    algorithm: Algorithm | None
    extensions: dict[str, str] = {}

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 of the DER, 64 lower-case hexadecimal digits."""
        return sha256(self.der).hexdigest()

    @property
    def tail(self) -> str:
        """Return the four characters by which a person knows the token."""
        return self.token.rsplit("/", 1)[-1][-4:]


class Token(Struct, frozen=True):
    """A present token; ``demo`` marks keys without legal effect in every window."""

    uri: str
    label: str
    serial: str
    kind: Literal["usb-key", "card", "software"]
    pin: PinState
    certificates: tuple[Certificate, ...] = ()
    demo: bool = False


class Row(Struct, frozen=True):
    """One line of a shown form; ``level`` indents, ``total`` draws the sum line."""

    label: str
    value: str
    level: int = 0
    total: bool = False


class Paper(Struct, frozen=True):
    """A document as the window shows it: rows of a form, or plain text; never markup."""

    title: str = ""
    rows: tuple[Row, ...] = ()
    text: str = ""


class Choice(Struct, frozen=True):
    """A certificate as the chooser shows it."""

    fingerprint: str
    holder: str
    organisation: str
    token_label: str
    token_kind: Literal["usb-key", "card", "software"]
    tail: str
    not_after: int
    demo: bool = False
    algorithm: Algorithm | None = None


class ConsentRecord(Struct, frozen=True):
    """Everything one window shows; the window is a function of this record alone.

    ``id`` is 16 random octets; an answer counts once, for this id only. Texts are in the person's
    language already; ``site``, ``mark``, ``kind`` and ``after`` come from policy.
    """

    id: bytes
    operation: Operation
    origin: str
    site: str
    mark: str
    kind: str
    choices: tuple[Choice, ...]
    paper: Paper = Paper()
    code: str = ""
    digest: str = ""
    after: tuple[str, ...] = ()
    language: str = "zh-Hans"
    program: str = ""
