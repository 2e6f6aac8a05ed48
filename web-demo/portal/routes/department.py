"""The addresses of a department's host; which department it is, the host has said already."""

from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from portal.views import faults, filling, landing, receipts, signing, static

call, page = faults.call, faults.page

urlpatterns = [
    path("", require_safe(landing.landing)),
    path("login/nonce", require_POST(call(landing.issue_nonce))),
    path("login", require_POST(call(landing.post_login))),
    path("logout", require_POST(landing.post_logout)),
    path("receipts/", require_safe(page(receipts.own_receipts))),
    path("receipts/<str:number>/", require_safe(page(receipts.receipt_page))),
    path("receipts/<str:number>/document.json", require_safe(page(receipts.receipt_document))),
    path("receipts/<str:number>/signature.p7s", require_safe(page(receipts.receipt_signature))),
    path("static/<str:name>", require_safe(static.static_file)),
    path("<slug:form_id>/", require_safe(page(filling.form_page))),
    path("<slug:form_id>/draft", require_POST(call(filling.post_draft))),
    path("<slug:form_id>/offer", require_POST(call(filling.post_offer))),
    path("<slug:form_id>/<slug:once>/", require_safe(page(signing.sign_page))),
    path("<slug:form_id>/<slug:once>/document.json", require_safe(page(signing.document_bytes))),
    path("<slug:form_id>/<slug:once>/signature", require_POST(call(signing.post_signature))),
]

handler404 = faults.not_found
handler500 = faults.broken
