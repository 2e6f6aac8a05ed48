"""Nothing is done with SM2 before this libcrypto has reproduced the standard's examples.

The vectors are printed in GM/T 0003.5-2012 and GM/T 0004-2012. One wrong answer, and there is no
SM2 here.
"""

from functools import cache
from typing import NamedTuple

from signet_protocol.gm.curve import FIELD_BYTES, PKCS8_PREFIX, SPKI_PREFIX, UNCOMPRESSED
from signet_protocol.gm.errors import Sm2UnavailableError
from signet_protocol.gm.libcrypto import Libcrypto, load_libcrypto
from signet_protocol.gm.sm3 import sm3


class Vectors(NamedTuple):
    """One key with what it signed and what was encrypted to it."""

    scalar: bytes
    point: bytes
    digest: bytes
    signature: bytes
    ciphertext: bytes
    plaintext: bytes
    sm3_abc: bytes


STANDARD = Vectors(
    scalar=bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"),
    point=UNCOMPRESSED
    + bytes.fromhex(
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    ),
    digest=bytes.fromhex("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"),
    signature=bytes.fromhex(
        "3046"
        "022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
        "022100B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
    ),
    ciphertext=bytes.fromhex(
        "307C"
        "022004EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
        "022100E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
        "042059983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
        "041321886CA989CA9C7D58087307CA93092D651EFA"
    ),
    plaintext=b"encryption standard",
    sm3_abc=bytes.fromhex("66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"),
)


@cache
def checked_libcrypto() -> Libcrypto:
    """Return libcrypto once it has passed; the test takes some milliseconds, once in a process.

    Raises:
        Sm2UnavailableError: it has no SM2, or failed.
    """
    libcrypto = load_libcrypto()
    require_vectors(libcrypto, STANDARD)
    return libcrypto


def require_vectors(libcrypto: Libcrypto, vectors: Vectors) -> None:
    """Refuse a library that does not reproduce the vectors.

    Raises:
        Sm2UnavailableError: an answer is wrong.
    """
    public = libcrypto.read_public(SPKI_PREFIX + vectors.point)
    private = libcrypto.read_private(PKCS8_PREFIX + vectors.scalar)
    own = libcrypto.sign(private, vectors.digest) or b""
    other_digest = vectors.digest[::-1]
    passed = (
        sm3(b"abc") == vectors.sm3_abc,
        libcrypto.write_public(private) == SPKI_PREFIX + vectors.point,
        libcrypto.read_scalar(private, FIELD_BYTES) == vectors.scalar,
        libcrypto.verify(public, vectors.signature, vectors.digest),
        not libcrypto.verify(public, vectors.signature, other_digest),
        libcrypto.verify(public, own, vectors.digest),
        own != vectors.signature,  # its nonce is random, not the printed one
        libcrypto.decrypt(private, vectors.ciphertext) == vectors.plaintext,
        libcrypto.decrypt(private, vectors.ciphertext[:-1] + b"\0") is None,
    )
    if not all(passed):
        message = "no SM2 here: libcrypto does not reproduce the standard's examples"
        raise Sm2UnavailableError(message)
