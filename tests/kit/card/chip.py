"""A card's chip: commands in pieces, a PIN with a counter, keys; and faults on command.

What is on it comes as a ``CardContent``. The applications (``piv``, ``citizen``) answer whole
commands; pieces, lengths and faults are dealt with here, as a card's operating system does.
"""

import os
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class StoredKey(Struct, frozen=True):
    """A private key (PEM) and its certificate (DER in base64, or any octets)."""

    private: str
    certificate: str


class CardContent(Struct, frozen=True):
    """What a card holds; ``keys`` by reference in hexadecimal, such as ``9a``."""

    kind: Literal["piv", "citizen"]
    serial: str
    pin: str
    keys: dict[str, StoredKey]
    tries: int = 3
    puk: str = "12345678"


class Refused(Exception):  # noqa: N818 -- ISO 7816's word: the status says what
    """The card answers with a status other than 9000."""


@dataclass
class Faults:
    """What goes wrong next; everything is off on a good card."""

    delay: float = 0.0
    pull_at: int | None = None
    statuses: dict[int, int] = field(default_factory=dict)
    garbage_signature: bool = False
    garbage_certificate: bool = False
    cut: int | None = None
    endless: bool = False


Application = Callable[["Chip", int, int, int, bytes], bytes]


class Chip:
    """A powered card. ``pulled`` is set by whoever holds it, and ends its voice."""

    def __init__(self, content: CardContent, application: Application) -> None:
        """Put the content on the chip."""
        self.content = content
        self.left = content.tries
        self.pin = content.pin.encode()
        self.keys = {int(ref, 16): _load(key.private) for ref, key in content.keys.items()}
        self.faults = Faults()
        self.seen: list[int] = []
        self._application = application
        self.reset()

    @property
    def atr(self) -> bytes:
        """T=1, with historical octets that name nobody."""
        history = b"TOKEN-SIM"
        body = bytes([0x80 | len(history), 0x80, 0x01]) + history
        check = 0
        for octet in body:
            check ^= octet
        return b"\x3b" + body + bytes([check])

    def reset(self) -> None:
        """Forget selection and login, as at every power-up."""
        self.verified = self.selected = self.fresh = False
        self.file = 0
        self.key_reference = 0
        self._chain = self._rest = b""

    def certificate(self, reference: int) -> bytes:
        """Return a certificate, or octets that are none."""
        stored = {int(ref, 16): key for ref, key in self.content.keys.items()}.get(reference)
        if stored is None:
            raise Refused(0x6A82)
        if self.faults.garbage_certificate:
            return b"\x30\x82\x03\xe8" + os.urandom(1000)
        return b64decode(stored.certificate)

    def answer(self, command: bytes) -> bytes:
        """Return the response to one command as it came over the wire."""
        cla, ins, p1, p2 = command[:4]
        data, expected = _body(command[4:])
        self.seen.append(ins)
        time.sleep(self.faults.delay if ins in (0x87, 0x2A) else 0)
        if self.faults.endless:
            return b"\x00" * 200 + b"\x61\x00"
        if ins in self.faults.statuses:
            return self.faults.statuses[ins].to_bytes(2, "big")
        try:
            if ins == 0xC0:
                answer, self._rest = self._rest, b""
            elif cla & 0x10:
                self._chain += data
                return b"\x90\x00"
            else:
                data, self._chain = self._chain + data, b""
                answer = self._application(self, ins, p1, p2, data)
        except Refused as refused:
            return int(refused.args[0]).to_bytes(2, "big")
        answer, self._rest = answer[:expected], answer[expected:]
        if self._rest:
            return answer + b"\x61" + bytes([min(len(self._rest), 255)])
        return (answer + b"\x90\x00")[: self.faults.cut]

    def verify(self, data: bytes, *, pad: int = 0) -> bytes:
        """VERIFY: ask how the PIN stands, or try it."""
        if not data and self.verified:
            return b""
        if not self.left:
            raise Refused(0x6983)
        if not data:
            raise Refused(0x63C0 | self.left)
        if data != self.pin.ljust(pad, b"\xff"):
            self.left -= 1
            self.verified = False
            raise Refused(0x63C0 | self.left if self.left else 0x6983)
        self.left = self.content.tries
        self.verified = self.fresh = True
        return b""

    def distort(self, signature: bytes) -> bytes:
        """Return the signature, or as many octets of nothing."""
        return os.urandom(len(signature)) if self.faults.garbage_signature else signature


def _load(pem: str) -> Key:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


def _body(body: bytes) -> tuple[bytes, int]:
    """Part what follows the header into data and expected length (ISO 7816-4, 5.1)."""
    if not body:
        return b"", 256
    if len(body) == 1:
        return b"", body[0] or 256
    if body[0]:
        end = 1 + body[0]
        return body[1:end], (body[end] or 256) if len(body) > end else 256
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or 65536
    end = 3 + int.from_bytes(body[1:3], "big")
    return body[3:end], int.from_bytes(body[end:], "big") or 65536


def tlv(tag: int, value: bytes) -> bytes:
    """Return one BER-TLV object."""
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def children(octets: bytes) -> Mapping[int, bytes]:
    """Return the objects of one level whose tags have one octet."""
    found, at = {}, 0
    while at < len(octets):
        tag, size, at = octets[at], octets[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(octets[at : at + count], "big"), at + count
        found[tag], at = octets[at : at + size], at + size
    return found
