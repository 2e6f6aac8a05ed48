"""What daemon and token room say to each other.

The daemon asks, the room answers once: ``OpenModule`` and ``ListTokens`` with ``Tokens``,
``OpenPin`` with ``PinKey``, ``Sign`` with ``Signatures``, ``Unwrap`` with ``ContentKey``; any
question may be answered by ``TokenFailure``. ``TokensChanged`` comes unasked, between the answers.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from signet_agent.model import Algorithm, KeyPadding, PinState, Token

SEALED_PIN_BYTES = 112
"""A sealed PIN: a one-time key (32), the padded PIN (64) and a tag (16), as in ``sealed_pin``. It
stands here because the daemon only passes it on and loads no cryptography to know its size."""


class TokenFault(StrEnum):
    """Why a token room could not do what it was asked."""

    PIN_INCORRECT = "pin_incorrect"
    PIN_LOCKED = "pin_locked"
    PIN_LENGTH = "pin_length"
    LAST_TRY = "last_try"
    """One try is left and the person was not asked for it; nothing was spent."""
    SEALED_PIN = "sealed_pin"
    """The sealed PIN does not open: wrong consent, replayed, or damaged."""
    REMOVED = "removed"
    KEY_MISSING = "key_missing"
    UNSUPPORTED = "unsupported"
    ENVELOPE = "envelope"
    """The encrypted key does not open; it never leaves the room, see ``Unwrap``."""
    DECLINED = "declined"
    """The person cancelled at the reader's keys, or let the reader's time pass."""
    BUSY = "busy"
    """Another program has the card for itself."""
    CARD = "card"
    """The card answered what its kind of card does not answer."""
    MODULE = "module"
    """The module cannot be loaded or failed inside."""
    TIMEOUT = "timeout"
    """The token did not answer its driver in time."""


class SkfForm(Struct, frozen=True):
    """What GM/T 0016 leaves open, and this maker's answer to it.

    ``ulong_size`` and ``packed`` shape the structures, ``convention`` the calls (it differs on
    32-bit Windows only). ``digest_info`` tells whether SKF_RSASignData takes a whole DigestInfo or
    the bare hash. ``events`` has SKF_WaitForDevEvent listened to. ``decrypt`` names the maker's own
    function that opens a bare SM2 ciphertext; the standard has none.
    """

    ulong_size: Literal[4, 8] = 4
    packed: bool = True
    convention: Literal["cdecl", "stdcall"] = "cdecl"
    digest_info: bool = True
    events: bool = False
    decrypt: str = ""


class OpenModule(Struct, frozen=True, tag=True):
    """The first word to a token room: what it serves. It answers with ``Tokens``.

    Everything comes from the machine policy alone. ``path`` is a PKCS#11 or SKF library or a
    software token's folder. For cards ``profile`` is the kind of card, ``reader`` a part of the
    readers' names (empty for all), and ``exclusive`` keeps other programs off the card while it is
    used. For a PKCS#11 library ``tokens`` is a part of the tokens' labels (empty for all), and
    ``read_only`` keeps it from writing files. ``skf`` is for an SKF library.
    """

    name: str
    kind: Literal["pkcs11", "software", "card", "skf"]
    path: str = ""
    profile: str = ""
    reader: str = ""
    exclusive: bool = False
    tokens: str = ""
    read_only: bool = False
    skf: SkfForm = SkfForm()


class ListTokens(Struct, frozen=True, tag=True):
    """Which tokens are here, with their certificates?"""


class OpenPin(Struct, frozen=True, tag=True):
    """Make a one-time key for one PIN try on this token, for this consent."""

    consent: bytes
    token: str


class Sign(Struct, frozen=True, tag=True):
    """Log in with the sealed PIN, sign every digest, log out: all or none.

    ``digests`` are hashes, by the algorithm's, of the bytes to sign; ``last_try`` says that the
    person agreed, in a second question, to spend the last try.
    """

    consent: bytes
    key: str
    algorithm: Algorithm
    digests: tuple[bytes, ...]
    sealed_pin: bytes
    last_try: bool = False


class Unwrap(Struct, frozen=True, tag=True):
    """Log in with the sealed PIN, decrypt an envelope's content key by RSA, log out.

    ``key_bytes`` is the size of the content key. Where what comes out is none of this size, the
    answer is a random key instead: who asks cannot tell a wrong padding from a damaged content
    (RFC 3218, section 2.3.2).
    """

    consent: bytes
    key: str
    padding: KeyPadding
    encrypted: bytes
    key_bytes: int
    sealed_pin: bytes
    last_try: bool = False


class Tokens(Struct, frozen=True, tag=True):
    """The tokens that are plugged in now."""

    tokens: tuple[Token, ...]


class PinKey(Struct, frozen=True, tag=True):
    """The X25519 public key (32 octets) for one PIN try, and how the PIN stands."""

    public: bytes
    pin: PinState


class Signatures(Struct, frozen=True, tag=True):
    """The raw signatures in the order of the digests: RSASSA-PKCS1-v1_5, or r || s (SM2 too)."""

    values: tuple[bytes, ...]


class ContentKey(Struct, frozen=True, tag=True):
    """The content key of an envelope; or a random one, which opens nothing."""

    value: bytes


class TokenFailure(Struct, frozen=True, tag=True):
    """Why not; ``detail`` is for the log (a return code's name, never a PIN or a path)."""

    fault: TokenFault
    detail: str = ""
    pin: PinState | None = None


class TokensChanged(Struct, frozen=True, tag=True):
    """A card, a reader or a token came or went; said unasked."""


TokenQuestion = OpenModule | ListTokens | OpenPin | Sign | Unwrap
TokenAnswer = Tokens | PinKey | Signatures | ContentKey | TokenFailure | TokensChanged
