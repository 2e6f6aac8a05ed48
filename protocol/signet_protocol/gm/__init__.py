"""The national algorithms: SM2, SM3 and SM4, their messages and their certificates.

    signature = key.sign(message, identity=DEFAULT_ID)
    key.public_key.verify(signature, message, identity=DEFAULT_ID)

Where this machine's libcrypto has no SM2, the first use of a key is a ``Sm2UnavailableError``;
hashes, ciphers and messages work all the same. Nothing here opens a connection or reads a file.
"""

from signet_protocol.gm.errors import (
    GmDecryptionError,
    GmFormatError,
    Sm2KeyError,
    Sm2UnavailableError,
)
from signet_protocol.gm.sm2 import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey

__all__ = [
    "DEFAULT_ID",
    "GmDecryptionError",
    "GmFormatError",
    "Sm2KeyError",
    "Sm2PrivateKey",
    "Sm2PublicKey",
    "Sm2UnavailableError",
]
