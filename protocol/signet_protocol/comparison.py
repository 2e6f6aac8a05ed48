"""The short code by which a person compares the page's document with the window's.

A program between page and agent could swap the document; sixteen digits shown on both sides let
the person notice. The code is a help for eyes, not a digest to rely on: the signature covers the
document itself.
"""

from hashlib import sha256

CODE_DIGITS = 16
"""About 53 bits: more than anyone can search for while a window is open, and still readable."""

GROUP_DIGITS = 4
"""People compare digits in fours, as on a bank card."""

_PREFIX_OCTETS = 8
"""The part of the digest that is read as a number; 64 bits cover sixteen digits."""


def comparison_code(document: bytes) -> str:
    """Return the sixteen digits of a document, in fours: ``4718 0926 5530 8841``.

    The first eight octets of SHA-256 over the document's octets, as a big-endian number, modulo
    10^16, with leading zeros.
    """
    return code_of_digest(sha256(document).digest())


def code_of_digest(digest: bytes) -> str:
    """Return the sixteen digits of the document with this SHA-256 digest (32 octets)."""
    number = int.from_bytes(digest[:_PREFIX_OCTETS], "big")
    digits = f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
    groups = range(0, CODE_DIGITS, GROUP_DIGITS)
    return " ".join(digits[start : start + GROUP_DIGITS] for start in groups)
