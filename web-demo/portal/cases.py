"""A case from its draft to the bytes offered for a signature."""

import json
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from portal import registers
from portal.departments import Department
from portal.forms.definition import Form
from portal.forms.document import Head, compose
from portal.forms.filling import Draft, Filling, begin, fill
from portal.forms.occasion import Occasion, last_closed
from portal.models import Case, Offer, Receipt
from portal.refusals import RefusedError
from portal.signed_in import SignedIn

ONCE_OCTETS = 16
"""128 random bits: no two documents will ever share the value."""


@dataclass(frozen=True)
class Desk:
    """A person at a department, with one of its forms before her.

    Attributes:
        department: whose form it is.
        form: the form.
        person: who is signed in.
        today: the day, in the city's time zone.
    """

    department: Department
    form: Form
    person: SignedIn
    today: date

    @property
    def period(self) -> str:
        """Return the period the form is about."""
        return last_closed(self.form.period, self.today)

    def mandate(self) -> registers.Mandate:
        """Return the mandate under which the person may do this.

        Raises:
            RefusedError: an enterprise's certificate is needed, or there is no mandate.
        """
        if not self.person.enterprise:
            raise RefusedError("enterprise_only", 403)
        act = f"{self.form.system}.{self.form.verb}"
        found = registers.mandate(self.person.uscc, self.person.cid, act, self.today)
        if found is None:
            raise RefusedError("no_mandate", 403)
        return found

    def accepted(self) -> Receipt | None:
        """Return the enterprise's last accepted document of this form and period, if any."""
        found: Receipt | None = (
            Receipt.objects.filter(
                form=self.form.key, period=self.period, applicant_code=self.person.uscc
            )
            .order_by("-id")
            .first()
        )
        return found

    def occasion(self) -> Occasion:
        """Return what the form is filled in for."""
        known = registers.facts(self.person.uscc, self.period, self.today)
        return Occasion(
            form=self.form,
            rules=self.department.rules,
            today=self.today,
            period=self.period,
            facts=known | self._last_accepted(),
        )

    def _last_accepted(self) -> dict[str, str]:
        """Return the figures of the last accepted document of an earlier period."""
        receipt = (
            Receipt.objects.filter(
                form=self.form.key, period__lt=self.period, applicant_code=self.person.uscc
            )
            .order_by("-period", "-id")
            .first()
        )
        if receipt is None:
            return {}
        members: dict[str, Any] = json.loads(bytes(receipt.offer.document))
        return {f"prev.{key}": value for key, value in members.items() if isinstance(value, str)}


def open_case(desk: Desk) -> Case:
    """Return the person's open case at this form; open one when there is none.

    Where a document was accepted already, the new case corrects it.
    """
    accepted = desk.accepted()
    case: Case
    with transaction.atomic():
        case, created = Case.objects.get_or_create(
            form=desk.form.key,
            period=desk.period,
            applicant_code=desk.person.uscc,
            agent_cid=desk.person.cid,
            replaces=accepted.case.number if accepted else "",
            defaults={
                "department": desk.department.label,
                "draft": msgspec.to_builtins(begin(desk.occasion())),
                "saved_at": timezone.now(),
            },
        )
        if created:
            prefix = desk.department.seat.prefix
            case.number = f"{prefix}-{desk.today:%Y-%m%d}-{case.id:06d}"
            case.save(update_fields=["number"])
    return case


def read_draft(case: Case) -> Draft:
    """Return a case's draft."""
    return msgspec.convert(case.draft, Draft)


def save_draft(desk: Desk, draft: Draft) -> tuple[Case, Filling]:
    """Keep what was typed, and return it judged.

    Raises:
        DraftError: it names something the form does not have; nothing is kept.
    """
    filling = fill(desk.occasion(), draft)
    case = open_case(desk)
    case.draft = msgspec.to_builtins(draft)
    case.saved_at = timezone.now()
    case.save(update_fields=["draft", "saved_at"])
    return case, filling


def offer(desk: Desk, case: Case, filling: Filling) -> Offer:
    """Return the document of a settled case, kept for its signature.

    Raises:
        RefusedError: the person may not do this, or something is still missing.
    """
    mandate = desk.mandate()
    if not filling.settled:
        raise RefusedError("unsettled", 422)
    now = timezone.now()
    head = Head(
        case_no=case.number,
        once=secrets.token_hex(ONCE_OCTETS),
        applicant={"name": desk.person.organisation, "code": desk.person.uscc},
        agent={"name": desk.person.name, "cid": desk.person.cid},
        mandate_id=mandate.id,
        filled_at=timezone.localtime(now),
        replaces=case.replaces,
    )
    made: Offer = Offer.objects.create(
        case=case,
        once=head.once,
        document=compose(desk.occasion(), filling, head),
        mandate_id=mandate.id,
        offered_at=now,
    )
    return made
