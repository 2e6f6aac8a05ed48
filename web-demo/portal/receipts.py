"""An accepted document told to the person: what it says, and five checks made anew."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from portal.anchors import trust_anchors
from portal.departments import Department, department
from portal.forms.definition import Form
from portal.forms.presentation import member_text
from portal.models import Receipt
from portal.texts import prose_date, say
from signet_protocol.verify import (
    VerificationError,
    VerifiedSignature,
    comparison_code,
    verify_signature,
)


@dataclass(frozen=True)
class Finding:
    """One check: whether it holds, what was checked, and on what grounds."""

    holds: bool
    title: str
    grounds: str


@dataclass(frozen=True)
class Paper:
    """Everything a receipt shows.

    Attributes:
        receipt: the stored row.
        department: who accepted.
        form: the form's definition.
        members: the signed document.
        code: its comparison code.
        findings: the five checks.
    """

    receipt: Receipt
    department: Department
    form: Form
    members: dict[str, Any]
    code: str
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(finding.holds for finding in self.findings)

    def rows(self) -> list[tuple[str, str]]:
        """Return the lines of the document that the receipt repeats, as label and value."""
        lines = [self.form.field(key) for key in self.form.receipt.rows]
        return [
            (str(line.label), _with_unit(line.kind, member_text(line.kind, self.members[line.key])))
            for line in lines
            if line.key in self.members
        ]

    @property
    def accepted_at(self) -> str:
        """Return when it was accepted, to the second."""
        return moment(self.receipt.accepted_at)

    def next_step(self) -> str:
        """Return what comes next, filled from the signed document."""
        values = {
            line.key: member_text(line.kind, self.members[line.key])
            for line in self.form.fields
            if line.key in self.members
        }
        return str(self.form.receipt.next_step).format(**values)


def _with_unit(kind: str, text: str) -> str:
    return say("receipt.yuan", amount=text) if kind == "money" else text


def read_receipt(receipt: Receipt) -> Paper:
    """Return a receipt with its checks made anew from the stored bytes."""
    document = bytes(receipt.offer.document)
    where = department(receipt.case.department)
    form = next(form for form in where.forms.values() if form.key == receipt.form)
    return Paper(
        receipt=receipt,
        department=where,
        form=form,
        members=json.loads(document),
        code=comparison_code(document),
        findings=_findings(receipt, document),
    )


def _findings(receipt: Receipt, document: bytes) -> tuple[Finding, ...]:
    try:
        verified = verify_signature(
            bytes(receipt.signature),
            content=document,
            anchors=trust_anchors(),
            at=receipt.accepted_at,
        )
    except VerificationError as error:
        grounds = say(
            "refusal.unverified", sentence=error.reason.sentence, meaning=error.reason.meaning
        )
        return (_finding("signature", grounds, holds=False),)
    return (
        _finding("signature", _signature_grounds(receipt)),
        _finding("certificate", _certificate_grounds(receipt)),
        _finding("unchanged", _digest_grounds(verified)),
        _holder_finding(receipt, verified),
        _once_finding(receipt, json.loads(document)),
    )


def _signature_grounds(receipt: Receipt) -> str:
    signer = receipt.signer
    return say(
        "receipt.grounds.signature",
        name=signer["name"],
        organisation=signer["organisation"],
        key=signer["key"],
        tail=signer["tail"],
    )


def _certificate_grounds(receipt: Receipt) -> str:
    signer = receipt.signer
    return say(
        "receipt.grounds.certificate",
        issuer=signer["issuer"],
        start=_day(signer["not_before"]),
        end=_day(signer["not_after"]),
    )


def _digest_grounds(verified: VerifiedSignature) -> str:
    digits = verified.digest
    return "SHA-256 " + " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def _holder_finding(receipt: Receipt, verified: VerifiedSignature) -> Finding:
    case = receipt.case
    same = (verified.holder.cid, verified.holder.uscc) == (case.agent_cid, case.applicant_code)
    grounds = say("receipt.grounds.holder", mandate=receipt.offer.mandate_id)
    return _finding("holder", grounds, holds=same)


def _once_finding(receipt: Receipt, members: dict[str, Any]) -> Finding:
    # The column is unique: the same value in the document means it was accepted this once.
    grounds = say("receipt.grounds.once", accepted=moment(receipt.accepted_at))
    return _finding("once", grounds, holds=members["once"] == receipt.once)


def _finding(check: str, grounds: str, *, holds: bool = True) -> Finding:
    return Finding(holds, say(f"receipt.check.{check}"), grounds)


def moment(at: datetime) -> str:
    """Return a time in the city's zone, to the second."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def _day(text: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(text)):%Y-%m-%d}"


def accepted_on(receipt: Receipt) -> str:
    """Return the day of acceptance in prose."""
    return prose_date(timezone.localdate(receipt.accepted_at))
