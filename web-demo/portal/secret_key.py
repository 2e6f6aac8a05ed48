"""The key that signs cookies: made at the first start, readable by its owner only."""

import os
import secrets
from pathlib import Path

KEY_CHARS = 64
"""Django asks for 50; these are base64 characters of 48 random octets."""


def read_secret_key(path: Path) -> str:
    """Return the key in a file; make file and key when there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(KEY_CHARS * 3 // 4)
        file.write(key)
    return key
