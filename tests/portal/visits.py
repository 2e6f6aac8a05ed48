"""A browser at one site of the portal, as far as the server can tell."""

import json
from datetime import date
from typing import Any

import msgspec
from django.http import HttpResponse
from django.test import Client

from portal import registers
from portal.departments import department
from portal.forms.filling import begin
from portal.forms.occasion import Occasion, last_closed
from tests.portal.people import Person

E1 = "91990100MAYT00013L"


class Visit:
    """Requests to one host, with cookies of their own."""

    def __init__(self, label: str, host: str = "") -> None:
        self.host = host or f"{label}.localhost:8443"
        self.origin = f"https://{self.host}"
        self.client = Client(headers={"host": self.host})

    def get(self, path: str) -> HttpResponse:
        return self.client.get(path, secure=True)

    def post(self, path: str, body: object = None) -> HttpResponse:
        text = json.dumps({} if body is None else body)
        return self.client.post(path, text, content_type="application/json", secure=True)

    def nonce(self) -> str:
        nonce: str = self.post("/login/nonce").json()["nonce"]
        return nonce

    def log_in(self, person: Person) -> HttpResponse:
        nonce = self.nonce()
        token = person.token(self.origin, nonce)
        return self.post("/login", {"nonce": nonce, "token": token})

    def offer(self, form: str, draft: dict[str, Any]) -> str:
        """Return where the offered document is."""
        answer = self.post(f"/{form}/offer", draft)
        assert answer.status_code == 200, answer.content.decode()
        path: str = answer.json()["next"]
        return path

    def document(self, offer: str) -> bytes:
        content: bytes = self.get(f"{offer}document.json").content
        return content

    def submit(self, offer: str, person: Person) -> HttpResponse:
        """Sign an offer's document and post the signature."""
        return self.post(f"{offer}signature", {"signature": person.sign(self.document(offer))})


def visit(label: str, person: Person) -> Visit:
    """Return a browser that is signed in at a department."""
    browser = Visit(label)
    assert browser.log_in(person).status_code == 200
    return browser


def occasion(label: str, form: str, today: date, uscc: str = E1) -> Occasion:
    """Return what a form is filled in for."""
    where = department(label)
    definition = where.forms[form]
    period = last_closed(definition.period, today)
    known = registers.facts(uscc, period, today)
    return Occasion(definition, where.rules, today, period, known)


def complete_draft(label: str, form: str) -> dict[str, Any]:
    """Return the draft of the clean sample case, as a page would post it."""
    draft: dict[str, Any] = msgspec.to_builtins(begin(occasion(label, form, date.today())))  # noqa: DTZ011 -- only the register's seasons depend on it
    draft["fields"]["declare_true"] = "是"
    return draft
