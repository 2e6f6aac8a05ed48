"""Logging in: a nonce for one browser session, used once; a token judged by the protocol."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from django.utils import timezone

from portal.anchors import trust_anchors
from portal.models import LoginNonce
from portal.signed_in import SignedIn
from signet_protocol.verify import Reason, VerificationError, new_nonce, verify_login
from signet_protocol.verify.nonces import NONCE_SECONDS

MAX_OPEN_NONCES = 8
"""Per session: several tabs may log in; more than eight is no person."""


class StoredNonces:
    """The ledger of nonces in the database, so that every process sees it.

    It keeps digests of nonce and session only.
    """

    def issue(self, session: str) -> str:
        """Return a new nonce for a session, and forget what is too old or too many."""
        now = timezone.now()
        LoginNonce.objects.filter(issued_at__lt=_oldest(now)).delete()
        own = LoginNonce.objects.filter(session=_digest(session)).order_by("-issued_at", "-id")
        surplus = list(own.values_list("id", flat=True)[MAX_OPEN_NONCES - 1 :])
        LoginNonce.objects.filter(id__in=surplus).delete()
        nonce = new_nonce()
        LoginNonce.objects.create(digest=_digest(nonce), session=_digest(session), issued_at=now)
        return nonce

    def redeem(self, nonce: str, session: str) -> None:
        """Use a nonce up.

        Raises:
            VerificationError: it was not issued to this session, was used, or is too old.
        """
        # One statement: of two requests at the same time only one deletes the row.
        deleted, _ = LoginNonce.objects.filter(
            digest=_digest(nonce),
            session=_digest(session),
            issued_at__gte=_oldest(timezone.now()),
        ).delete()
        if not deleted:
            raise VerificationError(Reason.NONCE_UNKNOWN)


def log_in(token: Mapping[str, object], *, origin: str, nonce: str, session: str) -> SignedIn:
    """Return who logged in at a department.

    Args:
        token: the login token as the page sent it.
        origin: the department's origin, from the configuration.
        nonce: the nonce the page was given.
        session: the key of the browser's session at this department.

    Raises:
        VerificationError: the nonce or the token is not accepted.
    """
    StoredNonces().redeem(nonce, session)
    holder = verify_login(
        token, origin=origin, nonce=nonce, anchors=trust_anchors(), at=timezone.now()
    )
    return SignedIn.of(holder)


def _oldest(now: datetime) -> datetime:
    return now - timedelta(seconds=NONCE_SECONDS)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()
