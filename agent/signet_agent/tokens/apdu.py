"""Commands to smart cards and their responses (ISO 7816-4): chaining, extended length, status."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from signet_agent.channel.sealed_pin import wipe

Transmit = Callable[[bytes | bytearray], bytes]
"""Sends one command to the card and returns its response, status included."""

SHORT_DATA_BYTES, SHORT_EXPECTED_BYTES = 255, 256
EXTENDED_BYTES = 65536

MAX_ANSWER_BYTES = 64 * 1024
"""Of one command with all its GET RESPONSEs: four times the largest certificate that is listed."""

MAX_ROUNDS = 300
"""GET RESPONSEs for that many octets; a card that hands out nothing for ever is left."""

OK = 0x9000
NO_ANSWER = 0x0000
"""No status came back: some readers answer so for a card that is pulled while it works."""
_MORE, _WRONG_LENGTH = 0x61, 0x6C
_CHAINED = 0x10
_STATUS_BYTES = 2


class StatusError(Exception):
    """The card refused a command.

    Attributes:
        status: SW1 and SW2 as one number, such as 0x6982; ``NO_ANSWER`` when there was none.
    """

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(f"status {status:04x}")
        self.status = status


class Command(NamedTuple):
    """One command; ``expected`` is how many octets may come back, 0 for none."""

    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expected: int = 0
    cla: int = 0


class PinReference(NamedTuple):
    """Where a card keeps its PIN: ``p2`` of VERIFY, lengths in octets, and how it is padded.

    ``padded_length`` 0 means as typed; otherwise it is filled up to that with ``padding``.
    """

    p2: int
    min_length: int
    max_length: int
    padded_length: int = 0
    padding: int = 0xFF


class Conversation:
    """Asks one card, in whatever pieces it takes."""

    def __init__(self, transmit: Transmit, *, extended: bool = False) -> None:
        """Take the way to the card; ``extended`` says that it takes extended length."""
        self._transmit = transmit
        self._extended = extended

    def ask(self, command: Command) -> bytes:
        """Return the data of a response.

        Raises:
            StatusError: any status but 9000.
        """
        data, status = self.try_command(command)
        if status != OK:
            raise StatusError(status)
        return data

    def try_command(self, command: Command) -> tuple[bytes, int]:
        """Return the data of a response and its status.

        Raises:
            StatusError: the card's answer is no response, or longer than any that is wanted.
        """
        *before, last = self._pieces(command)
        for piece in before:
            _, status = _cut(self._transmit(piece))
            if status != OK:
                return b"", status
        return self._collect(last)

    def verify(self, reference: PinReference, pin: bytearray) -> int:
        """Present the PIN and return the status; the command's buffer is wiped.

        Raises:
            StatusError: the card's answer is no response.
        """
        length = reference.padded_length or len(pin)
        command = bytearray((0x00, 0x20, 0x00, reference.p2, length))
        command.extend(reference.padding for _ in range(length))
        try:
            command[5 : 5 + len(pin)] = pin
            return _cut(self._transmit(command))[1]
        finally:
            wipe(command)

    def _collect(self, piece: bytes) -> tuple[bytes, int]:
        """Send the last piece and fetch the response until there is no more (section 5.3.4)."""
        answer = bytearray()
        for _ in range(MAX_ROUNDS):
            data, status = _cut(self._transmit(piece))
            first, second = status >> 8, status & 0xFF
            if first == _WRONG_LENGTH:
                piece = piece[:-1] + bytes((second,))
                continue
            answer += data
            if len(answer) > MAX_ANSWER_BYTES:
                break
            if first != _MORE:
                return bytes(answer), status
            piece = bytes((0x00, 0xC0, 0x00, 0x00, second))
        raise StatusError(_MORE << 8)

    def _pieces(self, command: Command) -> Iterator[bytes]:
        """Cut a command into the ones that are sent (sections 5.2 and 5.3.3)."""
        cla, data, expected = command.cla, command.data, command.expected
        is_long = len(data) > SHORT_DATA_BYTES or expected > SHORT_EXPECTED_BYTES
        head = bytes(command[:3])
        if is_long and self._extended:
            length = b"\0" + len(data).to_bytes(2, "big") if data else b"\0"
            wanted = (expected % EXTENDED_BYTES).to_bytes(2, "big") if expected else b""
            yield bytes((cla,)) + head + length + data + wanted
            return
        while len(data) > SHORT_DATA_BYTES:
            chunk, data = data[:SHORT_DATA_BYTES], data[SHORT_DATA_BYTES:]
            yield bytes((cla | _CHAINED,)) + head + bytes((len(chunk),)) + chunk
        length = bytes((len(data),)) if data else b""
        short = min(expected, SHORT_EXPECTED_BYTES) % SHORT_EXPECTED_BYTES
        yield bytes((cla,)) + head + length + data + (bytes((short,)) if expected else b"")


def _cut(response: bytes) -> tuple[bytes, int]:
    """Part a response into data and status."""
    if len(response) < _STATUS_BYTES:
        raise StatusError(NO_ANSWER)
    return response[:-_STATUS_BYTES], int.from_bytes(response[-_STATUS_BYTES:], "big")


def tlv(tag: int, value: bytes) -> bytes:
    """Return one BER-TLV object (ISO 7816-4, section 5.2.2); ``value`` below 64 KiB."""
    size = len(value)
    head = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    if size < 0x80:  # noqa: PLR2004 -- the short form of a length
        return head + bytes((size,)) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes((0x80 | len(octets),)) + octets + value


def read_tlv(octets: bytes) -> dict[int, bytes]:
    """Return the objects of one level by tag; a later one of the same tag wins.

    Raises:
        ValueError: the octets are not BER-TLV with definite lengths.
    """
    found: dict[int, bytes] = {}
    rest = memoryview(octets)
    while rest:
        tag, rest = _read_tag(rest)
        size, rest = _read_length(rest)
        if size > len(rest):
            message = "an object is longer than what holds it"
            raise ValueError(message)
        found[tag], rest = bytes(rest[:size]), rest[size:]
    return found


def _read_tag(rest: memoryview) -> tuple[int, memoryview]:
    count = 1
    if rest[0] & 0x1F == 0x1F:  # noqa: PLR2004 -- the mark of a tag with further octets
        count = 2
        while count < len(rest) and rest[count - 1] & 0x80:
            count += 1
    return int.from_bytes(rest[:count], "big"), rest[count:]


def _read_length(rest: memoryview) -> tuple[int, memoryview]:
    if not rest:
        message = "an object without a length"
        raise ValueError(message)
    first, rest = rest[0], rest[1:]
    if first < 0x80:  # noqa: PLR2004 -- the short form of a length
        return first, rest
    count = first & 0x7F
    if not 1 <= count <= 3 or len(rest) < count:  # noqa: PLR2004 -- lengths up to 16 MiB
        message = "a length of no definite form"
        raise ValueError(message)
    return int.from_bytes(rest[:count], "big"), rest[count:]
