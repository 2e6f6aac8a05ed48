"""Commands in pieces, and answers that are none."""

import pytest

from signet_agent.model import Algorithm
from signet_agent.tokens.apdu import Command, Conversation, StatusError, read_tlv, tlv
from signet_agent.tokens.cards.base import (
    CardFaultError,
    CardProfile,
    KeyJob,
    NotThisCardError,
)
from signet_agent.tokens.cards.citizen import CITIZEN_CARD
from signet_agent.tokens.cards.piv import PivCard

pytestmark = pytest.mark.quick


class Script:
    """Answers commands in turn, by the last answer for ever, and keeps what was sent."""

    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.sent: list[str] = []

    def __call__(self, command: bytes | bytearray) -> bytes:
        self.sent.append(command.hex())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    ("data", "expected", "extended", "sent"),
    [
        (b"", 0, False, ["00a40400"]),
        (b"", 256, False, ["00a4040000"]),
        (b"\x01", 0, False, ["00a404000101"]),
        (b"\x01", 16, False, ["00a40400010110"]),
        (b"\x01", 4096, False, ["00a40400010100"]),
        (bytes(256), 0, False, ["10a40400ff" + "00" * 255, "00a404000100"]),
        (bytes(256), 0, True, ["00a40400000100" + "00" * 256]),
        (b"", 4096, True, ["00a40400001000"]),
        (b"\x01", 65536, True, ["00a40400000001010000"]),
    ],
)
def test_a_command_is_cut_as_the_card_takes_it(
    data: bytes, expected: int, extended: bool, sent: list[str]
) -> None:
    script = Script("9000")

    Conversation(script, extended=extended).ask(Command(0xA4, 4, 0, data, expected))

    assert script.sent == sent


def test_an_answer_is_fetched_to_its_end_with_the_length_the_card_names() -> None:
    script = Script("6c02", "01026102", "03049000")

    assert Conversation(script).ask(Command(0xCB, 0, 0, b"", 256)) == b"\1\2\3\4"
    assert script.sent == ["00cb000000", "00cb000002", "00c0000002"]


@pytest.mark.parametrize(
    ("answers", "status"),
    [(["90"], 0), ([""], 0), (["6100"], 0x6100), (["00" * 256 + "6100"], 0x6100)],
)
def test_what_is_no_answer_or_never_ends_is_refused(answers: list[str], status: int) -> None:
    with pytest.raises(StatusError) as caught:
        Conversation(Script(*answers)).ask(Command(0xCB, 0, 0, b"", 256))
    assert caught.value.status == status


def test_a_chain_that_is_refused_is_not_gone_on_with() -> None:
    script = Script("6884")

    assert Conversation(script).try_command(Command(0xDB, 0, 0, bytes(600))) == (b"", 0x6884)
    assert len(script.sent) == 1


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65535])
def test_an_object_is_read_as_it_was_written(size: int) -> None:
    assert read_tlv(tlv(0x5F2F, bytes(size)) + tlv(0x4F, b"x")) == {0x5F2F: bytes(size), 0x4F: b"x"}


@pytest.mark.parametrize("octets", ["70", "7080", "7084ffffffff", "7005aa", "5f", "1f8181", "7081"])
def test_octets_that_are_no_objects_are_refused(octets: str) -> None:
    with pytest.raises(ValueError, match=r"object|length"):
        read_tlv(bytes.fromhex(octets))


@pytest.mark.parametrize("profile", [PivCard(), CITIZEN_CARD])
@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (["6a82"], NotThisCardError),
        (["6f00"], StatusError),
        (["9000"], CardFaultError),
    ],
)
def test_a_card_that_is_another_or_says_nothing_of_itself_is_not_used(
    profile: CardProfile, answers: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        profile.select(Conversation(Script(*answers)))


def test_a_piv_card_without_a_certificate_is_still_a_card() -> None:
    assert list(PivCard().certificates(Conversation(Script("6a82")))) == []
    with pytest.raises(StatusError):
        list(PivCard().certificates(Conversation(Script("6f00"))))


def test_a_file_that_cannot_be_read_is_a_refusal() -> None:
    with pytest.raises(StatusError):
        list(CITIZEN_CARD.certificates(Conversation(Script("9000", "6982"))))


def test_a_key_that_piv_does_not_have_and_a_signature_that_is_none_are_faults() -> None:
    job = KeyJob("9c", Algorithm.ES512, 66, bytes(64))
    with pytest.raises(CardFaultError, match="528 bits"):
        PivCard().sign(Conversation(Script("9000")), job)
    with pytest.raises(CardFaultError, match="none"):
        PivCard().sign(
            Conversation(Script("7c0482023000" + "9000")),
            KeyJob("9c", Algorithm.ES256, 32, bytes(32)),
        )
