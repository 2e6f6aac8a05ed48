"""Definitions that were released: a form's version never changes what it means.

Documents name their form by id and version only. Whoever reads one in ten years must find the
definition it was made with, so a changed definition needs a new version.
"""

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path

import rfc8785

_LOCK = Path(__file__).parent / "released.lock"


def definition_digest(toml: str) -> str:
    """Return SHA-256 over the canonical JSON of a definition, 64 hexadecimal digits.

    Comments and the order of keys do not count; every word does.
    """
    return sha256(rfc8785.dumps(tomllib.loads(toml))).hexdigest()


@cache
def released() -> dict[str, str]:
    """Return the digest of every released definition by its key, such as ``gs1/1``."""
    lines = (line.split() for line in _LOCK.read_text("utf-8").splitlines())
    return {words[0]: words[1] for words in lines if words and not words[0].startswith("#")}
