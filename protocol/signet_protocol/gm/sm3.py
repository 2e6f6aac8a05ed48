"""The hash SM3 (GM/T 0004-2012, GB/T 32905-2016): 32 octets, in constant memory.

Computed by ``cryptography``, whose own OpenSSL has it on every system.
"""

from cryptography.hazmat.primitives.hashes import SM3, Hash

SM3_BYTES = 32


class Sm3:
    """A hash that is fed piece by piece."""

    def __init__(self, prefix: bytes = b"") -> None:
        """Begin; a prefix such as SM2's Z goes before everything else."""
        self._hash = Hash(SM3())
        self._hash.update(prefix)
        self.update = self._hash.update

    def finish(self) -> bytes:
        """Return the 32 octets; nothing can be added afterwards."""
        return self._hash.finalize()


def sm3(octets: bytes) -> bytes:
    """Return the hash of octets."""
    return Sm3(octets).finish()
