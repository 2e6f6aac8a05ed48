"""PINs typed at the reader: the structures of PC/SC part 10, and what a card's room makes of them.

The virtual reader has no keys, so ``ReaderKeys`` stands in for them at the control code: it fills
the hole of the command it is handed and passes it on to the real card.
"""

import time
from dataclasses import dataclass, field
from hashlib import sha256

import pytest

from signet_agent.channel.token_messages import OpenModule, TokenFault
from signet_agent.model import Algorithm, Certificate, PinState
from signet_agent.tokens.apdu import PinReference, StatusError
from signet_agent.tokens.base import TokenRefusalError, admit_try
from signet_agent.tokens.cards.piv import PivCard
from signet_agent.tokens.pcsc import CardProvider
from signet_agent.tokens.pin_pad import GET_FEATURE_REQUEST, PinPad, find_pin_pad, verify_block
from signet_agent.tokens.winscard import CardConnection
from tests.kit.card.service import VirtualCard, VirtualService
from tests.kit.signatures import is_signature
from tests.kit.softhsm import PIN

MESSAGE = b"document"
CODE = 0x42330006
CANCEL, TIMEOUT = bytes.fromhex("6401"), bytes.fromhex("6400")


class Features:
    """A reader's driver that answers the question for its features alone."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def control(self, code: int, data: bytes) -> bytes:
        assert (code, data) == (GET_FEATURE_REQUEST, b"")
        return self._answer


@dataclass
class ReaderKeys:
    """The keys of a reader and the finger on them; an answer instead of a PIN is the reader's."""

    typed: list[str | bytes] = field(default_factory=list)
    asked: int = 0

    def find(self, connection: CardConnection) -> PinPad:
        def control(code: int, block: bytes) -> bytes:
            assert code == CODE
            self.asked += 1
            typed = self.typed.pop(0)
            if isinstance(typed, bytes):
                return typed
            head, hole = block[19:24], block[24:]
            return connection.transmit(head + typed.encode().ljust(len(hole), b"\xff"))

        return PinPad(control, CODE)


@pytest.fixture
def keys() -> ReaderKeys:
    return ReaderKeys()


@pytest.fixture
def certificate(provider: CardProvider) -> Certificate:
    end = time.monotonic() + 5
    while not (found := provider.tokens()) and time.monotonic() < end:
        time.sleep(0.05)
    return found[0].certificates[1]


@pytest.fixture
def provider(service: VirtualService, piv: VirtualCard, keys: ReaderKeys) -> CardProvider:
    module = OpenModule("piv", "card", profile="piv")
    return CardProvider(module, {"piv": PivCard()}, lambda: None, keys.find)


def _sign(provider: CardProvider, certificate: Certificate, pin: str = "") -> bytes:
    buffer, digest = bytearray(pin.encode()), sha256(MESSAGE).digest()
    (value,) = provider.sign(certificate.key, Algorithm.ES256, [digest], buffer, last_try=False)
    return value


def _refusal(provider: CardProvider, certificate: Certificate, pin: str = "") -> TokenRefusalError:
    with pytest.raises(TokenRefusalError) as refused:
        _sign(provider, certificate, pin)
    return refused.value


@pytest.mark.quick
def test_a_readers_features_are_looked_through_for_its_keys() -> None:
    pad = find_pin_pad(Features(bytes.fromhex("0104423300010604423300060a0442330000")))

    assert pad is not None


@pytest.mark.quick
@pytest.mark.parametrize("answer", ["", "06", "0604", "01044233000107044233", "0602aabb"])
def test_a_reader_without_them_has_none(answer: str) -> None:
    assert find_pin_pad(Features(bytes.fromhex(answer))) is None


@pytest.mark.quick
def test_a_padded_pin_is_asked_for_with_its_command() -> None:
    block = verify_block(PinReference(p2=0x80, min_length=6, max_length=8, padded_length=8))

    assert block.hex() == ("1e1e820800080602010408000000000d0000000020008008ffffffffffffffff")


@pytest.mark.quick
def test_a_pin_as_typed_leaves_its_length_to_the_reader() -> None:
    block = verify_block(PinReference(p2=0x81, min_length=6, max_length=12))

    assert block[15:].hex() == "050000000020008100"


@pytest.mark.quick
def test_an_answer_without_a_status_is_none() -> None:
    with pytest.raises(StatusError):
        PinPad(lambda _code, _block: b"", CODE).verify(PinReference(0x80, 6, 8))


@pytest.mark.quick
@pytest.mark.parametrize("length", [1, 6])
def test_a_pin_from_the_window_is_refused_where_it_is_typed_at_the_reader(length: int) -> None:
    admit_try(PinState(at_reader=True), 0, last_try=False)
    with pytest.raises(TokenRefusalError) as refused:
        admit_try(PinState(at_reader=True), length, last_try=False)
    assert refused.value.fault is TokenFault.PIN_LENGTH


def test_a_pin_typed_at_the_reader_signs(
    provider: CardProvider, certificate: Certificate, keys: ReaderKeys
) -> None:
    state = provider.pin_state(certificate.token)
    keys.typed = [PIN]

    value = _sign(provider, certificate)

    assert (state.at_reader, state.tries) == (True, 3)
    assert is_signature(certificate, MESSAGE, value)
    assert keys.asked == 1


def test_a_wrong_pin_at_the_reader_counts_as_any(
    provider: CardProvider, certificate: Certificate, keys: ReaderKeys
) -> None:
    keys.typed = ["000000"]

    refusal = _refusal(provider, certificate)

    assert refusal.fault is TokenFault.PIN_INCORRECT
    assert refusal.pin is not None
    assert (refusal.pin.tries, refusal.pin.at_reader) == (2, True)


@pytest.mark.parametrize("answer", [CANCEL, TIMEOUT])
def test_what_the_person_cancels_at_the_reader_is_not_asked_again(
    provider: CardProvider,
    certificate: Certificate,
    keys: ReaderKeys,
    piv: VirtualCard,
    answer: bytes,
) -> None:
    keys.typed = [answer, PIN]

    assert _refusal(provider, certificate).fault is TokenFault.DECLINED
    assert keys.asked == 1
    assert piv.do("state")["left"] == 3


def test_too_few_keys_spend_no_try(
    provider: CardProvider, certificate: Certificate, keys: ReaderKeys, piv: VirtualCard
) -> None:
    keys.typed = [bytes.fromhex("6403")]

    assert _refusal(provider, certificate).fault is TokenFault.PIN_LENGTH
    assert piv.do("state")["left"] == 3


def test_the_virtual_reader_has_no_keys(service: VirtualService, piv: VirtualCard) -> None:
    provider = CardProvider(
        OpenModule("piv", "card", profile="piv"), {"piv": PivCard()}, lambda: None
    )
    end = time.monotonic() + 5
    while not (found := provider.tokens()) and time.monotonic() < end:
        time.sleep(0.05)

    assert not found[0].pin.at_reader
