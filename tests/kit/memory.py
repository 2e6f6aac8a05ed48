"""Looking for a secret in the memory of a process (Linux)."""

import os
import re
from pathlib import Path

PART_CHARS = 6
"""Six digits in a row are not there by chance; a shorter part would be."""

_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r")


def traces(pid: int, secret: str) -> list[str]:
    """Return which parts of a secret, in which encoding, a process has in its memory.

    Raises:
        PermissionError: the process is not this one's child, or has shut itself.
    """
    length = len(secret) - PART_CHARS + 1
    parts = [secret[start : start + PART_CHARS] for start in range(length)]
    encodings = ("utf-8", "utf-16-le", "utf-32-le")
    wanted = {
        f"{encoding} {part}": part.encode(encoding) for encoding in encodings for part in parts
    }
    found: set[str] = set()
    for region in _regions(pid):
        found.update(name for name, octets in wanted.items() if octets in region)
    return sorted(found)


def _regions(pid: int) -> list[bytes]:
    """Return the readable regions; what the kernel keeps for itself cannot be read and is left."""
    regions = []
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            match = _REGION.match(line)
            if match is None or line.endswith(("[vvar]", "[vvar_vclock]", "[vsyscall]")):
                continue
            begin, end = int(match[1], 16), int(match[2], 16)
            regions.append(_read(memory, begin, end - begin))
    finally:
        os.close(memory)
    return regions


def _read(memory: int, begin: int, size: int) -> bytes:
    octets = bytearray()
    while len(octets) < size:
        try:
            more = os.pread(memory, size - len(octets), begin + len(octets))
        except OSError:
            break
        if not more:
            break
        octets += more
    return bytes(octets)
