"""A TLS ClientHello made by hand: it can offer what no library of today still speaks."""

import struct
from collections.abc import Sequence

TLS_1_2 = 0x0303

ALERT, HANDSHAKE = 21, 22
"""Types of TLS records (RFC 8446, section 5.1)."""

_CURVES = (0x001D, 0x0017, 0x0018)
"""X25519, P-256, P-384."""

_SIGNATURES = (0x0403, 0x0503, 0x0804, 0x0401, 0x0501, 0x0203, 0x0201)
"""ECDSA, RSA-PSS and RSA, with SHA-256 and better, and with SHA-1."""


def client_hello(suites: Sequence[int], version: int = TLS_1_2) -> bytes:
    """Return a ClientHello that offers these suites in this version at most (RFC 5246, 7.4.1.2)."""
    offered = b"".join(suite.to_bytes(2, "big") for suite in suites)
    extensions = b"".join(
        (
            _extension(10, _listed(_CURVES)),
            _extension(11, b"\x01\x00"),
            _extension(13, _listed(_SIGNATURES)),
        )
    )
    body = version.to_bytes(2, "big") + bytes(range(32)) + b"\0"
    body += struct.pack(">H", len(offered)) + offered + b"\x01\x00"
    body += struct.pack(">H", len(extensions)) + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack(">BHH", HANDSHAKE, 0x0301, len(message)) + message


def chosen_suite(answer: bytes) -> int | None:
    """Return the suite of a ServerHello, or ``None`` if the answer is none."""
    if answer[:1] != bytes((HANDSHAKE,)) or answer[5:6] != b"\x02":
        return None
    # Record head, message head, version and random; then the session's id with its length.
    at = 5 + 4 + 2 + 32
    at += 1 + answer[at]
    return int.from_bytes(answer[at : at + 2], "big")


def _listed(values: Sequence[int]) -> bytes:
    octets = b"".join(value.to_bytes(2, "big") for value in values)
    return struct.pack(">H", len(octets)) + octets


def _extension(number: int, content: bytes) -> bytes:
    return struct.pack(">HH", number, len(content)) + content
