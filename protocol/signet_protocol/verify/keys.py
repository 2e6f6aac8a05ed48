"""Public keys that are accepted, and the one place where a signature is checked.

RSA with PKCS #1 v1.5 padding (RFC 8017, 8.2), ECDSA on the NIST curves (FIPS 186-5) and SM2 with
SM3 (GM/T 0003). Whatever is signed (a login, a document, a certificate, a CRL, an OCSP response, a
time stamp) is checked by ``PublicKey.verifies``; another kind of key is another class and one line
in ``_READERS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, SM3

from signet_protocol.gm import (
    DEFAULT_ID,
    GmFormatError,
    Sm2KeyError,
    Sm2PublicKey,
    Sm2UnavailableError,
)
from signet_protocol.gm.certificates import has_sm2_key, read_sm2_key
from signet_protocol.gm.gmt0009 import write_signature
from signet_protocol.verify.certificates import UNREADABLE
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_protocol.verify.reasons import Reason, VerificationError

Digest = SHA256 | SHA384 | SHA512 | SM3
"""SHA-1 and MD5 have no entry, so nothing can ask for them."""

MAX_RSA_BITS = 8192
"""A certificate chooses its own modulus; a larger one would only cost the server time."""

_CURVE_NAMES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


class PublicKey(Protocol):
    """A key of one family, as strong as the policy asks."""

    @property
    def family(self) -> str:
        """Return the first half of the algorithms' names, such as ``"RSA"``."""
        ...

    @property
    def name(self) -> str:
        """Return what a person calls the key, such as ``"RSA-2048"`` or ``"P-256"``."""
        ...

    def verifies(self, digest: Digest, signature: bytes, message: bytes) -> bool:
        """Whether a signature over a message is this key's."""
        ...


@dataclass(frozen=True, slots=True)
class RsaKey:
    """RSA with PKCS #1 v1.5 padding."""

    key: rsa.RSAPublicKey
    family: str = "RSA"

    @property
    def name(self) -> str:
        """Return the name with the bits of the modulus."""
        return f"RSA-{self.key.key_size}"

    def verifies(self, digest: Digest, signature: bytes, message: bytes) -> bool:
        """Whether a signature over a message is this key's."""
        try:
            self.key.verify(signature, message, padding.PKCS1v15(), digest)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class EcdsaKey:
    """ECDSA; a signature is DER (RFC 3279, 2.2.3)."""

    key: ec.EllipticCurvePublicKey
    family: str = "ECDSA"

    @property
    def name(self) -> str:
        """Return the curve's name (FIPS 186-5)."""
        return _CURVE_NAMES[self.key.curve.name]

    def verifies(self, digest: Digest, signature: bytes, message: bytes) -> bool:
        """Whether a signature over a message is this key's."""
        try:
            self.key.verify(signature, message, ec.ECDSA(digest))
        except InvalidSignature:
            return False
        return True

    def join(self, signature: bytes) -> bytes | None:
        """Return r and s side by side (RFC 7518, 3.4) as DER, or ``None`` at any other length."""
        width = (self.key.key_size + 7) // 8
        if len(signature) != 2 * width:
            return None
        r, s = (int.from_bytes(half, "big") for half in (signature[:width], signature[width:]))
        return encode_dss_signature(r, s)


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """SM2 with SM3; a signature is DER (GM/T 0009, 7.3)."""

    key: Sm2PublicKey
    family: str = "SM2"

    @property
    def name(self) -> str:
        """Return the one name: there is one curve."""
        return "SM2"

    def verifies(self, digest: Digest, signature: bytes, message: bytes) -> bool:
        """Whether a signature over a message is this key's.

        SM2 hashes with SM3 alone, and its signer's identity is the one that GM/T 0009, section
        10, prescribes where none was agreed.
        """
        return isinstance(digest, SM3) and self.key.verify(signature, message, identity=DEFAULT_ID)

    def join(self, signature: bytes) -> bytes | None:
        """Return r and s side by side as DER, or ``None`` where they are not two such numbers."""
        try:
            return write_signature(signature)
        except GmFormatError:
            return None


Reader = Callable[[x509.Certificate, AlgorithmPolicy], PublicKey | None]


def _read_library_key(
    certificate: x509.Certificate, accepted: AlgorithmPolicy
) -> RsaKey | EcdsaKey | None:
    """Return a key of the kinds that the library knows."""
    try:
        key = certificate.public_key()
    except UNREADABLE:
        return None
    if isinstance(key, rsa.RSAPublicKey) and accepted.min_rsa_bits <= key.key_size <= MAX_RSA_BITS:
        return RsaKey(key)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in accepted.curves:
        return EcdsaKey(key)
    return None


def _read_sm2_key(certificate: x509.Certificate, accepted: AlgorithmPolicy) -> Sm2Key | None:
    """Return a key of SM2, which the library does not know.

    Raises:
        VerificationError: it is one, and this server has no SM2.
    """
    del accepted
    if not has_sm2_key(certificate):
        return None
    try:
        return Sm2Key(read_sm2_key(certificate))
    except Sm2KeyError:
        return None
    except Sm2UnavailableError as error:
        raise VerificationError(Reason.SM2_UNAVAILABLE, str(error)) from None


_READERS: tuple[Reader, ...] = (_read_library_key, _read_sm2_key)


def read_key(certificate: x509.Certificate, accepted: AlgorithmPolicy) -> PublicKey:
    """Return a certificate's public key.

    Raises:
        VerificationError: the key is of another kind or too weak, or of SM2 and there is none here.
    """
    for read in _READERS:
        key = read(certificate, accepted)
        if key is not None:
            return key
    raise VerificationError(Reason.CERTIFICATE_KEY_UNSUITABLE)
