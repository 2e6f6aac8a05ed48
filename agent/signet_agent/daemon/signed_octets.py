"""Which octets a key may ever sign, so that no signature can pass for one of another kind.

A login signs octets of a few lengths. A document signs a DER SET of attributes that holds its
digest. A plain signature signs text that is neither. Nothing else reaches a key, whatever a page or
a broken document room does.
"""

from signet_agent.errors import PageError, RoomError
from signet_protocol.errors import ErrorCode
from signet_protocol.plain_text import LOGIN_LENGTHS, is_plain_text

_SET_OF = 0x31
"""DER tag of the signed attributes as they are signed."""


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
    if not is_plain_text(octets):
        raise PageError("not only text", ErrorCode.PAGE_DOCUMENT_UNSUITABLE)
