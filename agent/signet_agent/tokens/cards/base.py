"""What a kind of card must tell to be used without its vendor's middleware.

A profile knows commands and files; readers, transactions, PIN tries and their order are the
provider's. It keeps nothing between two calls.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from signet_agent.model import Algorithm, PinState
from signet_agent.tokens.apdu import OK, Command, Conversation, PinReference
from signet_agent.tokens.base import SHA256_DIGEST_INFO

VERIFY = 0x20

COUNT_MASK, COUNT = 0xFFF0, 0x63C0
"""63Cx: the PIN is not verified, x tries are left (ISO 7816-4, section 5.6)."""
_BLOCKED = frozenset({0x6983, 0x6984})

NO_SUCH_FILE = frozenset({0x6A82, 0x6A86, 0x6D00, 0x6E00, 0x6985, 0x6999})
"""How cards say that they have no such application, file or command; cards differ."""


class NotThisCardError(Exception):
    """The card in the reader is of another kind."""


class CardFaultError(Exception):
    """The card answered something that its kind of card does not answer."""


class CardIdentity(NamedTuple):
    """How a card is called, and its number: 4 to 32 letters and digits."""

    label: str
    serial: str


class CardCertificate(NamedTuple):
    """A certificate (DER) and the id of the key it belongs to, in lower-case hexadecimal."""

    key: str
    der: bytes


class KeyJob(NamedTuple):
    """One signature: the key's id, its algorithm, its size in octets, and the digest.

    The size is that of the RSA modulus, or of one coordinate on the curve.
    """

    key: str
    algorithm: Algorithm
    size: int
    digest: bytes


class CardProfile(Protocol):
    """One kind of card."""

    @property
    def extended(self) -> bool:
        """Whether its cards take extended length (ISO 7816-4, section 5.1)."""
        ...

    @property
    def pin(self) -> PinReference:
        """Where the PIN is."""
        ...

    @property
    def usual_tries(self) -> int:
        """How many tries a fresh card has; fewer mean that somebody mistyped."""
        ...

    def select(self, card: Conversation) -> CardIdentity:
        """Select the card's application and return who the card is.

        Raises:
            NotThisCardError: it has no such application.
            StatusError, CardFaultError: it has, but does not behave.
        """
        ...

    def certificates(self, card: Conversation) -> Iterator[CardCertificate]:
        """Yield the certificates of keys, as they lie on the card.

        Raises:
            StatusError, CardFaultError: the card does not behave.
        """
        ...

    def sign(self, card: Conversation, job: KeyJob) -> bytes:
        """Return a raw signature (PKCS#1 v1.5, or r || s); the PIN was verified just before.

        Raises:
            StatusError, CardFaultError: there is none.
        """
        ...

    def decipher(self, card: Conversation, key: str, block: bytes) -> bytes:
        """Return a block decrypted by plain RSA, padding and all; the PIN was verified just before.

        Raises:
            StatusError, CardFaultError: there is none.
        """
        ...


def pin_state(profile: CardProfile, card: Conversation) -> PinState | None:
    """Ask how the PIN stands, by VERIFY without data, which spends no try (section 7.5.6).

    ``None`` means that the PIN is verified already, by whoever used the card before. A card that
    tells no count is treated as if one try were left.

    Raises:
        StatusError: the card's answer is no response.
    """
    _, status = card.try_command(Command(VERIFY, 0x00, profile.pin.p2))
    return None if status == OK else state_of(profile, status)


def state_of(profile: CardProfile, status: int) -> PinState:
    """Return the PIN's state that a status of VERIFY tells."""
    tries: int | None = None
    if status in _BLOCKED:
        tries = 0
    elif status & COUNT_MASK == COUNT:
        tries = status & 0x0F
    return PinState(
        tries=tries,
        final=tries is None or tries == 1,
        locked=tries == 0,
        wrong_before=tries is None or tries < profile.usual_tries,
        min_length=profile.pin.min_length,
        max_length=profile.pin.max_length,
    )


def pkcs1_block(digest: bytes, size: int) -> bytes:
    """Return a SHA-256 digest as EMSA-PKCS1-v1_5 (RFC 8017, section 9.2) in ``size`` octets."""
    info = SHA256_DIGEST_INFO + digest
    return b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
