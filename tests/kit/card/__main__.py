"""The hand that holds a card: ``python -m tests.kit.card CONTENT PORT``, commanded on stdin.

Each line of JSON, such as ``["insert"]``, is answered by one. Words: insert, pull, fault NAME
VALUE, calm, tries N, state.
"""

import contextlib
import json
import socket
import struct
import sys
from pathlib import Path
from threading import Thread

import msgspec

from tests.kit.card import citizen, piv
from tests.kit.card.chip import CardContent, Chip, Faults

_QUICK_ACK = 12
"""TCP_QUICKACK: the reader's driver sends length and command apart, and each would wait 40 ms."""


class Hand:
    """Puts the card into the reader (connected) and pulls it (closed)."""

    def __init__(self, chip: Chip, port: int) -> None:
        """Take the card and the port where the reader's driver listens."""
        self.chip = chip
        self._port = port
        self._socket: socket.socket | None = None

    def insert(self) -> None:
        """Put the card in."""
        self.pull()
        self.chip.reset()
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        Thread(target=self._serve, args=(connection,), daemon=True).start()

    def pull(self) -> None:
        """Pull the card, whatever it is doing."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
        self._socket = None

    def _serve(self, connection: socket.socket) -> None:
        try:
            while True:
                message = _read(connection, struct.unpack(">H", _read(connection, 2))[0])
                answer = self._answer(message)
                if answer is not None:
                    connection.sendall(struct.pack(">H", len(answer)) + answer)
        except (EOFError, OSError):
            return

    def _answer(self, message: bytes) -> bytes | None:
        """Answer a command; one octet alone is power off, on, reset, or the wish for the ATR."""
        if len(message) == 1:
            if message[0] == 4:
                return self.chip.atr
            self.chip.reset()
            return None
        if self.chip.faults.pull_at == message[1]:
            self.chip.faults.pull_at = None
            self.pull()
            raise EOFError
        return self.chip.answer(message)

    def obey(self, word: str, *values: object) -> object:
        """Do what a line says and return what is told back."""
        if word == "insert":
            self.insert()
        elif word == "pull":
            self.pull()
        elif word == "calm":
            self.chip.faults = Faults()
        elif word == "fault":
            name, value = values
            if name == "statuses":
                assert isinstance(value, dict)
                value = {int(ins): status for ins, status in value.items()}
            setattr(self.chip.faults, str(name), value)
        elif word == "tries":
            self.chip.left = int(str(values[0]))
        return {
            "left": self.chip.left,
            "verified": self.chip.verified,
            "seen": [f"{ins:02x}" for ins in self.chip.seen],
        }


def _read(connection: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        more = connection.recv(count - len(octets))
        if not more:
            raise EOFError
        octets += more
    return octets


def main(content: str, port: int) -> None:
    """Obey until the input ends."""
    card = msgspec.json.decode(Path(content).read_bytes(), type=CardContent)
    application = piv.answer if card.kind == "piv" else citizen.answer
    hand = Hand(Chip(card, application), port)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(hand.obey(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
