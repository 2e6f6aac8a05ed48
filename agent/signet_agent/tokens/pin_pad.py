"""Readers with keys of their own: the PIN goes from finger to card, past this computer.

PC/SC part 10 (revision 2.02.09): the reader is asked which features it has, and is then handed a
VERIFY command with a hole, into which it puts what is typed.
"""

import struct
import sys
from collections.abc import Callable, Iterator
from typing import Protocol

from signet_agent.tokens.apdu import PinReference, StatusError

Control = Callable[[int, bytes], bytes]
"""Sends a control code with data to the reader's driver and returns its answer."""


class Reader(Protocol):
    """A reader with a card in it, as far as its driver is concerned."""

    def control(self, code: int, data: bytes) -> bytes:
        """Send a control code with data and return the answer.

        Raises:
            PcscError: the driver does not know the code.
        """
        ...


GET_FEATURE_REQUEST = (0x31 << 16) | (3400 << 2) if sys.platform == "win32" else 0x4200_0000 + 3400
"""CM_IOCTL_GET_FEATURE_REQUEST (section 2.2): SCARD_CTL_CODE(3400) on each system."""

VERIFY_PIN_DIRECT = 0x06
"""FEATURE_VERIFY_PIN_DIRECT (section 2.3)."""

TIMED_OUT, CANCELLED, BAD_LENGTH = 0x6400, 0x6401, 0x6403
"""What the reader says in the card's place (section 2.5.2); the card has seen nothing then."""

ENTRY_SECONDS = 30
"""To the first key, and between two; the daemon waits longer than a PIN of twelve digits takes."""

_BLOCK = struct.Struct("<BBBBBHBBHB3xI")
"""PIN_VERIFY_STRUCTURE, without the command that follows it."""

_ASCII_FROM_LEFT = 0x82
"""bmFormatString: positions in octets, ASCII, from the left."""

_ON_CONFIRMATION = 0x02
"""bEntryValidationCondition: the key that confirms."""

_ONE_MESSAGE = 1
_CHINESE = 0x0804
"""wLangId; a reader without it takes its own."""

_FEATURE_BYTES = 4
_HEADER = bytes((0x00, 0x20, 0x00))


class PinPad:
    """The keys of a reader with a card in it."""

    def __init__(self, control: Control, code: int) -> None:
        """Take the way to the reader and the control code of its VERIFY_PIN_DIRECT."""
        self._control = control
        self._code = code

    def verify(self, reference: PinReference) -> int:
        """Have the person type the PIN at the reader; return the card's status, or the reader's.

        Raises:
            StatusError: the answer is no status.
            PcscError: the card was pulled.
        """
        answer = self._control(self._code, verify_block(reference))
        if len(answer) != 2:  # noqa: PLR2004 -- SW1 and SW2
            raise StatusError(0)
        return int.from_bytes(answer, "big")


def find_pin_pad(reader: Reader) -> PinPad | None:
    """Return the reader's keys, if it has any that verify a PIN.

    Raises:
        PcscError: the reader's driver takes no control codes at all.
    """
    for feature, value in _features(reader.control(GET_FEATURE_REQUEST, b"")):
        if feature == VERIFY_PIN_DIRECT and len(value) == _FEATURE_BYTES:
            return PinPad(reader.control, int.from_bytes(value, "big"))
    return None


def verify_block(reference: PinReference) -> bytes:
    """Return PIN_VERIFY_STRUCTURE for a card's PIN (section 2.5.2)."""
    size = reference.padded_length
    hole = bytes((reference.padding,)) * size
    command = _HEADER + bytes((reference.p2, size)) + hole
    lengths = reference.min_length << 8 | reference.max_length
    seconds = (ENTRY_SECONDS, ENTRY_SECONDS)
    form = (_ASCII_FROM_LEFT, size, 0, lengths, _ON_CONFIRMATION)
    return _BLOCK.pack(*seconds, *form, _ONE_MESSAGE, _CHINESE, 0, len(command)) + command


def _features(answer: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each feature; the list ends where it breaks off."""
    while len(answer) > 1:
        feature, length = answer[:2]
        yield feature, answer[2 : 2 + length]
        answer = answer[2 + length :]
