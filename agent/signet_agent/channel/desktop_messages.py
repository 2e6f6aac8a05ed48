"""What daemon and desktop rooms say to each other: consent window, tray, status window.

Unlike the workers' questions these are conversations: either side may speak.
"""

from typing import Literal

from msgspec import Struct

from signet_agent.model import ConsentRecord, PinState, Token

# --- consent window ---------------------------------------------------------------------------


class Ask(Struct, frozen=True, tag=True):
    """Show the window of this record."""

    record: ConsentRecord


class PinReady(Struct, frozen=True, tag=True):
    """The token of the chosen certificate awaits a PIN, sealed to this one-time key."""

    fingerprint: str
    public: bytes
    pin: PinState


class PinRejected(Struct, frozen=True, tag=True):
    """The token did not take the PIN; a new one-time key, unless it is locked now."""

    fingerprint: str
    public: bytes
    pin: PinState


class TokenMissing(Struct, frozen=True, tag=True):
    """The token of the chosen certificate is gone; the person may plug it in and choose again."""

    fingerprint: str


class Done(Struct, frozen=True, tag=True):
    """The signature was made and recorded."""


class Close(Struct, frozen=True, tag=True):
    """The question is no longer asked (page gone, time over): close without a word."""


class Opened(Struct, frozen=True, tag=True):
    """The window process is ready for a record."""


class Painted(Struct, frozen=True, tag=True):
    """The window of this record stands on the screen."""

    consent: bytes


class Activity(Struct, frozen=True, tag=True):
    """The person touched the window: the ten minutes start again. At most one a second."""

    consent: bytes


class Chosen(Struct, frozen=True, tag=True):
    """This certificate is selected; answered by ``PinReady`` or ``TokenMissing``."""

    consent: bytes
    fingerprint: str


class Agreed(Struct, frozen=True, tag=True):
    """The person agrees; ``sealed_pin`` is empty where no key is used (choose)."""

    consent: bytes
    fingerprint: str
    sealed_pin: bytes = b""
    last_try: bool = False


class Declined(Struct, frozen=True, tag=True):
    """The person refused, or left the window alone for ten minutes."""

    consent: bytes
    idle: bool = False


WindowOrder = Ask | PinReady | PinRejected | TokenMissing | Done | Close
WindowAnswer = Opened | Painted | Activity | Chosen | Agreed | Declined

# --- tray and status window -------------------------------------------------------------------

AgentState = Literal["idle", "token", "waiting", "paused", "trouble"]


class RecentAct(Struct, frozen=True):
    """One line of history; ``at`` in epoch seconds."""

    at: int
    site: str
    operation: str
    title: str
    tail: str
    outcome: str


class SiteLine(Struct, frozen=True):
    """One allowed site, as policy names it."""

    origin: str
    name: str
    mark: str
    operations: tuple[str, ...]


class RefusedSite(Struct, frozen=True):
    """An origin that was turned away, with how often and when last (epoch seconds)."""

    origin: str
    count: int
    last_at: int


class AgentView(Struct, frozen=True, tag=True):
    """Everything tray and status window show."""

    state: AgentState
    sentence: str
    version: str
    tokens: tuple[Token, ...] = ()
    sites: tuple[SiteLine, ...] = ()
    recent: tuple[RecentAct, ...] = ()
    refused: tuple[RefusedSite, ...] = ()
    language: str = "zh-Hans"


class Raise(Struct, frozen=True, tag=True):
    """Bring the status window to the front."""


class TrayHosted(Struct, frozen=True, tag=True):
    """Whether a tray host took the icon."""

    hosted: bool


class Act(Struct, frozen=True, tag=True):
    """What the person chose in tray or status window."""

    action: Literal["pause", "resume", "quit", "status"]


ViewOrder = AgentView | Raise | Close
ViewAnswer = Opened | TrayHosted | Act
