"""SM2 keys: sign, verify, encrypt, decrypt (GM/T 0003-2012, GB/T 32918).

The holder's identity goes into every signature by way of Z and has no default here: OpenSSL 3
takes an empty one where OpenSSL 4 takes ``1234567812345678``, and a signature made with the one
does not verify with the other. Z and e are therefore computed here, and libcrypto signs e, which
is also what a token does.
"""

from typing import Self

from signet_protocol.gm.curve import (
    FIELD_BYTES,
    ORDER,
    PARAMETERS,
    PKCS8_PREFIX,
    POINT_BYTES,
    SPKI_PREFIX,
    UNCOMPRESSED,
)
from signet_protocol.gm.errors import GmDecryptionError, Sm2KeyError, Sm2UnavailableError
from signet_protocol.gm.libcrypto import KeyHandle
from signet_protocol.gm.self_test import checked_libcrypto
from signet_protocol.gm.sm3 import SM3_BYTES, Sm3, sm3

DEFAULT_ID = b"1234567812345678"
"""The identity where none was agreed (GM/T 0009-2012, section 10); certificates always use it."""

MAX_ID_BYTES = 8191
"""Its length in bits has to fit into two octets."""


class Sm2PublicKey:
    """A point on the SM2 curve; made by ``from_point`` or ``from_spki``."""

    def __init__(self, handle: KeyHandle, point: bytes) -> None:
        self._handle = handle
        self.point = point

    @classmethod
    def from_point(cls, point: bytes) -> Self:
        """Return the key of 65 octets: 04, X, Y.

        Raises:
            Sm2KeyError: not 65 octets, another form, or not on the curve.
            Sm2UnavailableError: there is no SM2 here.
        """
        if len(point) != POINT_BYTES or not point.startswith(UNCOMPRESSED):
            message = "a public key has 65 octets: 04, X and Y"
            raise Sm2KeyError(message)
        return cls(checked_libcrypto().read_public(SPKI_PREFIX + point), point)

    @classmethod
    def from_spki(cls, der: bytes) -> Self:
        """Return the key of a SubjectPublicKeyInfo, as certificates hold it.

        Raises:
            Sm2KeyError: a key of another kind, or not on the curve.
            Sm2UnavailableError: there is no SM2 here.
        """
        if not is_sm2_spki(der):
            message = "not the public key of SM2"
            raise Sm2KeyError(message)
        return cls.from_point(der[len(SPKI_PREFIX) :])

    @property
    def spki(self) -> bytes:
        """The SubjectPublicKeyInfo, DER."""
        return SPKI_PREFIX + self.point

    def hash(self, identity: bytes) -> Sm3:
        """Begin the hash e of a message that comes piece by piece.

        Raises:
            ValueError: the identity is longer than 8191 octets.
        """
        return Sm3(compute_z(self.point, identity))

    def verify(self, signature: bytes, message: bytes, *, identity: bytes) -> bool:
        """Whether a DER signature of a message holds.

        Raises:
            ValueError: the identity is longer than 8191 octets.
        """
        return self.verify_digest(signature, compute_e(self.point, message, identity))

    def verify_digest(self, signature: bytes, digest: bytes) -> bool:
        """Whether a DER signature of a hash e holds."""
        return checked_libcrypto().verify(self._handle, signature, digest)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Return the ciphertext, DER (GM/T 0009, section 7.2).

        Raises:
            ValueError: there is nothing to encrypt.
        """
        if not plaintext:
            message = "there is nothing to encrypt"
            raise ValueError(message)
        ciphertext = checked_libcrypto().encrypt(self._handle, plaintext)
        if ciphertext is None:
            message = "libcrypto did not encrypt"
            raise Sm2UnavailableError(message)
        return ciphertext


class Sm2PrivateKey:
    """A private key in this process's memory, for files and tests; a citizen's is on a token."""

    def __init__(self, handle: KeyHandle) -> None:
        """Take over a key.

        Raises:
            Sm2UnavailableError: this libcrypto lets its timing tell private keys.
        """
        if checked_libcrypto().has_leaky_inversion():
            message = "no private SM2 keys here: libcrypto has CVE-2025-9231 on this processor"
            raise Sm2UnavailableError(message)
        self._handle = handle
        self.public_key = Sm2PublicKey.from_spki(checked_libcrypto().write_public(handle))

    @classmethod
    def generate(cls) -> Self:
        """Make a key pair.

        Raises:
            Sm2UnavailableError: there is no SM2 here.
        """
        return cls(checked_libcrypto().generate())

    @classmethod
    def from_scalar(cls, scalar: bytes) -> Self:
        """Return the key of a number d in 32 octets.

        Raises:
            Sm2KeyError: not 32 octets, or not in 1 to n - 2.
            Sm2UnavailableError: there is no SM2 here.
        """
        if len(scalar) != FIELD_BYTES or not 0 < int.from_bytes(scalar, "big") < ORDER - 1:
            message = "a private key is a number from 1 to n - 2 in 32 octets"
            raise Sm2KeyError(message)
        return cls(checked_libcrypto().read_private(PKCS8_PREFIX + scalar))

    @classmethod
    def from_pkcs8(cls, der: bytes) -> Self:
        """Return the key of an unencrypted PrivateKeyInfo.

        Raises:
            Sm2KeyError: it holds no key of SM2, or a public key that does not belong to it.
            Sm2UnavailableError: there is no SM2 here.
        """
        given = cls(checked_libcrypto().read_private(der))
        computed = cls.from_scalar(given.scalar)
        if computed.public_key.point != given.public_key.point:
            message = "the public key does not belong to the private one"
            raise Sm2KeyError(message)
        return computed

    @property
    def scalar(self) -> bytes:
        """The secret number d, 32 octets."""
        return checked_libcrypto().read_scalar(self._handle, FIELD_BYTES)

    @property
    def pkcs8(self) -> bytes:
        """The secret key as PrivateKeyInfo, DER."""
        return PKCS8_PREFIX + self.scalar

    def sign(self, message: bytes, *, identity: bytes) -> bytes:
        """Return the signature of a message, DER (GM/T 0009, section 7.3).

        Raises:
            ValueError: the identity is longer than 8191 octets.
        """
        return self.sign_digest(compute_e(self.public_key.point, message, identity))

    def sign_digest(self, digest: bytes) -> bytes:
        """Return the signature of a hash e, DER.

        Raises:
            ValueError: the hash does not have 32 octets.
        """
        if len(digest) != SM3_BYTES:
            message = "SM2 signs a hash of 32 octets"
            raise ValueError(message)
        signature = checked_libcrypto().sign(self._handle, digest)
        if signature is None:
            message = "libcrypto did not sign"
            raise Sm2UnavailableError(message)
        return signature

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Return the plaintext of a ciphertext in DER.

        Raises:
            GmDecryptionError: it does not open.
        """
        plaintext = checked_libcrypto().decrypt(self._handle, ciphertext)
        if plaintext is None:
            message = "the ciphertext does not open"
            raise GmDecryptionError(message)
        return plaintext


def is_sm2_spki(der: bytes) -> bool:
    """Whether a SubjectPublicKeyInfo is of SM2; the point is not looked at."""
    return der.startswith(SPKI_PREFIX) and len(der) == len(SPKI_PREFIX) + POINT_BYTES


def compute_z(point: bytes, identity: bytes) -> bytes:
    """Return Z, the hash of who signs (GM/T 0003.2-2012, section 5.5).

    Raises:
        ValueError: the identity is longer than 8191 octets.
    """
    if len(identity) > MAX_ID_BYTES:
        message = "an identity has at most 8191 octets"
        raise ValueError(message)
    bits = (8 * len(identity)).to_bytes(2, "big")
    return sm3(bits + identity + PARAMETERS + point[1:])


def compute_e(point: bytes, message: bytes, identity: bytes) -> bytes:
    """Return e = SM3(Z || M), the 32 octets that are signed; a token signs the same.

    Raises:
        ValueError: the identity is longer than 8191 octets.
    """
    return sm3(compute_z(point, identity) + message)
