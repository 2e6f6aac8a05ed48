"""Which octets a key may ever sign, so that no signature can pass for one of another kind.

A login signs 64, 80, 96 or 128 octets. A document signs a DER SET of attributes that holds its
digest. A plain signature signs text that is neither. This is the only place where the three are
kept apart, whatever a page or a broken document room does; the contract draws the same lines in
section 5.
"""

import re

from signet_agent.errors import PageError, RoomError
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import SM2_LOGIN_PREFIX

LOGIN_LENGTHS = frozenset({64, 80, 96, 128})
"""Octets a login signs; nothing of that length is ever signed as a document."""

_SET_OF = 0x31
"""DER tag of the signed attributes as they are signed."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Octets that no text holds; every DER of signed attributes has 01 in the arc of PKCS #9."""


def require_attributes(octets: bytes, digest: bytes) -> None:
    """Check what the document room wants signed: attributes over our digest, and no login.

    Raises:
        RoomError: it is something else; the document room is broken.
    """
    if octets[:1] != bytes([_SET_OF]) or digest not in octets or len(octets) in LOGIN_LENGTHS:
        raise RoomError("the document room returned something else than our attributes")


def require_plain_text(octets: bytes) -> None:
    """Check text that is to be signed without attributes.

    Raises:
        PageError: it could pass for a login or for attributes (``page.document_unsuitable``).
    """
    if (
        len(octets) in LOGIN_LENGTHS
        or octets.startswith(SM2_LOGIN_PREFIX)
        or _CONTROL.search(octets) is not None
    ):
        raise PageError("not only text", ErrorCode.PAGE_DOCUMENT_UNSUITABLE)
