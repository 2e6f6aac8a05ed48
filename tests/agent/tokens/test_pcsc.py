"""Cards without middleware: over the real card service, in the shipped room."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import new
from pathlib import Path
from threading import Timer

import pytest
from msgspec.structs import replace

from signet_agent.channel.token_messages import (
    OpenModule,
    OpenPin,
    PinKey,
    Signatures,
    TokenFailure,
    TokenFault,
)
from signet_agent.model import Algorithm, Certificate, KeyPadding, KeyUse, Token
from signet_agent.tokens.apdu import Conversation
from signet_agent.tokens.base import TokenRefusalError
from signet_agent.tokens.cards.base import CardFaultError
from signet_agent.tokens.cards.citizen import CITIZEN_CARD
from signet_agent.tokens.cards.piv import PivCard
from signet_agent.tokens.pcsc import CardProvider
from signet_agent.tokens.winscard import CardConnection, CardService
from tests.kit import pki
from tests.kit.card.content import CITIZEN_SERIAL, PIV_SERIAL, citizen_content, piv_content, stored
from tests.kit.card.service import VirtualCard, VirtualService
from tests.kit.envelope import encrypted_for
from tests.kit.memory import traces
from tests.kit.signatures import is_signature
from tests.kit.softhsm import PIN
from tests.kit.token_room import TokenRoomProcess, TokenRoomThread
from tests.skf.people import GmPeople

PIV = OpenModule("piv", "card", profile="piv")
CITIZEN = OpenModule("city", "card", profile="citizen")
MESSAGE = b"document"
WRONG = PIN[:-1] + "5"
VERIFY, AUTHENTICATE, SIGN = 0x20, 0x87, 0x2A

EVENT_S = 0.5
"""What is promised from the hand to the daemon."""


@pytest.fixture
def citizen(service: VirtualService, authority: pki.Authority) -> Iterator[VirtualCard]:
    card = service.card(citizen_content(authority), reader=1)
    card.do("insert")
    yield card
    card.do("pull")
    card.close()


@pytest.fixture
def room(service: VirtualService, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenRoomProcess]:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(service.socket))
    time.sleep(EVENT_S)  # the service looks for a pulled card every 0.4 s
    with TokenRoomThread("cards") as started:
        yield started


def _listed(room: TokenRoomProcess, module: OpenModule) -> tuple[Certificate, ...]:
    """Open the module and return the certificates of the card that is on its way in."""
    found = room.open(module)
    (token,) = found or _awaited(room)
    return token.certificates


def _awaited(room: TokenRoomProcess) -> tuple[Token, ...]:
    end = time.monotonic() + 5
    while not (found := room.list()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _failure(answer: object) -> TokenFailure:
    assert isinstance(answer, TokenFailure), answer
    return answer


def _signed(room: TokenRoomProcess, certificate: Certificate, pin: str = PIN) -> bool:
    answer = room.sign(certificate, MESSAGE, pin)
    assert isinstance(answer, Signatures), answer
    return is_signature(certificate, MESSAGE, *answer.values)


def _signs_a_list(room: TokenRoomProcess, certificate: Certificate) -> bool:
    """Sign three messages in one order, and return whether each signature is its own."""
    assert certificate.algorithm is not None
    messages = [MESSAGE, b"", MESSAGE + b"!"]
    digests = tuple(new(certificate.algorithm.hash_name, each).digest() for each in messages)
    answer = room.ask(replace(room.order(certificate, MESSAGE, PIN), digests=digests))
    assert isinstance(answer, Signatures), answer
    pairs = zip(messages, answer.values, strict=True)
    return all(is_signature(certificate, message, value) for message, value in pairs)


@contextmanager
def _other_program(*, exclusive: bool) -> Iterator[CardConnection]:
    """Return another program's connection to the card in the first reader."""
    other = CardService()
    connection = other.connect(other.readers()[0], exclusive=exclusive)
    try:
        yield connection
    finally:
        connection.disconnect(reset=False)
        other.close()


def test_an_sm2_certificate_on_a_card_is_listed_without_an_algorithm(
    service: VirtualService, room: TokenRoomProcess, authority: pki.Authority, gm_people: GmPeople
) -> None:
    content = citizen_content(authority)
    stranger = stored(pki.private_key("p256", 2), gm_people.sign.certificate)
    with closing(service.card(replace(content, keys={"01": stranger}), reader=1)) as card:
        card.do("insert")
        (certificate,) = _listed(room, CITIZEN)
        card.do("pull")

    assert certificate.algorithm is None


def test_a_piv_card_signs_with_each_key_by_its_purpose(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificates = _listed(room, PIV)

    assert [(c.uses, c.algorithm) for c in certificates] == [
        ((KeyUse.LOGIN,), Algorithm.RS256),
        ((KeyUse.SIGN,), Algorithm.ES256),
        ((KeyUse.OPEN,), Algorithm.RS256),
    ]
    assert _signed(room, certificates[0])
    assert _signed(room, certificates[1])
    assert _signs_a_list(room, certificates[0])
    assert _signs_a_list(room, certificates[1])
    assert _failure(room.sign(certificates[2], MESSAGE, PIN)).fault is TokenFault.UNSUPPORTED


def test_a_citys_card_is_a_file_of_data(room: TokenRoomProcess, citizen: VirtualCard) -> None:
    (certificate,) = _listed(room, CITIZEN)

    assert certificate.key == f"card:city/{CITIZEN_SERIAL}/01"
    assert certificate.uses == (KeyUse.LOGIN, KeyUse.SIGN)
    assert _signed(room, certificate)


def test_a_card_of_another_kind_is_no_token(
    room: TokenRoomProcess, piv: VirtualCard, citizen: VirtualCard
) -> None:
    assert len(_listed(room, PIV)) == 3
    assert [token.serial for token in room.list()] == [
        PIV_SERIAL.encode().rjust(16, b"\0").hex().upper()
    ]


def test_only_the_readers_that_policy_names_are_looked_into(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    elsewhere = OpenModule("piv", "card", profile="piv", reader="Contactless")
    assert len(_listed(room, PIV)) == 3

    assert room.open(elsewhere) == ()


def test_no_login_is_left_behind(room: TokenRoomProcess, piv: VirtualCard) -> None:
    certificate = _listed(room, PIV)[0]
    assert _signed(room, certificate)

    with _other_program(exclusive=False) as other:
        other.transmit(bytes.fromhex("00a4040009a0000003080000100000"))
        assert other.transmit(bytes.fromhex("00200080")) == bytes.fromhex("63c3")


def test_a_login_that_another_program_left_does_not_count(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificate = _listed(room, PIV)[0]
    with _other_program(exclusive=False) as other:
        other.transmit(bytes.fromhex("00a4040009a0000003080000100000"))
        assert other.transmit(bytes.fromhex("0020008008") + PIN.encode()) == b"\x90\x00"

        refused = _failure(room.sign(certificate, MESSAGE, WRONG))

    assert refused.fault is TokenFault.PIN_INCORRECT


def test_asking_how_the_pin_stands_spends_no_try(room: TokenRoomProcess, piv: VirtualCard) -> None:
    certificate = _listed(room, PIV)[0]

    for _ in range(5):
        answer = room.ask(OpenPin(b"c" * 16, certificate.token))
        assert isinstance(answer, PinKey)
        assert (answer.pin.tries, answer.pin.final) == (3, False)

    assert piv.do("state")["left"] == 3


def test_wrong_pins_count_down_and_the_last_try_needs_a_word(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificate = _listed(room, PIV)[0]
    for left in (2, 1):
        told = _failure(room.sign(certificate, MESSAGE, WRONG))
        assert told.fault is TokenFault.PIN_INCORRECT
        assert told.pin is not None
        assert (told.pin.tries, told.pin.wrong_before) == (left, True)

    assert _failure(room.sign(certificate, MESSAGE, PIN)).fault is TokenFault.LAST_TRY
    assert piv.do("state")["left"] == 1
    locked = _failure(room.sign(certificate, MESSAGE, WRONG, last_try=True))
    assert locked.fault is TokenFault.PIN_LOCKED
    assert _failure(room.sign(certificate, MESSAGE, PIN)).fault is TokenFault.PIN_LOCKED


def test_a_card_that_tells_no_count_is_treated_as_at_its_last_try(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificate = _listed(room, PIV)[0]
    piv.do("fault", "statuses", {VERIFY: 0x6300})

    answer = room.ask(OpenPin(b"c" * 16, certificate.token))

    assert isinstance(answer, PinKey)
    assert (answer.pin.tries, answer.pin.final) == (None, True)


@pytest.mark.parametrize("pin", ["12345", "123456789"])
def test_a_pin_of_a_length_no_pin_has_never_reaches_the_card(
    room: TokenRoomProcess, piv: VirtualCard, pin: str
) -> None:
    certificate = _listed(room, PIV)[0]

    assert _failure(room.sign(certificate, MESSAGE, pin)).fault is TokenFault.PIN_LENGTH
    assert piv.do("state")["left"] == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (("pull_at", AUTHENTICATE), TokenFault.REMOVED),
        (("pull_at", VERIFY), TokenFault.REMOVED),
        (("statuses", {AUTHENTICATE: 0x6982}), TokenFault.REMOVED),
        (("statuses", {AUTHENTICATE: 0x6F00}), TokenFault.CARD),
        (("endless", True), TokenFault.CARD),
        (("cut", 1), TokenFault.REMOVED),
        (("cut", 4), TokenFault.CARD),
    ],
)
def test_a_card_that_fails_is_named_and_the_next_one_signs(
    room: TokenRoomProcess, piv: VirtualCard, fault: tuple[str, object], told: TokenFault
) -> None:
    certificate = _listed(room, PIV)[0]
    order = room.order(certificate, MESSAGE, PIN)
    piv.do("fault", *fault)

    assert _failure(room.ask(order)).fault is told
    piv.do("calm")
    if fault[0] == "pull_at":
        time.sleep(EVENT_S)
        piv.do("insert")
    assert _awaited(room)
    assert _signed(room, certificate)


def test_a_lying_card_is_left_to_the_daemons_check(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificate = _listed(room, PIV)[0]
    piv.do("fault", "garbage_signature", True)

    assert not _signed(room, certificate)


def test_a_garbage_certificate_hides_nothing_but_itself(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    piv.do("fault", "garbage_certificate", True)

    assert _listed(room, PIV) == ()


def test_a_card_pulled_while_the_person_reads_is_removed(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    order = room.order(_listed(room, PIV)[0], MESSAGE, PIN)
    piv.do("pull")
    time.sleep(EVENT_S)

    assert _failure(room.ask(order)).fault is TokenFault.REMOVED
    assert room.list() == ()


def test_another_program_that_holds_the_card_is_named(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificate = _listed(room, PIV)[0]
    order = room.order(certificate, MESSAGE, PIN)
    with _other_program(exclusive=True):
        assert _failure(room.ask(order)).fault is TokenFault.BUSY
        assert len(room.list()[0].certificates) == 3

    assert _signed(room, certificate)


def test_another_programs_transaction_is_waited_for(
    room: TokenRoomProcess, piv: VirtualCard
) -> None:
    certificate = _listed(room, PIV)[0]
    with _other_program(exclusive=False) as other:
        other.begin()
        release = Timer(0.3, lambda: other.disconnect(reset=False))
        release.start()

        assert _signed(room, certificate)
        release.join()


def test_exclusive_use_waits_for_nobody_else(room: TokenRoomProcess, piv: VirtualCard) -> None:
    certificate = _listed(room, OpenModule("piv", "card", profile="piv", exclusive=True))[0]
    with _other_program(exclusive=False):
        refused = _failure(room.ask(OpenPin(b"c" * 16, certificate.token)))

    assert refused.fault is TokenFault.BUSY
    assert _signed(room, certificate)


def test_insertion_and_removal_are_told_at_once(room: TokenRoomProcess, piv: VirtualCard) -> None:
    assert len(_listed(room, PIV)) == 3
    for word, count in (("pull", 0), ("insert", 1)) * 3:
        begin = time.monotonic()
        piv.do(word)
        room.hear_change()
        assert time.monotonic() - begin < EVENT_S + 0.2
        assert len(room.list()) == count


def test_a_card_service_that_restarts_is_found_again(
    tmp_path: Path, authority: pki.Authority
) -> None:
    service = VirtualService(tmp_path / "pcscd")
    card = service.card(piv_content(authority))
    card.do("insert")
    with TokenRoomProcess(service.environment, name="cards") as room:
        certificate = _listed(room, PIV)[0]
        service.stop()
        room.hear_change()
        assert room.list() == ()
        service.start()
        card.do("insert")
        assert _awaited(room)
        assert _signed(room, certificate)
        assert room.hang_up() == 0
    service.close()


def test_without_a_card_service_there_are_no_cards(tmp_path: Path) -> None:
    nowhere = {"PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    with TokenRoomProcess(nowhere, name="cards") as room:
        assert room.open(PIV) == ()
        assert _failure(room.ask(OpenPin(b"c" * 16, "card:piv/0"))).fault is TokenFault.REMOVED
        assert room.hang_up() == 0


@pytest.fixture
def provider(service: VirtualService, monkeypatch: pytest.MonkeyPatch) -> CardProvider:
    """Return a provider in the test's own process."""
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(service.socket))
    time.sleep(EVENT_S)
    return CardProvider(PIV, {"piv": PivCard()}, lambda: None)


def _opening(provider: CardProvider) -> Certificate:
    end = time.monotonic() + 5
    while not (found := provider.tokens()) and time.monotonic() < end:
        time.sleep(0.05)
    return next(c for token in found for c in token.certificates if KeyUse.OPEN in c.uses)


@pytest.mark.parametrize("padding", KeyPadding)
def test_a_content_key_is_unwrapped_and_no_login_is_left(
    provider: CardProvider, piv: VirtualCard, padding: KeyPadding
) -> None:
    certificate = _opening(provider)
    encrypted = encrypted_for(certificate, padding, b"k" * 32)

    key = provider.unwrap(
        certificate.key, encrypted, padding, bytearray(PIN.encode()), last_try=False
    )

    assert key == b"k" * 32
    assert not piv.do("state")["verified"]


@pytest.mark.parametrize(
    ("encrypted", "pin", "told"),
    [
        (bytes(255) + b"\1", PIN, TokenFault.ENVELOPE),
        (bytes(200), PIN, TokenFault.CARD),
        (bytes(256), WRONG, TokenFault.PIN_INCORRECT),
    ],
)
def test_an_encrypted_key_that_does_not_open_is_refused(
    provider: CardProvider, piv: VirtualCard, encrypted: bytes, pin: str, told: TokenFault
) -> None:
    key = _opening(provider).key

    with pytest.raises(TokenRefusalError) as refused:
        provider.unwrap(key, encrypted, KeyPadding.PKCS1, bytearray(pin.encode()), last_try=False)

    assert refused.value.fault is told


def test_a_card_with_a_signing_key_alone_unwraps_nothing() -> None:
    with pytest.raises(CardFaultError):
        CITIZEN_CARD.decipher(Conversation(lambda _: b""), "01", bytes(256))


def test_a_pin_for_a_card_leaves_nothing(service: VirtualService, piv: VirtualCard) -> None:
    with TokenRoomProcess(service.environment, name="cards", readable=True) as room:
        certificate = _listed(room, PIV)[1]
        assert _signed(room, certificate)
        time.sleep(2)

        assert traces(room.pid, PIN) == []
