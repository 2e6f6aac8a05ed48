"""SM2's data formats (GM/T 0009-2012, GB/T 35276-2017): signature, ciphertext, enveloped key.

Reading takes strict DER only. No function here sees a key of the holder: signatures come in as a
token gives them, and opening is left to a function that is handed in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, TypeVar

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import AlgorithmIdentifier
from signet_protocol.gm.curve import FIELD_BYTES, ORDER, POINT_BYTES, UNCOMPRESSED
from signet_protocol.gm.errors import GmDecryptionError, GmFormatError
from signet_protocol.gm.sm2 import Sm2PrivateKey
from signet_protocol.gm.sm3 import SM3_BYTES
from signet_protocol.gm.sm4 import SM4_BYTES, decrypt_sm4_blocks, encrypt_sm4_blocks

SM4 = ObjectIdentifier("1.2.156.10197.1.104")
SM4_ECB = ObjectIdentifier("1.2.156.10197.1.104.1")

UNREADABLE = (ValueError, TypeError, LookupError, OverflowError)
"""What the decoder raises over octets that are not in form."""

_Form = TypeVar("_Form")


@asn1.sequence
class _Signature:
    """GM/T 0009-2012, section 7.3."""

    r: int
    s: int


@asn1.sequence
class _Ciphertext:
    """GM/T 0009-2012, section 7.2: C1, C3, C2."""

    x: int
    y: int
    hash: Annotated[bytes, asn1.Size(SM3_BYTES, SM3_BYTES)]
    cipher: bytes


@asn1.sequence
class _EnvelopedKey:
    """GM/T 0009-2012, section 7.4."""

    algorithm: AlgorithmIdentifier
    wrapped_key: _Ciphertext
    public_key: asn1.BitString
    private_key: asn1.BitString


@dataclass(frozen=True, slots=True)
class EnvelopedKey:
    """An encryption key pair on its way from the authority to the holder.

    Attributes:
        algorithm: by which the private key is encrypted.
        wrapped_key: the symmetric key, a ciphertext for the holder's signing key, DER.
        point: the public key, 65 octets.
        private_key: the encrypted private key, 32 or 64 octets.
    """

    algorithm: ObjectIdentifier
    wrapped_key: bytes
    point: bytes
    private_key: bytes

    def open(self, decrypt: Callable[[bytes], bytes]) -> Sm2PrivateKey:
        """Return the key pair; ``decrypt`` opens a ciphertext with the signing key.

        Of 64 octets the number is the right half, with some makers the left.

        Raises:
            GmDecryptionError: it does not open, or the number does not belong to the point.
            GmFormatError: the algorithm is not SM4; only the token may know it.
        """
        if self.algorithm not in (SM4, SM4_ECB):
            message = "the private key is not encrypted with SM4"
            raise GmFormatError(message)
        session_key = decrypt(self.wrapped_key)
        if len(session_key) == SM4_BYTES:
            opened = decrypt_sm4_blocks(session_key, self.private_key)
            for scalar in (opened[-FIELD_BYTES:], opened[:FIELD_BYTES]):
                if 0 < int.from_bytes(scalar, "big") < ORDER - 1:
                    key = Sm2PrivateKey.from_scalar(scalar)
                    if key.public_key.point == self.point:
                        return key
        message = "the key does not open"
        raise GmDecryptionError(message)


def read_signature(der: bytes) -> bytes:
    """Return r || s, 64 octets, of a signature in DER.

    Raises:
        GmFormatError: not strict DER, or a number out of 1 to n - 1.
    """
    signature = decode(_Signature, der)
    return _join(signature.r, signature.s)


def write_signature(raw: bytes) -> bytes:
    """Return r || s, as a token gives it, as DER.

    Raises:
        GmFormatError: not 64 octets, or a number out of 1 to n - 1.
    """
    if len(raw) != 2 * FIELD_BYTES:
        message = "a raw signature has 64 octets"
        raise GmFormatError(message)
    r, s = _split(raw)
    _join(r, s)
    return asn1.encode_der(_Signature(r=r, s=s))


def read_ciphertext(der: bytes) -> tuple[bytes, bytes, bytes]:
    """Return C1 (65 octets), C3 (32 octets) and C2 of a ciphertext in DER.

    Raises:
        GmFormatError: not strict DER, or a coordinate too large.
    """
    form = decode(_Ciphertext, der)
    try:
        x, y = (number.to_bytes(FIELD_BYTES, "big") for number in (form.x, form.y))
    except OverflowError:
        message = "a coordinate does not fit the curve"
        raise GmFormatError(message) from None
    return UNCOMPRESSED + x + y, form.hash, form.cipher


def write_ciphertext(c1: bytes, c3: bytes, c2: bytes) -> bytes:
    """Return a ciphertext in DER from its parts; C1 has 65 octets.

    Raises:
        GmFormatError: a part has the wrong size.
    """
    if len(c1) != POINT_BYTES or not c1.startswith(UNCOMPRESSED) or len(c3) != SM3_BYTES:
        message = "C1 has 65 octets and C3 has 32"
        raise GmFormatError(message)
    x, y = _split(c1[1:])
    return asn1.encode_der(_Ciphertext(x=x, y=y, hash=c3, cipher=c2))


def decrypt_any(octets: bytes, decrypt: Callable[[bytes], bytes]) -> bytes:
    """Open a ciphertext of the standard's form or one of the four older, raw ones.

    Tried are DER, then 04 C1 C3 C2, 04 C1 C2 C3, C1 C3 C2 and C1 C2 C3. C3 tells a wrong guess:
    no octets open in two forms. X may itself begin with 04, so the mark decides nothing.

    Args:
        octets: the ciphertext.
        decrypt: opens a ciphertext in DER.

    Raises:
        GmDecryptionError: it opens in none of them.
    """
    for form in _possible_ciphertexts(octets):
        try:
            return decrypt(form)
        except GmDecryptionError:
            continue
    message = "the ciphertext does not open"
    raise GmDecryptionError(message)


def read_enveloped_key(der: bytes) -> EnvelopedKey:
    """Return the parts of an enveloped key.

    Raises:
        GmFormatError: not strict DER, or a part of the wrong size.
    """
    form = decode(_EnvelopedKey, der)
    point, private_key = form.public_key.as_bytes(), form.private_key.as_bytes()
    whole = form.public_key.padding_bits() == form.private_key.padding_bits() == 0
    sizes = (FIELD_BYTES, 2 * FIELD_BYTES)
    if not whole or len(point) != POINT_BYTES or len(private_key) not in sizes:
        message = "a key in the enveloped key has the wrong size"
        raise GmFormatError(message)
    wrapped = asn1.encode_der(form.wrapped_key)
    return EnvelopedKey(form.algorithm.algorithm, wrapped, point, private_key)


def write_enveloped_key(
    key: Sm2PrivateKey, session_key: bytes, wrap: Callable[[bytes], bytes]
) -> bytes:
    """Return an enveloped key: what an authority sends with an encryption certificate.

    Args:
        key: the encryption key pair, made by the authority.
        session_key: a fresh key of SM4, for this envelope only.
        wrap: encrypts to the holder's signing key, giving DER.
    """
    return asn1.encode_der(
        _EnvelopedKey(
            algorithm=AlgorithmIdentifier(algorithm=SM4_ECB, parameters=None),
            wrapped_key=decode(_Ciphertext, wrap(session_key)),
            public_key=asn1.BitString(key.public_key.point, 0),
            private_key=asn1.BitString(encrypt_sm4_blocks(session_key, key.scalar), 0),
        )
    )


def decode(form: type[_Form], der: bytes) -> _Form:
    """Read strict DER into a form.

    Raises:
        GmFormatError: it is not in this form.
    """
    try:
        return asn1.decode_der(form, der)
    except UNREADABLE:
        message = "not in the form of the standard, or not strict DER"
        raise GmFormatError(message) from None


def _possible_ciphertexts(octets: bytes) -> Iterator[bytes]:
    yield octets
    for c1, rest in (
        (octets[:POINT_BYTES], octets[POINT_BYTES:]),
        (UNCOMPRESSED + octets[: POINT_BYTES - 1], octets[POINT_BYTES - 1 :]),
    ):
        if c1.startswith(UNCOMPRESSED) and len(rest) > SM3_BYTES:
            yield write_ciphertext(c1, rest[:SM3_BYTES], rest[SM3_BYTES:])
            yield write_ciphertext(c1, rest[-SM3_BYTES:], rest[:-SM3_BYTES])


def _split(pair: bytes) -> tuple[int, int]:
    first, second = pair[:FIELD_BYTES], pair[FIELD_BYTES:]
    return int.from_bytes(first, "big"), int.from_bytes(second, "big")


def _join(r: int, s: int) -> bytes:
    if not (0 < r < ORDER and 0 < s < ORDER):
        message = "a number of the signature is out of range"
        raise GmFormatError(message)
    return r.to_bytes(FIELD_BYTES, "big") + s.to_bytes(FIELD_BYTES, "big")
