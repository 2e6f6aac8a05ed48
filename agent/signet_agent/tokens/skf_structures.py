"""The structures of GM/T 0016-2012 (GB/T 35291-2017), section 6.4, in the shape of one library.

The standard prints C and leaves open how wide a ULONG is and how structures are aligned; makers
differ, so both come from policy. Numbers lie at the right of their fields.
"""

import ctypes
import struct
from typing import NamedTuple

from signet_agent.channel.token_messages import SkfForm
from signet_protocol.gm.curve import FIELD_BYTES, POINT_BYTES, UNCOMPRESSED
from signet_protocol.gm.sm3 import SM3_BYTES

_NUMBER_BYTES = 64
"""Of a coordinate or of r; the field is made for curves of 512 bits."""

_MODULUS_BYTES = 256
_FIELD_BITS = 8 * FIELD_BYTES
_ENVELOPE_VERSION = 1

MAX_RESERVE_BYTES = 1024
"""Room for a structure, three times what the largest that comes back needs: where policy names a
wrong width, the library writes past the structure it was asked for."""


class SkfFormError(Exception):
    """The library handed out something that has not the standard's form: sizes, names, numbers."""


class DeviceInfo(NamedTuple):
    """What is needed of DEVINFO; text as the device tells it."""

    label: str
    serial: str


class Structures:
    """Reads and writes structures as one library has them."""

    def __init__(self, form: SkfForm) -> None:
        """Take the width of ULONG, and whether structures are packed to one octet."""
        self._order = "<" if form.packed else "@"
        self._long = "I" if form.ulong_size == ctypes.sizeof(ctypes.c_uint32) else "Q"
        self.ulong = ctypes.c_uint32 if self._long == "I" else ctypes.c_uint64
        self.cipher_parameter = _cipher_parameter(self.ulong, packed=form.packed)
        self._device = self._layout("2s 64s 64s 32s 32s 2s 2s 8U 64s")
        self._point = self._layout("U 64s 64s")
        self._modulus = self._layout("U U 256s 4s")
        self._ciphertext = self._layout("64s 64s 32s U")
        self._envelope = self._layout("3U 64s U 64s 64s 64s 64s 32s U")

    def read_device(self, octets: bytes) -> DeviceInfo:
        """Return label and serial number of DEVINFO; a text may fill its field without a NUL."""
        fields = self._device.unpack_from(octets)
        return DeviceInfo(label=_text(fields[3]), serial=_text(fields[4]))

    def read_public_key(self, octets: bytes) -> bytes:
        """Return the point (65 octets) of ECCPUBLICKEYBLOB, or the modulus of RSAPUBLICKEYBLOB.

        Raises:
            SkfFormError: it is neither, by its size.
        """
        if len(octets) == self._point.size:
            _, x, y = self._point.unpack(octets)
            return UNCOMPRESSED + _number(x) + _number(y)
        if len(octets) == self._modulus.size:
            return bytes(self._modulus.unpack(octets)[2]).strip(b"\0")
        message = "a public key of neither size"
        raise SkfFormError(message)

    def read_signature(self, octets: bytes) -> bytes:
        """Return r || s (64 octets) of ECCSIGNATUREBLOB.

        Raises:
            SkfFormError: a number does not fit the curve.
        """
        return _number(octets[:_NUMBER_BYTES]) + _number(octets[_NUMBER_BYTES : 2 * _NUMBER_BYTES])

    def write_ciphertext(self, c1: bytes, c3: bytes, c2: bytes) -> bytes:
        """Return ECCCIPHERBLOB; C1 is a point of 65 octets."""
        x, y = _halves(c1)
        return self._ciphertext.pack(_field(x), _field(y), c3[:SM3_BYTES], len(c2)) + c2

    def write_envelope(self, cipher: int, point: bytes, key: bytes, wrapped: bytes) -> bytes:
        """Return ENVELOPEDKEYBLOB.

        Args:
            cipher: the algorithm number of the cipher that the private key is under.
            point: the public key, 65 octets.
            key: the encrypted private key, 32 or 64 octets; 32 lie at the right, as in ECB the
                encrypted zeros before them are nobody's business.
            wrapped: ECCCIPHERBLOB of the cipher's key.
        """
        x, y = _halves(point)
        head = self._envelope.pack(
            _ENVELOPE_VERSION,
            cipher,
            _FIELD_BITS,
            key.rjust(_NUMBER_BYTES, b"\0"),
            _FIELD_BITS,
            _field(x),
            _field(y),
            *self._ciphertext.unpack_from(wrapped),
        )
        return head + wrapped[self._ciphertext.size :]

    def _layout(self, fields: str) -> struct.Struct:
        return struct.Struct(self._order + fields.replace("U", self._long))


def _cipher_parameter(
    ulong: type[ctypes.c_uint32] | type[ctypes.c_uint64], *, packed: bool
) -> type[ctypes.Structure]:
    """Return BLOCKCIPHERPARAM, the one structure that is passed by value."""
    fields = (
        ("iv", ctypes.c_ubyte * 32),
        ("iv_length", ulong),
        ("padding", ulong),
        ("feedback_bits", ulong),
    )
    alignment = {"_pack_": 1} if packed else {}
    return type("BlockCipherParameter", (ctypes.Structure,), {**alignment, "_fields_": fields})


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "replace").strip()


def _number(field: bytes) -> bytes:
    """Return the curve's 32 octets of a field; some makers put them at the left."""
    left, right = field[:-FIELD_BYTES], field[-FIELD_BYTES:]
    if not any(left):
        return right
    if not any(right):
        return left
    message = "a number larger than the curve"
    raise SkfFormError(message)


def _field(number: bytes) -> bytes:
    return number.rjust(_NUMBER_BYTES, b"\0")


def _halves(point: bytes) -> tuple[bytes, bytes]:
    if len(point) != POINT_BYTES:
        message = "a point has 65 octets"
        raise ValueError(message)
    return point[1 : 1 + FIELD_BYTES], point[1 + FIELD_BYTES :]
