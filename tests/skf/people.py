"""A person with the two SM2 certificates that authorities issue: one signs, one opens."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.protocol.gm.people import AUTHORITY, Member, issue
from tests.skf.devices import Container, Pair

SIGNS = "basicConstraints=CA:false\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
OPENS = "basicConstraints=CA:false\nkeyUsage=critical,keyEncipherment,dataEncipherment\n"


@dataclass(frozen=True)
class GmPeople:
    """The authority and one person's two pairs, made by the ``openssl`` command."""

    authority: Member
    sign: Member
    open: Member

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make them in a folder."""
        authority = issue(folder, "authority", extensions=AUTHORITY)
        sign = issue(folder, "sign", authority, extensions=SIGNS)
        return cls(authority, sign, issue(folder, "open", authority, extensions=OPENS))

    def container(self) -> Container:
        """Return what a token holds of the person."""
        pairs = (Pair.of(each.key, each.certificate) for each in (self.sign, self.open))
        return Container(*pairs)
