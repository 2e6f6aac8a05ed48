"""SM2 certificates at the departments, beside those of ECDSA."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.models import Receipt
from signet_protocol.gm.gmt0010 import Dialect, write_attributes, write_signed_message
from signet_protocol.gm.sm3 import sm3
from tests.kit.national import Sm2Authority, Sm2Person
from tests.portal.people import ZHANG, Person
from tests.portal.visits import Visit, complete_draft, visit


@dataclass(frozen=True)
class NationalPerson(Person):
    """A holder of an SM2 certificate."""

    holder: Sm2Person
    dialect: Dialect

    def token(self, origin: str, nonce: str) -> dict[str, str]:
        """Return a login token in SM2's own form."""
        signed = b"SIGNET-SM2-LOGIN" + sm3(origin.encode()) + sm3(nonce.encode())
        return {
            "unverifiedCertificate": b64encode(self.holder.der).decode(),
            "algorithm": "SM2",
            "signature": b64encode(self.holder.sign(signed)).decode(),
            "appVersion": "signet/0",
            "format": "signet-sm2:1",
        }

    def sign(self, document: bytes) -> str:
        """Return a detached message of GM/T 0010, in base64."""
        now = datetime.now(UTC).replace(microsecond=0)
        attributes = write_attributes(sm3(document), now, self.dialect)
        message = write_signed_message(
            self.holder.certificate,
            self.holder.sign(attributes),
            content=None,
            attributes=attributes,
            dialect=self.dialect,
        )
        return b64encode(message).decode()


@pytest.fixture(params=Dialect)
def national(
    request: pytest.FixtureRequest, national_authority: Sm2Authority, tmp_path: Path
) -> NationalPerson:
    """Return the agent of enterprise E1 with an SM2 certificate."""
    return NationalPerson(tmp_path, national_authority.issue(ZHANG), request.param)


def test_a_person_logs_in_and_signs_with_sm2(national: NationalPerson) -> None:
    browser = visit("guoshui", national)
    browser.get("/gs1/")

    answer = browser.submit(browser.offer("gs1", complete_draft("guoshui", "gs1")), national)

    receipt = Receipt.objects.get()
    assert receipt.signer["key"] == "SM2"
    assert answer.json() == {"next": f"/receipts/{receipt.case.number}/"}
    assert "五项核验全部通过" in browser.get(answer.json()["next"]).content.decode()


def test_who_logged_in_with_another_algorithm_may_sign_with_sm2(
    zhang: Person, national: NationalPerson
) -> None:
    browser = visit("guoshui", zhang)
    browser.get("/gs1/")

    answer = browser.submit(browser.offer("gs1", complete_draft("guoshui", "gs1")), national)

    assert answer.status_code == 200
    assert Receipt.objects.count() == 1


def test_an_sm2_authority_that_nobody_named_is_not_trusted(tmp_path: Path) -> None:
    stranger = Sm2Authority.create("别处的国密 CA").issue(ZHANG)
    browser = Visit("guoshui")

    answer = browser.log_in(NationalPerson(tmp_path, stranger, Dialect.GM))

    assert answer.status_code == 422
