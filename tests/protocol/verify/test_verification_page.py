"""What docs/verification.md shows to back-end developers works as it is written."""

import re
from pathlib import Path
from typing import Any

import pytest

from signet_protocol.verify import Reason, VerificationPolicy
from tests.protocol.verify.city import CONTENT, City, write_token
from tests.protocol.verify.draft import Draft
from tests.protocol.verify.status import List

pytestmark = pytest.mark.quick

PAGE = Path("docs/verification.md").read_text("utf-8")
POLICY = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ORIGIN = "https://portal.city.example"


@pytest.fixture
def server(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the page from its top to its end, in a folder with the files it speaks of."""
    monkeypatch.chdir(tmp_path)
    Path("verification.toml").write_text(POLICY[0])
    Path("city.pem").write_bytes(city.hierarchy.pem)
    Path("citizen.crl").write_bytes(List(city.hierarchy.citizen).der())
    names: dict[str, Any] = {}
    for program in PROGRAMS:
        exec(compile(program, "docs/verification.md", "exec"), names)  # noqa: S102 -- our own page
    return names


def test_a_person_logs_in_once_by_the_page(city: City, server: dict[str, Any]) -> None:
    nonce = server["nonces"].issue("session")
    token = write_token(city.signer(), "p256", origin=ORIGIN, nonce=nonce)
    assert server["log_in"](token, nonce, "session") == "990101199001010011"
    assert server["log_in"](token, nonce, "session") == Reason.NONCE_UNKNOWN.sentence


def test_a_token_for_another_site_is_told_in_chinese(city: City, server: dict[str, Any]) -> None:
    nonce = server["nonces"].issue("session")
    token = write_token(city.signer(), "p256", nonce=nonce)
    assert server["log_in"](token, nonce, "session") == Reason.LOGIN_SIGNATURE_WRONG.sentence


def test_a_signature_is_accepted_by_the_page(city: City, server: dict[str, Any]) -> None:
    report = server["accept"](Draft(city.signer(), CONTENT).build(), CONTENT)
    assert report["accepted"] is True
    assert {one["reason"] for one in report["findings"]} == {Reason.REVOCATION_UNKNOWN}


def test_the_page_reads_a_list_from_a_file(city: City, server: dict[str, Any]) -> None:
    report = server["offline"].signature(Draft(city.signer(), CONTENT).build(), content=CONTENT)
    assert report.chain[0].revocation.state == "good"
    # The authority's own list is not among the files, and the policy is strict.
    assert [one.reason for one in report.errors] == [Reason.REVOCATION_UNKNOWN]


def test_every_member_of_the_policys_table_is_one() -> None:
    sections = {name: type(getattr(VerificationPolicy(), name)) for name in _sections()}
    named = set(
        re.findall(r"`((?:login|signature|identity|algorithms|revocation|timestamp)\.\w+)`", PAGE)
    )
    assert named
    for name in named:
        section, member = name.split(".")
        assert member in sections[section].__struct_fields__, name


def _sections() -> list[str]:
    return ["login", "signature", "identity", "algorithms", "revocation", "timestamp"]
