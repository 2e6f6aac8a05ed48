"""Two foreign makers of SM2, one in C and one in Python, behind one form.

Points have 65 octets; signatures and ciphertexts are DER, which asn1crypto, a third hand, reads
and writes where an oracle has raw octets.
"""

from typing import Protocol

import gmalg
import gmssl_pyx
from asn1crypto.core import Integer, OctetString, Sequence

WIDTH = 32


class Oracle(Protocol):
    """SM2 by somebody else."""

    def sign(self, scalar: bytes, point: bytes, message: bytes, identity: bytes) -> bytes:
        """Return the signature of a message."""
        ...

    def verify(self, point: bytes, message: bytes, identity: bytes, signature: bytes) -> bool:
        """Whether a signature holds."""
        ...

    def encrypt(self, point: bytes, plaintext: bytes) -> bytes:
        """Return the ciphertext."""
        ...

    def decrypt(self, scalar: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext."""
        ...


class Signature(Sequence):  # type: ignore[misc]  # the library has no types
    """GM/T 0009, section 7.3."""

    _fields = [("r", Integer), ("s", Integer)]  # noqa: RUF012 -- the library fills it in


class Ciphertext(Sequence):  # type: ignore[misc]  # the library has no types
    """GM/T 0009, section 7.2."""

    _fields = [  # noqa: RUF012 -- the library fills it in
        ("x", Integer),
        ("y", Integer),
        ("hash", OctetString),
        ("cipher", OctetString),
    ]


class CLibrary:
    """GmSSL's C code; it takes plaintexts up to 255 octets."""

    def sign(self, scalar: bytes, point: bytes, message: bytes, identity: bytes) -> bytes:
        """Return the signature of a message."""
        return bytes(gmssl_pyx.sm2_sign(scalar, point[1:], message, identity))

    def verify(self, point: bytes, message: bytes, identity: bytes, signature: bytes) -> bool:
        """Whether a signature holds."""
        return bool(gmssl_pyx.sm2_verify(point[1:], message, signature, identity))

    def encrypt(self, point: bytes, plaintext: bytes) -> bytes:
        """Return the ciphertext."""
        return bytes(gmssl_pyx.sm2_encrypt(point[1:], plaintext))

    def decrypt(self, scalar: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext."""
        return bytes(gmssl_pyx.sm2_decrypt(scalar, ciphertext))


class PythonLibrary:
    """gmalg, written in Python alone."""

    def sign(self, scalar: bytes, point: bytes, message: bytes, identity: bytes) -> bytes:
        """Return the signature of a message."""
        r, s = gmalg.SM2(scalar, identity, point).sign(message)
        return write_signature(r.rjust(WIDTH, b"\0") + s.rjust(WIDTH, b"\0"))

    def verify(self, point: bytes, message: bytes, identity: bytes, signature: bytes) -> bool:
        """Whether a signature holds."""
        value = Signature.load(signature, strict=True).native
        r, s = (value[name].to_bytes(WIDTH, "big") for name in ("r", "s"))
        return bool(gmalg.SM2(uid=identity, pk=point).verify(message, r, s))

    def encrypt(self, point: bytes, plaintext: bytes) -> bytes:
        """Return the ciphertext."""
        return write_ciphertext(gmalg.SM2(pk=point).encrypt(plaintext))

    def decrypt(self, scalar: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext."""
        return bytes(gmalg.SM2(scalar).decrypt(raw_ciphertext(ciphertext)))


def write_signature(raw: bytes) -> bytes:
    """Return r || s as DER."""
    r, s = (int.from_bytes(half, "big") for half in (raw[:WIDTH], raw[WIDTH:]))
    return bytes(Signature({"r": r, "s": s}).dump())


def write_ciphertext(raw: bytes) -> bytes:
    """Return 04 || C1 || C3 || C2 as DER."""
    x, y = (int.from_bytes(part, "big") for part in (raw[1:33], raw[33:65]))
    return bytes(Ciphertext({"x": x, "y": y, "hash": raw[65:97], "cipher": raw[97:]}).dump())


def raw_ciphertext(der: bytes) -> bytes:
    """Return a DER ciphertext as 04 || C1 || C3 || C2."""
    value = Ciphertext.load(der, strict=True).native
    x, y = (value[name].to_bytes(WIDTH, "big") for name in ("x", "y"))
    return b"".join((b"\x04", x, y, bytes(value["hash"]), bytes(value["cipher"])))


ORACLES: list[Oracle] = [CLibrary(), PythonLibrary()]
