"""The PIV application's commands (NIST SP 800-73-4), as far as a reader of cards needs them."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from tests.kit.card.chip import Chip, Key, Refused, children, tlv

RID = bytes.fromhex("a000000308")
APPLICATION = RID + bytes.fromhex("000010000100")

_CERTIFICATES = {0x5FC105: 0x9A, 0x5FC10A: 0x9C, 0x5FC10B: 0x9D}
_HASHES = {32: hashes.SHA256(), 48: hashes.SHA384()}


def answer(chip: Chip, ins: int, p1: int, p2: int, data: bytes) -> bytes:
    """Return the data of a response, or refuse."""
    if ins == 0xA4:
        if p1 != 4 or not data or not APPLICATION.startswith(data):
            raise Refused(0x6A82)
        chip.selected = True
        return tlv(0x61, tlv(0x4F, APPLICATION[5:]) + tlv(0x79, tlv(0x4F, RID)))
    if not chip.selected:
        raise Refused(0x6985)
    if ins == 0xCB:
        return _data_object(chip, int.from_bytes(children(data)[0x5C], "big"))
    if ins == 0x20 and p2 == 0x80:
        return chip.verify(data, pad=8)
    if ins == 0x87:
        return _authenticate(chip, p2, data)
    raise Refused(0x6D00)


def _data_object(chip: Chip, tag: int) -> bytes:
    if tag == 0x5FC102:
        guid = chip.content.serial.encode().rjust(16, b"\0")
        return tlv(0x53, tlv(0x30, bytes(25)) + tlv(0x34, guid) + tlv(0x35, b"20400101"))
    if tag == 0x5FC107:
        return tlv(0x53, tlv(0xF0, bytes.fromhex("a000000116ff02") + b"TESTCARD000001"))
    if tag == 0x7E:
        return tlv(0x7E, tlv(0x4F, APPLICATION) + tlv(0x5F2F, b"\x40\x00"))
    if tag not in _CERTIFICATES:
        raise Refused(0x6A82)
    certificate = chip.certificate(_CERTIFICATES[tag])
    return tlv(0x53, tlv(0x70, certificate) + tlv(0x71, b"\0") + tlv(0xFE, b""))


def _authenticate(chip: Chip, reference: int, data: bytes) -> bytes:
    """GENERAL AUTHENTICATE; 9C wants the PIN just before."""
    key = chip.keys.get(reference)
    if key is None:
        raise Refused(0x6A88)
    if not chip.verified or (reference == 0x9C and not chip.fresh):
        raise Refused(0x6982)
    chip.fresh = False
    challenge = children(children(data)[0x7C])[0x81]
    return tlv(0x7C, tlv(0x82, chip.distort(sign(key, challenge))))


def sign(key: Key, challenge: bytes) -> bytes:
    """Return the plain RSA operation on a block, or an ECDSA signature (DER) of a digest."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        modulus = numbers.public_numbers.n
        size = (modulus.bit_length() + 7) // 8
        if len(challenge) != size:
            raise Refused(0x6A80)
        return pow(int.from_bytes(challenge, "big"), numbers.d, modulus).to_bytes(size, "big")
    return key.sign(challenge, ec.ECDSA(utils.Prehashed(_HASHES[len(challenge)])))
