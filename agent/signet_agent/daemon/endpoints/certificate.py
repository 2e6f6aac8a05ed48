"""TLS for wss and https, where trust was installed: the loopback certificate and nothing weak."""

import ssl
from pathlib import Path

from signet_agent.errors import SettingsError

LEAF_FILE = "leaf.pem"
KEY_FILE = "leaf.key"

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""TLS 1.2 only with forward secrecy and authenticated encryption (RFC 9325, section 4.2)."""


def tls_context(folder: Path) -> ssl.SSLContext | None:
    """Return the context of the installed certificate, or ``None`` where none is installed.

    Raises:
        SettingsError: files are there but cannot be used.
    """
    leaf, key = folder / LEAF_FILE, folder / KEY_FILE
    if not leaf.exists():
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    try:
        context.load_cert_chain(leaf, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"the loopback certificate cannot be used: {error}") from error
    return context
