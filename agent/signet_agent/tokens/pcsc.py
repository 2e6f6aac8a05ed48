"""Cards in PC/SC readers, without anybody's middleware: readers, transactions, tries, logins.

What a kind of card says and does is its profile's (``cards``). A card is read or used inside one
transaction, so that no other program's command comes between PIN and signature, and it is reset
after a login, so that none is left behind.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec.structs import replace

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, Certificate, KeyPadding, PinState, Token
from signet_agent.tokens.apdu import NO_ANSWER, OK, Conversation, StatusError
from signet_agent.tokens.base import TokenRefusalError, admit_try
from signet_agent.tokens.cards.base import (
    CardFaultError,
    CardIdentity,
    CardProfile,
    KeyJob,
    NotThisCardError,
    pin_state,
    state_of,
)
from signet_agent.tokens.certificates import describe, without_sm2
from signet_agent.tokens.pin_pad import (
    BAD_LENGTH,
    CANCELLED,
    TIMED_OUT,
    PinPad,
    find_pin_pad,
)
from signet_agent.tokens.rsa_padding import unpad
from signet_agent.tokens.token_objects import COORDINATE_BYTES
from signet_agent.tokens.winscard import (
    E_SHARING_VIOLATION,
    CardConnection,
    CardService,
    PcscError,
    ReaderState,
)

KEPT_SECONDS = 60.0
"""How long a card's certificates are not read again while it stays in its reader: a slow card
takes a second for them. They are shown only; a signature asks the card itself."""

_BROKEN = frozenset({0x8010_0001, 0x8010_0004, 0x8010_0006, 0x8010_0014})
"""Internal error, invalid parameter, no memory, unknown error: the machine's trouble."""

_BAD_PIN_FORM = frozenset({0x6700, 0x6A80, BAD_LENGTH})
"""A PIN of a length or of characters that no PIN of the card has; no try is spent."""

_GONE = frozenset({NO_ANSWER, 0x6982, 0x6988})
"""No answer, or a login that is gone right after the PIN: the card was pulled or reset."""


class _Reading(NamedTuple):
    """What was read from a card, when (monotonic seconds), and at which insertion."""

    at: float
    insertion: int
    token: Token | None

    def is_of(self, state: ReaderState) -> bool:
        return self.insertion == state.insertion and time.monotonic() - self.at < KEPT_SECONDS


class _Card(NamedTuple):
    """A card inside a transaction; ``pad`` are the keys of its reader, if it has any."""

    connection: CardConnection
    conversation: Conversation
    identity: CardIdentity
    pad: PinPad | None


class CardProvider:
    """The cards of one kind in the readers that policy admits."""

    def __init__(
        self,
        module: OpenModule,
        profiles: Mapping[str, CardProfile],
        watch: Callable[[], None],
        find_pad: Callable[[CardConnection], PinPad | None] = find_pin_pad,
    ) -> None:
        """Take the kind of card from its profile, and ``watch`` the readers from now on."""
        self._module = module
        self._profile = profiles[module.profile]
        self._find_pad = find_pad
        self._service: CardService | None = None
        self._readings: dict[str, _Reading] = {}
        watch()

    def tokens(self) -> tuple[Token, ...]:
        """Return the cards that are in the readers now.

        Without a card service, or without its library, there are none: the doctor says why.
        """
        states = self._look()
        names = {state.reader for state in states}
        self._readings = {name: kept for name, kept in self._readings.items() if name in names}
        found: dict[str, Token] = {}
        for state in states:
            token = self._token(state) if state.present else None
            if token is not None:
                found.setdefault(token.uri, token)
        return tuple(found.values())

    def pin_state(self, token: str) -> PinState:
        """Return how the card's PIN stands, without spending a try.

        Raises:
            TokenRefusalError: the card is not here, or another program holds it.
        """
        with self._use(token, reset=False) as card:
            return self._pin_state(card)

    def sign(
        self,
        key: str,
        algorithm: Algorithm,
        digests: Sequence[bytes],
        pin: bytearray,
        *,
        last_try: bool,
    ) -> tuple[bytes, ...]:
        """Verify the PIN, sign each, and reset the card, in one transaction.

        Raises:
            TokenRefusalError: there is no signature.
        """
        uri, _, identity = key.rpartition("/")
        size = self._key_size(uri, key, algorithm)
        signatures = list[bytes]()
        with self._logged_in(uri, pin, last_try=last_try) as card:
            for digest in digests:
                # Every signature gets its own VERIFY: many cards forget it after each use.
                if signatures:
                    self._verify(card, pin)
                job = KeyJob(identity, algorithm, size, digest)
                signatures.append(self._profile.sign(card.conversation, job))
        return tuple(signatures)

    def unwrap(
        self, key: str, encrypted: bytes, padding: KeyPadding, pin: bytearray, *, last_try: bool
    ) -> bytes:
        """Verify the PIN, decrypt, and reset the card, in one transaction; the padding goes here.

        Raises:
            TokenRefusalError: there is no content key.
        """
        uri, _, identity = key.rpartition("/")
        with self._logged_in(uri, pin, last_try=last_try) as card:
            block = self._profile.decipher(card.conversation, identity, encrypted)
        try:
            return unpad(block, padding)
        except ValueError:
            raise TokenRefusalError(TokenFault.ENVELOPE) from None

    def _look(self) -> tuple[ReaderState, ...]:
        """Return the admitted readers; a service that was restarted is found again at once."""
        for _ in range(2):
            try:
                if self._service is None:
                    self._service = CardService()
                readers = self._service.readers()
                return self._service.look(r for r in readers if self._module.reader in r)
            except PcscError:
                self._leave()
            except OSError:
                break
        return ()

    def _leave(self) -> None:
        if self._service is not None:
            self._service.close()
        self._service = None
        self._readings = {}

    def _token(self, state: ReaderState) -> Token | None:
        """Return the card in a reader; one that is of another kind or silent is none."""
        kept = self._readings.get(state.reader)
        if kept is not None and not kept.is_of(state):
            kept = None
        if kept is not None and kept.token is None:
            return None
        try:
            with self._connected(state.reader, reset=False) as card:
                pin = self._pin_state(card)
                token = kept.token if kept is not None and kept.token else self._read(card)
                token = replace(token, pin=pin)
        except NotThisCardError:
            token = None
        except (PcscError, StatusError, CardFaultError, TokenRefusalError):
            # Held by another program, or just pulled: what is known of it may be shown.
            return kept.token if kept is not None else None
        self._readings[state.reader] = _Reading(time.monotonic(), state.insertion, token)
        return token

    def _read(self, card: _Card) -> Token:
        uri = f"card:{self._module.name}/{card.identity.serial}"
        listed = (
            describe(each.der, uri, f"{uri}/{each.key}")
            for each in self._profile.certificates(card.conversation)
        )
        certificates = tuple(without_sm2(each) for each in listed if each is not None)
        identity = card.identity
        return Token(uri, identity.label, identity.serial, "card", PinState(), certificates)

    def _key_size(self, uri: str, key: str, algorithm: Algorithm) -> int:
        """Return the octets of the RSA modulus, or of one coordinate."""
        if algorithm.is_ecdsa:
            return COORDINATE_BYTES[algorithm]
        certificate = self._certificate(uri, key)
        public = load_der_public_key(certificate.spki) if certificate is not None else None
        if not isinstance(public, rsa.RSAPublicKey):
            raise TokenRefusalError(TokenFault.KEY_MISSING)
        return (public.key_size + 7) // 8

    def _certificate(self, uri: str, key: str) -> Certificate | None:
        tokens = (kept.token for kept in self._readings.values())
        listed = (t.certificates for t in tokens if t is not None and t.uri == uri)
        return next((c for each in listed for c in each if c.key == key), None)

    @contextmanager
    def _use(self, uri: str, *, reset: bool) -> Iterator[_Card]:
        """Have a listed card for the time of the block, or refuse in the channel's words."""
        try:
            with self._connected(self._reader_of(uri), reset=reset) as card:
                if not uri.endswith(f"/{card.identity.serial}"):
                    raise TokenRefusalError(TokenFault.REMOVED)
                yield card
        except PcscError as error:
            raise _refusal(error) from None
        except NotThisCardError:
            raise TokenRefusalError(TokenFault.REMOVED) from None
        except StatusError as error:
            fault = TokenFault.REMOVED if error.status in _GONE else TokenFault.CARD
            raise TokenRefusalError(fault, str(error)) from None
        except CardFaultError as error:
            raise TokenRefusalError(TokenFault.CARD, type(error).__name__) from None

    @contextmanager
    def _logged_in(self, uri: str, pin: bytearray, *, last_try: bool) -> Iterator[_Card]:
        """Have a card with the PIN verified; it is reset at the end of the block."""
        with self._use(uri, reset=True) as card:
            admit_try(self._pin_state(card), len(pin), last_try=last_try)
            self._verify(card, pin)
            yield card

    def _reader_of(self, uri: str) -> str:
        """Return the reader that a card sits in now.

        Raises:
            TokenRefusalError: it sits in none.
        """
        for state in self._look():
            kept = self._readings.get(state.reader)
            same = kept is not None and kept.insertion == state.insertion
            if state.present and same and kept.token is not None and kept.token.uri == uri:  # type: ignore[union-attr]  # ``same`` has asked
                return state.reader
        # Another reader, or put back after it was pulled: look at everything afresh.
        self.tokens()
        for reader, kept in self._readings.items():
            if kept.token is not None and kept.token.uri == uri:
                return reader
        raise TokenRefusalError(TokenFault.REMOVED)

    @contextmanager
    def _connected(self, reader: str, *, reset: bool) -> Iterator[_Card]:
        if self._service is None:
            raise TokenRefusalError(TokenFault.REMOVED)
        connection = self._service.connect(reader, exclusive=self._module.exclusive)
        try:
            conversation = Conversation(connection.transmit, extended=self._profile.extended)
            identity = self._begin(connection, conversation)
            yield _Card(connection, conversation, identity, self._pad_of(connection))
        finally:
            connection.disconnect(reset=reset)

    def _begin(self, connection: CardConnection, conversation: Conversation) -> CardIdentity:
        """Have the card alone and select its application.

        While another program is in a transaction of its own the service waits, and with it this
        room: the daemon's deadline ends that.
        """
        connection.begin()
        return self._profile.select(conversation)

    def _pad_of(self, connection: CardConnection) -> PinPad | None:
        """Return the keys of the reader; most have none, and most of their drivers no answer."""
        try:
            return self._find_pad(connection)
        except PcscError:
            return None

    def _pin_state(self, card: _Card) -> PinState:
        """Ask the card; a login that another program left behind is ended first."""
        state = pin_state(self._profile, card.conversation)
        if state is None:
            card.connection.reset()
            self._begin(card.connection, card.conversation)
            state = pin_state(self._profile, card.conversation)
        if state is None:
            message = "a card without a lock"
            raise CardFaultError(message)
        return replace(state, at_reader=card.pad is not None)

    def _verify(self, card: _Card, pin: bytearray) -> None:
        """Log in, or refuse with the PIN's state as the card tells it now."""
        reference = self._profile.pin
        if card.pad is None:
            status = card.conversation.verify(reference, pin)
        else:
            status = card.pad.verify(reference)
        if status == OK:
            return
        if status in {TIMED_OUT, CANCELLED}:
            raise TokenRefusalError(TokenFault.DECLINED, f"{status:04x}")
        if status in _BAD_PIN_FORM:
            raise TokenRefusalError(TokenFault.PIN_LENGTH, pin=self._pin_state(card))
        state = replace(state_of(self._profile, status), at_reader=card.pad is not None)
        if state.tries is None:
            raise StatusError(status)
        fault = TokenFault.PIN_LOCKED if state.locked else TokenFault.PIN_INCORRECT
        raise TokenRefusalError(fault, pin=state)


def _refusal(error: PcscError) -> TokenRefusalError:
    if error.code == E_SHARING_VIOLATION:
        return TokenRefusalError(TokenFault.BUSY, str(error))
    # Pulled, reset, without power, its reader or the service gone: all that a person can do is to
    # put it in again.
    fault = TokenFault.MODULE if error.code in _BROKEN else TokenFault.REMOVED
    return TokenRefusalError(fault, str(error))
