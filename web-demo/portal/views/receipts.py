"""Step four: the receipt, the files it stands on, and the list of one's own cases."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.anchors import anchors_pem
from portal.models import Receipt
from portal.receipts import accepted_on, moment, read_receipt
from portal.texts import numeral_date, prose_period
from portal.views.desks import person_of

MAX_LISTED = 50
"""A year of monthly returns and their corrections; older ones come with a search."""


def receipt_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a receipt and its five checks, made anew."""
    receipt = _own_receipt(request, number)
    paper = read_receipt(receipt)
    return render(
        request,
        "receipt.html",
        {
            "here": "cases",
            "paper": paper,
            "period": prose_period(receipt.period),
            "accepted_on": accepted_on(receipt),
            "signed_at": moment(receipt.signed_at),
            "numeral_date": numeral_date(timezone.localdate(receipt.accepted_at)),
        },
    )


def receipt_document(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the signed bytes as a file."""
    receipt = _own_receipt(request, number)
    return _file(bytes(receipt.offer.document), "document.json", "application/json")


def receipt_signature(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the signature as a file: CMS SignedData in DER (RFC 5652)."""
    receipt = _own_receipt(request, number)
    return _file(bytes(receipt.signature), "signature.p7s", "application/pkcs7-signature")


def anchors(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- the same for everyone
    """Answer the authorities' certificates, for verifying offline."""
    return _file(anchors_pem(), "sample-authorities.pem", "application/x-pem-file")


def own_receipts(request: HttpRequest) -> HttpResponse:
    """List what this department has accepted from the enterprise."""
    person = person_of(request)
    found = Receipt.objects.select_related("case").filter(
        case__department=request.department.label, applicant_code=person.uscc
    )
    papers = [read_receipt(receipt) for receipt in found.order_by("-id")[:MAX_LISTED]]
    return render(
        request,
        "cases.html",
        {
            "here": "cases",
            "papers": [(paper, prose_period(paper.receipt.period)) for paper in papers],
        },
    )


def _own_receipt(request: HttpRequest, number: str) -> Receipt:
    person = person_of(request)
    found: Receipt | None = (
        Receipt.objects.select_related("case", "offer")
        .filter(
            case__number=number,
            case__department=request.department.label,
            applicant_code=person.uscc,
        )
        .first()
    )
    if found is None or not person.uscc:
        raise Http404
    return found


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
