"""The moment a signature arrives: everything that must hold before a document is accepted."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.anchors import trust_anchors
from portal.cases import Desk
from portal.models import Offer, Receipt
from portal.refusals import RefusedError
from portal.signature_facts import signer_facts
from signet_protocol.messages import decode_base64
from signet_protocol.verify import VerificationError, VerifiedSignature, verify_signature

OFFER_SECONDS = 60 * 60
"""How long an offer may be signed. The agent's window alone may stay open for a quarter of it."""

CLOCK_SECONDS = 5 * 60
"""How far the person's clock may be off. The time in a signature is a claim; one that lies before
the offer or after its arrival tells of a clock that would spoil the receipt."""


def find_offer(desk: Desk, once: str) -> Offer:
    """Return an offer of the person at the desk.

    Raises:
        RefusedError: there is none of this number for this person, form and department.
    """
    found: Offer | None = (
        Offer.objects.select_related("case")
        .filter(
            once=once,
            case__department=desk.department.label,
            case__form=desk.form.key,
            case__applicant_code=desk.person.uscc,
            case__agent_cid=desk.person.cid,
        )
        .first()
    )
    if found is None:
        raise RefusedError("no_offer", 404)
    return found


def accept(desk: Desk, offer: Offer, signature: str) -> Receipt:
    """Return the receipt of an offer whose signature, base64 of CMS DER, holds.

    Raises:
        RefusedError: it is not accepted, and nothing was changed.
    """
    desk.mandate()
    now = timezone.now()
    if hasattr(offer, "receipt"):
        raise RefusedError("accepted_before", 409)
    if now - offer.offered_at > timedelta(seconds=OFFER_SECONDS):
        raise RefusedError("offer_expired", 410)
    verified = _verify(offer, signature)
    if not desk.person.is_same_as(verified.holder):
        raise RefusedError("other_holder", 422)
    slack = timedelta(seconds=CLOCK_SECONDS)
    if not offer.offered_at - slack <= verified.signed_at <= now + slack:
        raise RefusedError("clock", 422)
    return _record(offer, signature, verified)


def _verify(offer: Offer, signature: str) -> VerifiedSignature:
    try:
        cms_der = decode_base64(signature)
    except ValueError:
        raise RefusedError("signature_unreadable", 422) from None
    try:
        return verify_signature(
            cms_der, content=bytes(offer.document), anchors=trust_anchors(), at=timezone.now()
        )
    except VerificationError as error:
        raise RefusedError.of(error) from error


def _record(offer: Offer, signature: str, verified: VerifiedSignature) -> Receipt:
    """Write the receipt; the database decides which of two equal requests was first."""
    case = offer.case
    try:
        with transaction.atomic():
            made: Receipt = Receipt.objects.create(
                case=case,
                offer=offer,
                once=offer.once,
                form=case.form,
                period=case.period,
                applicant_code=case.applicant_code,
                replaces=case.replaces,
                signature=decode_base64(signature),
                signer=signer_facts(verified),
                signed_at=verified.signed_at,
                accepted_at=timezone.now(),
            )
    except IntegrityError as error:
        raise RefusedError("accepted_before", 409) from error
    return made
