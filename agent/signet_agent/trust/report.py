"""What the trust commands found or did, for people, for the doctor and as JSON."""

from enum import StrEnum

from msgspec import Struct

from signet_agent.trust.stores.base import StoreFault


class CertificateState(StrEnum):
    """How the agent's own certificate stands."""

    ABSENT = "absent"
    """Trust was not installed; the plain endpoint works without."""
    USABLE = "usable"
    EXPIRED = "expired"
    DAMAGED = "damaged"


class StoreState(StrEnum):
    """How a store stands towards that certificate."""

    TRUSTS = "trusts"
    """It trusts exactly the root of the certificate in use."""
    LACKS = "lacks"
    """It holds no root of ours."""
    STALE = "stale"
    """It holds a root of ours that is not, or no longer, the one in use."""
    ABSENT = "absent"
    """The browser has made no store yet."""
    UNKNOWN = "unknown"
    """It could not be read; ``fault`` tells why."""


class StoreReport(Struct, frozen=True):
    """One store as it stands now, and what went wrong with it during the command."""

    browser: str
    place: str
    state: StoreState
    fault: StoreFault | None = None
    detail: str = ""


class TrustReport(Struct, frozen=True):
    """Everything as it stands now: looked up afterwards, never assumed.

    ``fingerprint`` is SHA-256 of the root's DER, 64 hexadecimal digits; ``not_after`` is in
    seconds since the epoch. Both are empty without a certificate.
    """

    certificate: CertificateState
    stores: tuple[StoreReport, ...]
    fingerprint: str = ""
    not_after: int = 0

    @property
    def installed(self) -> bool:
        """Whether the certificate is usable and every store trusts it."""
        return self.certificate is CertificateState.USABLE and all(
            store.state is StoreState.TRUSTS for store in self.stores
        )

    @property
    def clean(self) -> bool:
        """Whether nothing of ours is left, neither a file nor a root."""
        return self.certificate is CertificateState.ABSENT and all(
            store.state in {StoreState.LACKS, StoreState.ABSENT} for store in self.stores
        )
