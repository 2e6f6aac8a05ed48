"""Which octets may be signed without attributes: text, and nothing that has another meaning.

A login signs 64, 96 or 128 octets, with SM2 80 that begin with a prefix; a document signs
attributes in DER. PROTOCOL.md draws these lines in section 5; whoever signs or simulates keeps
them by this file.
"""

import re

LOGIN_LENGTHS = frozenset({64, 80, 96, 128})
"""Octets a login signs; nothing of that length is ever signed as a document."""

SM2_LOGIN_PREFIX = b"SIGNET-SM2-LOGIN"
"""What a login with SM2 signs begins with; signed attributes begin with 31 hexadecimal."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Octets that no text holds; every DER of signed attributes has 01 in the arc of PKCS #9."""


def is_plain_text(octets: bytes) -> bool:
    """Whether octets can only be text: no login, no attributes, no control character.

    Tab, line feed and carriage return are text.
    """
    return (
        len(octets) not in LOGIN_LENGTHS
        and not octets.startswith(SM2_LOGIN_PREFIX)
        and _CONTROL.search(octets) is None
    )
