"""Who is signed in at a department: read from the certificate once, kept in the session."""

from dataclasses import asdict, dataclass
from typing import Any

from signet_protocol.verify import Holder

_KEY = "holder"


@dataclass(frozen=True)
class SignedIn:
    """The person behind a session, and the enterprise she acts for.

    Attributes:
        name: the person's name.
        cid: her citizen number.
        organisation: the enterprise's name; empty with a citizen's card.
        uscc: the enterprise's unified social credit code; empty with a citizen's card.
    """

    name: str
    cid: str
    organisation: str
    uscc: str

    @classmethod
    def of(cls, holder: Holder) -> "SignedIn":
        """Return what a verified certificate says."""
        return cls(holder.name, holder.cid, holder.organisation, holder.uscc)

    @property
    def enterprise(self) -> bool:
        """Whether an enterprise's certificate was used."""
        return bool(self.uscc)

    def is_same_as(self, holder: Holder) -> bool:
        """Whether another certificate names the same person for the same enterprise."""
        return (self.cid, self.uscc) == (holder.cid, holder.uscc)

    def keep(self, session: Any) -> None:  # noqa: ANN401 -- Django's session ships no type
        """Write into a session."""
        session[_KEY] = asdict(self)

    @classmethod
    def find(cls, session: Any) -> "SignedIn | None":  # noqa: ANN401 -- Django's session ships no type
        """Return who is signed in, if anybody."""
        kept = session.get(_KEY)
        return cls(**kept) if kept else None
