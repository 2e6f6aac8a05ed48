"""Step three: the document that was offered, its bytes, and its signature."""

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from portal.documents_shown import DocumentView
from portal.submission import accept, find_offer
from portal.texts import prose_period, sayings
from portal.views.desks import desk_of
from portal.views.json_body import read_body
from signet_protocol.verify import comparison_code


class SignatureAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """What the page's script posts: CMS SignedData in DER, base64."""

    signature: str


def sign_page(request: HttpRequest, form_id: str, once: str) -> HttpResponse:
    """Show what will be signed, and its comparison code."""
    desk = desk_of(request, form_id)
    offer = find_offer(desk, once)
    if hasattr(offer, "receipt"):
        return HttpResponseRedirect(f"/receipts/{offer.case.number}/")
    document = bytes(offer.document)
    return render(
        request,
        "sign.html",
        {
            "here": "services",
            "form": desk.form,
            "period": prose_period(offer.case.period),
            "case": offer.case,
            "shown": DocumentView(desk.form, document),
            "code": comparison_code(document),
            "script_texts": sayings("script"),
        },
    )


def document_bytes(request: HttpRequest, form_id: str, once: str) -> HttpResponse:
    """Answer exactly the bytes that were offered."""
    offer = find_offer(desk_of(request, form_id), once)
    return HttpResponse(bytes(offer.document), content_type="application/json")


def post_signature(request: HttpRequest, form_id: str, once: str) -> HttpResponse:
    """Judge a signature; answer where the receipt is.

    Raises:
        RefusedError: the signature is not accepted.
    """
    desk = desk_of(request, form_id)
    answer = read_body(request, SignatureAnswer)
    receipt = accept(desk, find_offer(desk, once), answer.signature)
    return JsonResponse({"next": f"/receipts/{receipt.case.number}/"})
