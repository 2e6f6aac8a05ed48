"""The description: the same offline, valid, with examples that hold, and kept by the service."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from signet_protocol.service.examples import EXAMPLES
from signet_protocol.service.openapi import describe
from signet_protocol.service.problems import ProblemCode
from tests.kit.verification_service import RunningService
from tests.protocol.service.department import ORIGIN, OTHER_ORIGIN, encode, issue
from tests.protocol.verify.city import CONTENT, City, write_token
from tests.protocol.verify.draft import Draft

OFFLINE = Path("protocol/schema/verification-service.json")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
EXAMPLES_EACH = 50
"""Requests that schemathesis makes up for an operation, besides those it derives from limits."""

CONFIGURATION = """
[checks.positive_data_acceptance]
# 422 says that a request is as described and still cannot be: it was received in the future.
expected-statuses = ["2xx", "422"]
"""


def judge(record: str, document: object) -> None:
    """Hold a document against a schema of the description."""
    described = describe()
    schema = {"$schema": DRAFT, "$ref": f"#/components/schemas/{record}", **described}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)


def test_the_file_for_reading_offline_is_what_the_records_say_now() -> None:
    words = [sys.executable, "-m", "signet_protocol.service.openapi"]
    done = subprocess.run(words, capture_output=True, check=True)
    assert done.stdout == OFFLINE.read_bytes()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("record", "name"), [(record, name) for record, named in EXAMPLES.items() for name in named]
)
def test_an_example_is_of_its_record(record: str, name: str) -> None:
    judge(record, EXAMPLES[record][name])


@pytest.mark.quick
def test_a_wrong_example_would_be_found() -> None:
    with pytest.raises(jsonschema.ValidationError):
        judge("Nonce", {"nonce": 1, "expires_in": 300})


@pytest.mark.quick
def test_every_problem_stands_in_the_description_where_it_can_be_met() -> None:
    text = json.dumps(describe()["paths"])
    # What no described request meets: another path, another method.
    others = {ProblemCode.REQUEST_NOT_FOUND, ProblemCode.REQUEST_METHOD_UNSUPPORTED}
    assert {code for code in ProblemCode if f"`{code}`" not in text} == others


def test_the_service_tells_its_own_origins(service: RunningService) -> None:
    described = service.get("/openapi.json").json
    assert described == json.loads(json.dumps(describe((ORIGIN, OTHER_ORIGIN))))
    members = described["components"]["schemas"]["NonceRequest"]["properties"]
    assert members["origin"]["enum"] == [ORIGIN, OTHER_ORIGIN]


def test_reports_are_as_described(service: RunningService, city: City) -> None:
    nonce = issue(service)
    token = write_token(city.signer(), "p256", origin=ORIGIN, nonce=nonce)
    body = {"origin": ORIGIN, "session": "another", "nonce": nonce, "token": token}
    login = service.post("/v1/logins", body)
    draft = Draft(city.signer(), CONTENT)
    signature = service.post("/v1/signatures", {"signature": encode(draft.build())})
    judge("LoginReport", login.json)
    judge("SignatureReport", signature.json)
    judge("ProblemDetails", service.post("/v1/logins", {}).json)
    assert len(login.json["chain"]) == 3


def test_the_service_keeps_its_description_whatever_it_is_sent(
    service: RunningService, tmp_path: Path
) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION, "utf-8")
    words = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
    words += [f"{service.url}/openapi.json", "--checks", "all", "--mode", "all"]
    words += ["--max-examples", str(EXAMPLES_EACH), "--generation-deterministic"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  Tested: 5\n" in done.stdout
    assert not [line for line in service.log() if line["event"] == "fault"]
