"""The room's one thread: what it answers, and what becomes of keys and PINs."""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from signet_agent.channel.child import ChildChannel
from signet_agent.channel.frames import (
    HEADER,
    MAX_FRAME_BYTES,
    BodyReader,
    FrameError,
    body_length,
    encode_frame,
)
from signet_agent.channel.sealed_pin import seal_pin
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
from signet_agent.model import Algorithm, Certificate, KeyPadding, KeyUse, PinState, Token
from signet_agent.tokens.base import TokenRefusalError, admit_try
from signet_agent.tokens.worker import serve
from tests.kit.pki import private_key

pytestmark = pytest.mark.quick

MODULE = OpenModule("double", "pkcs11", "/nowhere")
TOKEN = "pkcs11:double/0001"
KEY = f"{TOKEN}/0a"
PIN = "73519284"
CONSENT, OTHER_CONSENT = b"c" * 16, b"d" * 16
DIGEST = sha256(b"document").digest()
SIGNATURE = b"s" * 64
SPKI_DER = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _certificate(
    key: str = KEY,
    uses: tuple[KeyUse, ...] = (KeyUse.SIGN,),
    algorithm: Algorithm | None = Algorithm.ES256,
    spki: bytes = b"",
) -> Certificate:
    return Certificate(
        key=key,
        token=TOKEN,
        der=b"",
        spki=spki,
        holder="",
        organisation="",
        issuer="",
        serial="",
        not_before=0,
        not_after=0,
        uses=uses,
        algorithm=algorithm,
    )


def _token(*certificates: Certificate, uri: str = TOKEN) -> Token:
    return Token(uri, "label", "0001", "usb-key", PinState(), certificates)


@dataclass
class DoubleProvider:
    """A key store that does as it is told and remembers what it saw."""

    listed: tuple[Token, ...] = (_token(_certificate()),)
    fails: Exception | None = None
    state: PinState = field(default_factory=lambda: PinState(tries=3))
    seen: list[tuple[str, Algorithm, tuple[bytes, ...], bytes, bool]] = field(default_factory=list)
    buffers: list[bytearray] = field(default_factory=list)
    unwrapped: list[tuple[str, bytes, KeyPadding, bytes, bool]] = field(default_factory=list)
    content_key: bytes = b"k" * 16

    def tokens(self) -> tuple[Token, ...]:
        if self.fails:
            raise self.fails
        return self.listed

    def pin_state(self, token: str) -> PinState:
        if token not in {each.uri for each in self.listed}:
            raise TokenRefusalError(TokenFault.REMOVED)
        return self.state

    def sign(
        self,
        key: str,
        algorithm: Algorithm,
        digests: Sequence[bytes],
        pin: bytearray,
        *,
        last_try: bool,
    ) -> tuple[bytes, ...]:
        self.buffers.append(pin)
        self.seen.append((key, algorithm, tuple(digests), bytes(pin), last_try))
        if self.fails:
            raise self.fails
        return (SIGNATURE,)

    def unwrap(
        self, key: str, encrypted: bytes, padding: KeyPadding, pin: bytearray, *, last_try: bool
    ) -> bytes:
        self.buffers.append(pin)
        self.unwrapped.append((key, encrypted, padding, bytes(pin), last_try))
        if self.fails:
            raise self.fails
        return self.content_key


class Room:
    """The worker in a thread, and the daemon's end of its channel."""

    def __init__(self, provide: Callable[[OpenModule], Any]) -> None:
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(5)
        self.error: Exception | None = None
        child = ChildChannel[TokenQuestion](theirs, TokenQuestion)
        self._thread = Thread(target=self._serve, args=(child, provide))
        self._thread.start()

    def _serve(
        self, child: ChildChannel[TokenQuestion], provide: Callable[[OpenModule], Any]
    ) -> None:
        try:
            serve(child, {"pkcs11": provide})
        except FrameError as error:
            self.error = error

    def ask(self, question: TokenQuestion) -> TokenAnswer:
        self.channel.sendall(encode_frame(question))
        header = self.channel.recv(HEADER.size, socket.MSG_WAITALL)
        body = self.channel.recv(body_length(header), socket.MSG_WAITALL)
        return BodyReader[TokenAnswer](TokenAnswer).read(body)

    def end(self) -> None:
        self.channel.close()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def order(self, consent: bytes = CONSENT) -> Sign:
        answer = self.ask(OpenPin(consent, TOKEN))
        assert isinstance(answer, PinKey), answer
        sealed = seal_pin(bytearray(PIN.encode()), answer.public, consent)
        return Sign(consent, KEY, Algorithm.ES256, (DIGEST,), sealed)

    def unwrapping(self, encrypted: bytes = bytes(256)) -> Unwrap:
        sealed = self.order().sealed_pin
        return Unwrap(CONSENT, KEY, KeyPadding.PKCS1, encrypted, 16, sealed, last_try=True)


@pytest.fixture
def provider() -> DoubleProvider:
    return DoubleProvider()


@pytest.fixture
def room(provider: DoubleProvider) -> Iterator[Room]:
    made = Room(lambda _: provider)
    yield made
    made.end()


@pytest.fixture
def opened(room: Room) -> Room:
    assert isinstance(room.ask(MODULE), Tokens)
    return room


def test_the_first_word_lists_the_tokens(room: Room, provider: DoubleProvider) -> None:
    assert room.ask(MODULE) == Tokens(provider.listed)


@pytest.mark.parametrize("question", [ListTokens(), OpenPin(CONSENT, TOKEN)])
def test_nothing_is_answered_before_a_module_was_named(room: Room, question: TokenQuestion) -> None:
    answer = room.ask(question)

    assert isinstance(answer, TokenFailure)
    assert answer.fault is TokenFault.MODULE


def test_a_sealed_pin_becomes_a_signature(opened: Room, provider: DoubleProvider) -> None:
    order = replace(opened.order(), last_try=True)

    assert opened.ask(order) == Signatures((SIGNATURE,))
    assert provider.seen == [(KEY, Algorithm.ES256, (DIGEST,), PIN.encode(), True)]


def test_the_pin_buffer_is_wiped_after_a_signature(opened: Room, provider: DoubleProvider) -> None:
    opened.ask(opened.order())

    assert provider.buffers == [bytearray(len(PIN))]


def test_the_pin_buffer_is_wiped_after_a_failure(opened: Room, provider: DoubleProvider) -> None:
    order = opened.order()
    provider.fails = RuntimeError("with the PIN in it: " + PIN)

    answer = opened.ask(order)

    assert answer == TokenFailure(TokenFault.MODULE, "RuntimeError")
    assert provider.buffers == [bytearray(len(PIN))]


def test_an_unexpected_failure_is_told_by_its_class_only(
    opened: Room, provider: DoubleProvider
) -> None:
    provider.fails = ValueError("secret")

    assert opened.ask(ListTokens()) == TokenFailure(TokenFault.MODULE, "ValueError")


def test_a_refusal_is_passed_on_whole(opened: Room, provider: DoubleProvider) -> None:
    order = opened.order()
    state = PinState(tries=2, wrong_before=True)
    provider.fails = TokenRefusalError(TokenFault.PIN_INCORRECT, "C_Login", state)

    assert opened.ask(order) == TokenFailure(TokenFault.PIN_INCORRECT, "C_Login", state)


def test_the_pin_key_comes_with_the_state_of_the_pin(
    opened: Room, provider: DoubleProvider
) -> None:
    answer = opened.ask(OpenPin(CONSENT, TOKEN))

    assert isinstance(answer, PinKey)
    assert (len(answer.public), answer.pin) == (32, provider.state)


def test_no_pin_key_is_made_for_an_absent_token(opened: Room) -> None:
    answer = opened.ask(OpenPin(CONSENT, "pkcs11:double/0002"))

    assert answer == TokenFailure(TokenFault.REMOVED)


def test_a_replayed_sealed_pin_is_refused(opened: Room, provider: DoubleProvider) -> None:
    order = opened.order()
    opened.ask(order)

    assert opened.ask(order) == TokenFailure(TokenFault.SEALED_PIN)
    assert len(provider.seen) == 1


def test_a_sealed_pin_of_another_consent_is_refused(opened: Room, provider: DoubleProvider) -> None:
    order = opened.order()

    assert opened.ask(replace(order, consent=OTHER_CONSENT)) == TokenFailure(TokenFault.SEALED_PIN)
    assert provider.seen == []


def test_a_sealed_pin_does_not_open_with_another_consents_key(
    opened: Room, provider: DoubleProvider
) -> None:
    stolen = opened.order(CONSENT).sealed_pin
    order = replace(opened.order(OTHER_CONSENT), sealed_pin=stolen)

    assert opened.ask(order) == TokenFailure(TokenFault.SEALED_PIN)
    assert provider.seen == []


def test_a_damaged_sealed_pin_costs_its_key(opened: Room, provider: DoubleProvider) -> None:
    order = opened.order()
    damaged = bytes([order.sealed_pin[0] ^ 1]) + order.sealed_pin[1:]

    assert opened.ask(replace(order, sealed_pin=damaged)) == TokenFailure(TokenFault.SEALED_PIN)
    assert opened.ask(order) == TokenFailure(TokenFault.SEALED_PIN)
    assert provider.seen == []


def test_asking_again_replaces_the_key_of_the_consent(opened: Room) -> None:
    earlier, later = opened.order(), opened.order()

    assert earlier.sealed_pin != later.sealed_pin
    assert opened.ask(earlier) == TokenFailure(TokenFault.SEALED_PIN)


def test_keys_of_one_consent_live_side_by_side(opened: Room, provider: DoubleProvider) -> None:
    second = "pkcs11:double/0002"
    provider.listed = (_token(_certificate()), _token(uri=second))
    opened.ask(ListTokens())
    order = opened.order()
    opened.ask(OpenPin(CONSENT, second))

    assert opened.ask(order) == Signatures((SIGNATURE,))


def test_a_new_consent_drops_the_keys_of_the_last(opened: Room) -> None:
    order = opened.order(CONSENT)
    opened.ask(OpenPin(OTHER_CONSENT, TOKEN))

    assert opened.ask(order) == TokenFailure(TokenFault.SEALED_PIN)


@pytest.mark.parametrize(
    ("listed", "changes", "fault"),
    [
        (_token(_certificate()), {"algorithm": Algorithm.RS256}, TokenFault.UNSUPPORTED),
        (_token(_certificate()), {"digests": (b"short",)}, TokenFault.UNSUPPORTED),
        (_token(_certificate(algorithm=None)), {}, TokenFault.UNSUPPORTED),
        (_token(_certificate(uses=(KeyUse.OPEN,))), {}, TokenFault.UNSUPPORTED),
        (_token(_certificate(uses=())), {}, TokenFault.UNSUPPORTED),
        (_token(_certificate(key=f"{TOKEN}/0b")), {}, TokenFault.KEY_MISSING),
    ],
)
def test_an_order_that_does_not_fit_the_listed_key_spends_no_try(
    provider: DoubleProvider, room: Room, listed: Token, changes: dict[str, Any], fault: TokenFault
) -> None:
    provider.listed = (listed,)
    room.ask(MODULE)

    answer = room.ask(replace(room.order(), **changes))

    assert isinstance(answer, TokenFailure)
    assert answer.fault is fault
    assert provider.seen == []


def test_a_key_with_two_certificates_signs_for_either(provider: DoubleProvider, room: Room) -> None:
    provider.listed = (_token(_certificate(uses=()), _certificate(uses=(KeyUse.LOGIN,))),)
    room.ask(MODULE)

    assert room.ask(room.order()) == Signatures((SIGNATURE,))


def _opening() -> Certificate:
    """Return a certificate whose RSA key opens envelopes."""
    spki = private_key("rsa2048").public_key().public_bytes(*SPKI_DER)
    return _certificate(uses=(KeyUse.OPEN,), algorithm=Algorithm.RS256, spki=spki)


def test_a_content_key_is_unwrapped_with_the_sealed_pin(
    provider: DoubleProvider, room: Room
) -> None:
    provider.listed = (_token(_opening()),)
    room.ask(MODULE)

    assert room.ask(room.unwrapping()) == ContentKey(b"k" * 16)
    assert provider.unwrapped == [(KEY, bytes(256), KeyPadding.PKCS1, PIN.encode(), True)]
    assert provider.buffers == [bytearray(len(PIN))]


@pytest.mark.parametrize("padding_is_wrong", [True, False])
def test_who_asks_learns_nothing_from_a_key_that_does_not_open(
    provider: DoubleProvider, room: Room, *, padding_is_wrong: bool
) -> None:
    provider.listed = (_token(_opening()),)
    room.ask(MODULE)
    provider.content_key = b"k" * 24
    if padding_is_wrong:
        provider.fails = TokenRefusalError(TokenFault.ENVELOPE)

    answers = [room.ask(room.unwrapping()) for _ in range(2)]

    assert all(isinstance(each, ContentKey) and len(each.value) == 16 for each in answers)
    assert answers[0] != answers[1]
    assert provider.buffers == [bytearray(len(PIN))] * 2


def test_a_key_sealed_for_another_size_of_key_spends_no_try(
    provider: DoubleProvider, room: Room
) -> None:
    provider.listed = (_token(_opening()),)
    room.ask(MODULE)

    answer = room.ask(room.unwrapping(bytes(384)))

    assert isinstance(answer, ContentKey)
    assert provider.unwrapped == []


def test_a_wrong_pin_unwraps_nothing_and_is_told(provider: DoubleProvider, room: Room) -> None:
    provider.listed = (_token(_opening()),)
    room.ask(MODULE)
    provider.fails = TokenRefusalError(TokenFault.PIN_INCORRECT, pin=PinState(tries=2))

    assert room.ask(room.unwrapping()) == TokenFailure(
        TokenFault.PIN_INCORRECT, pin=PinState(tries=2)
    )


def test_a_key_that_only_signs_unwraps_nothing(opened: Room, provider: DoubleProvider) -> None:
    answer = opened.ask(opened.unwrapping())

    assert isinstance(answer, TokenFailure)
    assert answer.fault is TokenFault.UNSUPPORTED
    assert provider.unwrapped == []


def test_a_token_that_was_seen_to_go_is_not_asked(opened: Room, provider: DoubleProvider) -> None:
    order = opened.order()
    provider.listed = ()
    opened.ask(ListTokens())

    assert opened.ask(order) == TokenFailure(TokenFault.REMOVED)
    assert provider.seen == []


def test_a_module_that_could_not_be_opened_is_tried_again() -> None:
    attempts = []

    def provide(module: OpenModule) -> DoubleProvider:
        attempts.append(module)
        if len(attempts) == 1:
            raise TokenRefusalError(TokenFault.MODULE, "OSError")
        return DoubleProvider()

    room = Room(provide)
    try:
        assert room.ask(MODULE) == TokenFailure(TokenFault.MODULE, "OSError")
        assert isinstance(room.ask(ListTokens()), Tokens)
        assert isinstance(room.ask(ListTokens()), Tokens)
    finally:
        room.end()
    assert attempts == [MODULE, MODULE]


def test_a_module_named_again_is_opened_afresh() -> None:
    attempts = []

    def provide(module: OpenModule) -> DoubleProvider:
        attempts.append(module)
        return DoubleProvider()

    room = Room(provide)
    room.ask(MODULE)
    room.ask(MODULE)
    room.end()

    assert attempts == [MODULE, MODULE]


def test_more_tokens_than_a_frame_holds_are_a_fault_of_the_module(
    room: Room, provider: DoubleProvider
) -> None:
    provider.listed = (_token(_certificate(key="x" * MAX_FRAME_BYTES)),)

    assert room.ask(MODULE) == TokenFailure(TokenFault.MODULE, "FrameError")
    assert isinstance(room.ask(OpenPin(CONSENT, TOKEN)), PinKey)


def test_a_broken_frame_ends_the_room(room: Room) -> None:
    room.channel.sendall(HEADER.pack(3) + b"\xc1\xc1\xc1")

    room.end()

    assert isinstance(room.error, FrameError)


@pytest.mark.parametrize(
    ("state", "length", "last_try", "fault"),
    [
        (PinState(), 4, False, None),
        (PinState(), 16, False, None),
        (PinState(), 3, False, TokenFault.PIN_LENGTH),
        (PinState(), 17, False, TokenFault.PIN_LENGTH),
        (PinState(), 0, False, TokenFault.PIN_LENGTH),
        (PinState(tries=1, final=True), 6, False, TokenFault.LAST_TRY),
        (PinState(tries=1, final=True), 6, True, None),
        (PinState(tries=1, final=True), 3, True, TokenFault.PIN_LENGTH),
        (PinState(tries=0, locked=True), 6, True, TokenFault.PIN_LOCKED),
        (PinState(tries=0, locked=True), 3, False, TokenFault.PIN_LOCKED),
    ],
)
def test_only_a_fitting_pin_reaches_the_token(
    *, state: PinState, length: int, last_try: bool, fault: TokenFault | None
) -> None:
    if fault is None:
        admit_try(state, length, last_try=last_try)
        return
    with pytest.raises(TokenRefusalError) as refused:
        admit_try(state, length, last_try=last_try)
    assert (refused.value.fault, refused.value.pin) == (fault, state)
