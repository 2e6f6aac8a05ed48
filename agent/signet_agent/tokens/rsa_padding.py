"""Taking the padding off a content key that a card has decrypted by plain RSA (RFC 8017).

Cards do the arithmetic alone. The libraries take paddings off only together with a key of theirs,
so it is done here. Every fault is the same one: who learns which it was, and may ask a million
times, needs no key any more (RFC 3218). Nobody may here: each question costs a person and a PIN.
"""

import hashlib
from hmac import compare_digest

from signet_agent.model import KeyPadding

MIN_FILL_BYTES = 8
"""Of PKCS #1 v1.5 (section 7.2.1)."""

_HASHES = {KeyPadding.OAEP_SHA1: "sha1", KeyPadding.OAEP_SHA256: "sha256"}


def unpad(block: bytes, padding: KeyPadding) -> bytes:
    """Return the message in a block of the modulus' size.

    Raises:
        ValueError: the padding is not as it should be.
    """
    if padding is KeyPadding.PKCS1:
        fits, message = _part_pkcs1(block)
    else:
        fits, message = _part_oaep(block, _HASHES[padding])
    if not fits:
        error = "the padding is wrong"
        raise ValueError(error)
    return message


def _part_pkcs1(block: bytes) -> tuple[bool, bytes]:
    """Part EME-PKCS1-v1_5 (section 7.2.2, step 3): 0, 2, fill, 0, message."""
    fill, separator, message = block[2:].partition(b"\0")
    return block[:2] == b"\0\2" and len(fill) >= MIN_FILL_BYTES and separator != b"", message


def _part_oaep(block: bytes, hash_name: str) -> tuple[bool, bytes]:
    """Part EME-OAEP without a label (section 7.1.2, step 3): 0, seed, hash, zeros, 1, message."""
    label = hashlib.new(hash_name).digest()
    seed, data = block[1 : 1 + len(label)], block[1 + len(label) :]
    seed = _masked(seed, data, hash_name)
    data = _masked(data, seed, hash_name)
    zeros, separator, message = data[len(label) :].partition(b"\1")
    right = compare_digest(data[: len(label)], label) and block[:1] == b"\0"
    return right and separator != b"" and not any(zeros), message


def _masked(data: bytes, seed: bytes, hash_name: str) -> bytes:
    """Return data XOR MGF1 of the seed (appendix B.2.1)."""
    mask, counter = b"", 0
    while len(mask) < len(data):
        mask += hashlib.new(hash_name, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return bytes(octet ^ cover for octet, cover in zip(data, mask, strict=False))
