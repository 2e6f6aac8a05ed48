"""The token room's one thread: a question comes in, is answered once, and the next is read.

Nothing is logged here, and a failure travels as the name of its class: a message of a driver, or
of Python, could quote what it was given, and what it was given may be a PIN.
"""

from collections.abc import Callable, Mapping
from hashlib import new
from secrets import token_bytes

from signet_agent.channel.child import ChildChannel, ParentGoneError
from signet_agent.channel.frames import FrameError
from signet_agent.channel.sealed_pin import PinBox, SealError, wipe
from signet_agent.channel.token_messages import (
    ContentKey,
    ListTokens,
    OpenModule,
    OpenPin,
    PinKey,
    Sign,
    Signatures,
    TokenAnswer,
    TokenFailure,
    TokenFault,
    TokenQuestion,
    Tokens,
    Unwrap,
)
from signet_agent.model import Algorithm, Certificate, KeyUse, Token
from signet_agent.tokens.base import TokenProvider, TokenRefusalError, modulus_bytes

OpenProvider = Callable[[OpenModule], TokenProvider]

_SIGNING = frozenset({KeyUse.LOGIN, KeyUse.SIGN})


def serve(channel: ChildChannel[TokenQuestion], providers: Mapping[str, OpenProvider]) -> None:
    """Answer the daemon's questions until it hangs up.

    ``providers`` makes a key store for each kind of module.

    Raises:
        FrameError: the daemon broke the form of the channel, which ends the room.
    """
    room = _TokenRoom(providers)
    try:
        while True:
            answer = room.answer(channel.receive())
            try:
                channel.send(answer)
            except FrameError as error:
                # More tokens and certificates than a frame holds: no honest token has as many.
                channel.send(TokenFailure(TokenFault.MODULE, type(error).__name__))
    except ParentGoneError:
        return


class _TokenRoom:
    """What the room remembers between two questions."""

    def __init__(self, providers: Mapping[str, OpenProvider]) -> None:
        self._providers = providers
        self._module: OpenModule | None = None
        self._opened: TokenProvider | None = None
        self._listed: tuple[Token, ...] = ()
        self._boxes: dict[tuple[bytes, str], PinBox] = {}

    def answer(self, question: TokenQuestion) -> TokenAnswer:
        """Return the answer to a question; every failure is an answer too."""
        try:
            match question:
                case OpenModule():
                    self._module, self._opened = question, None
                    return self._list()
                case ListTokens():
                    return self._list()
                case OpenPin():
                    return self._open_pin(question)
                case Sign():
                    return self._sign(question)
                case Unwrap():
                    return self._unwrap(question)
        except TokenRefusalError as refusal:
            return TokenFailure(refusal.fault, refusal.detail, refusal.pin)
        except SealError:
            return TokenFailure(TokenFault.SEALED_PIN)
        except Exception as error:  # noqa: BLE001 -- whatever a driver does, the daemon gets its answer
            return TokenFailure(TokenFault.MODULE, type(error).__name__)

    @property
    def _provider(self) -> TokenProvider:
        """The key store; one that could not be opened is tried again with each question."""
        if self._module is None:
            raise TokenRefusalError(TokenFault.MODULE, "no module was named yet")
        if self._opened is None:
            self._opened = self._providers[self._module.kind](self._module)
        return self._opened

    def _list(self) -> Tokens:
        self._listed = ()
        self._listed = self._provider.tokens()
        return Tokens(self._listed)

    def _open_pin(self, question: OpenPin) -> PinKey:
        """Make the key for one try; keys of other consents are dropped, their window is closed."""
        state = self._provider.pin_state(question.token)
        box = PinBox(question.consent)
        self._boxes = {key: kept for key, kept in self._boxes.items() if key[0] == question.consent}
        self._boxes[question.consent, question.token] = box
        return PinKey(box.public, state)

    def _sign(self, order: Sign) -> Signatures:
        box = self._take_box(order)
        self._check_signing(order)
        pin = box.open(order.sealed_pin)
        try:
            values = self._provider.sign(
                order.key, order.algorithm, order.digests, pin, last_try=order.last_try
            )
        finally:
            wipe(pin)
        return Signatures(values)

    def _unwrap(self, order: Unwrap) -> ContentKey:
        """Return the content key, or a random one: see ``Unwrap`` for why nobody learns which."""
        box = self._take_box(order)
        opening = [
            each
            for each in self._listed_with(order.key)
            if each.algorithm is Algorithm.RS256 and KeyUse.OPEN in each.uses
        ]
        if not opening:
            raise TokenRefusalError(TokenFault.UNSUPPORTED, "the key opens no envelopes by RSA")
        if len(order.encrypted) != modulus_bytes(opening[0]):
            return ContentKey(token_bytes(order.key_bytes))  # sealed for another key of this name
        pin = box.open(order.sealed_pin)
        found = b""
        try:
            found = self._provider.unwrap(
                order.key, order.encrypted, order.padding, pin, last_try=order.last_try
            )
        except TokenRefusalError as refusal:
            if refusal.fault is not TokenFault.ENVELOPE:
                raise
        finally:
            wipe(pin)
        return ContentKey(found if len(found) == order.key_bytes else token_bytes(order.key_bytes))

    def _take_box(self, order: Sign | Unwrap) -> PinBox:
        """Return the box of this consent's one try."""
        box = self._boxes.pop((order.consent, order.key.rpartition("/")[0]), None)
        if box is None:
            raise SealError
        return box

    def _check_signing(self, order: Sign) -> None:
        """Refuse, before the PIN is opened, what does not fit the key that was listed."""
        if not any(
            each.algorithm is order.algorithm and _SIGNING.intersection(each.uses)
            for each in self._listed_with(order.key)
        ):
            raise TokenRefusalError(TokenFault.UNSUPPORTED, "the key is not for this algorithm")
        size = new(order.algorithm.hash_name).digest_size
        if any(len(digest) != size for digest in order.digests):
            raise TokenRefusalError(TokenFault.UNSUPPORTED, "the digest has the wrong length")

    def _listed_with(self, key: str) -> list[Certificate]:
        """Return the certificates that were listed with a key."""
        uri = key.rpartition("/")[0]
        token = next((each for each in self._listed if each.uri == uri), None)
        if token is None:
            raise TokenRefusalError(TokenFault.REMOVED)
        certificates = [each for each in token.certificates if each.key == key]
        if not certificates:
            raise TokenRefusalError(TokenFault.KEY_MISSING)
        return certificates
