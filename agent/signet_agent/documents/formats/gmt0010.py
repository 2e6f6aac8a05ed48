"""SM2's message syntax (GM/T 0010-2012, GB/T 35275-2017): SignedData by GM/T's own names.

The structure is that of CMS, and the same four attributes are signed as in ``cades-b``. GM/T 0010
asks for fewer, but one of them keeps a certificate from being exchanged for another of the same
key. A department whose programs know PKCS #7's names around SM2 asks for ``cades-b`` instead.
"""

from signet_agent.documents.formats.cms import SM3, CadesFormat, Names, suite
from signet_agent.model import Algorithm

_GMT_0010 = Names(
    bytes.fromhex("060a2a811ccf550601040202"),  # 1.2.156.10197.6.1.4.2.2
    bytes.fromhex("060a2a811ccf550601040201"),  # 1.2.156.10197.6.1.4.2.1
    # SM2-1, the signature alone (GM/T 0006), 1.2.156.10197.1.301.1
    {Algorithm.SM2: suite(SM3, "06092a811ccf5501822d01", 64)},
)


class Gmt0010Format(CadesFormat):
    """The format ``gmt0010``, for keys of SM2 alone."""

    def __init__(self) -> None:
        """Write GM/T 0010's names."""
        super().__init__(_GMT_0010)
