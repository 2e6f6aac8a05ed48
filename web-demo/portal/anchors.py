"""The certification authorities that the departments trust, read once."""

from functools import cache

from django.conf import settings

from signet_protocol.verify import TrustAnchors


@cache
def trust_anchors() -> TrustAnchors:
    """Return the authorities of the file that the settings name."""
    return TrustAnchors.from_pem(anchors_pem())


def anchors_pem() -> bytes:
    """Return the same authorities as they were given, for people who verify offline."""
    pem: bytes = settings.PORTAL_ANCHORS.read_bytes()
    return pem
