"""A city's own card: plain files, one key, extended length (ISO 7816-4 and -8)."""

from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.kit.card.chip import Chip, Refused
from tests.kit.card.piv import sign

APPLICATION = bytes.fromhex("f0592d534d4b01")
SERIAL_FILE, CERTIFICATE_FILE = 0x2F02, 0xC001
KEY = 0x01
FILE_BYTES = 2048


def answer(chip: Chip, ins: int, p1: int, p2: int, data: bytes) -> bytes:
    """Return the data of a response, or refuse."""
    if ins == 0xA4 and p1 == 4:
        if data != APPLICATION:
            raise Refused(0x6A82)
        chip.selected = True
        return b""
    if not chip.selected:
        raise Refused(0x6985)
    if ins == 0xA4:
        chip.file = int.from_bytes(data, "big")
        return b""
    if ins == 0xB0:
        content = _file(chip)[p1 << 8 | p2 :]
        if not content:
            raise Refused(0x6B00)
        return content
    if ins == 0x20 and p2 == 0x81:
        return chip.verify(data)
    if ins == 0x22:
        chip.key_reference = data[2]
        return b""
    if ins == 0x2A:
        return _sign(chip, data)
    raise Refused(0x6D00)


def _file(chip: Chip) -> bytes:
    """Return a file; the one of the certificate is longer than what is in it."""
    if chip.file == SERIAL_FILE:
        return chip.content.serial.encode()
    if chip.file == CERTIFICATE_FILE:
        return chip.certificate(KEY).ljust(FILE_BYTES, b"\0")
    raise Refused(0x6A82)


def _sign(chip: Chip, digest: bytes) -> bytes:
    """COMPUTE DIGITAL SIGNATURE: r || s, once for each PIN."""
    key = chip.keys.get(chip.key_reference)
    if key is None:
        raise Refused(0x6A88)
    if not chip.fresh:
        raise Refused(0x6982)
    chip.fresh = False
    value = sign(key, digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.key_size + 7) // 8
        r, s = utils.decode_dss_signature(value)
        value = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return chip.distort(value)
