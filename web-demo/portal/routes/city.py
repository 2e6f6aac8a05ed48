"""The addresses of the city's own host."""

from django.urls import path
from django.views.decorators.http import require_safe

from portal.views import city, faults, receipts, static

urlpatterns = [
    path("", require_safe(city.home)),
    path("about/", require_safe(city.about)),
    path("sample-authorities.pem", require_safe(receipts.anchors)),
    path("static/<str:name>", require_safe(static.static_file)),
]

handler404 = faults.not_found
handler500 = faults.broken
