"""The schemas see what schemas can see, exactly."""

import json
from typing import Any

import jsonschema
import pytest

from signet_protocol.comparison import comparison_code
from signet_protocol.messages import decode_base64
from tests.protocol.vectors import names, read, validator, vectors, whole

ACCEPTED = vectors("accepted")
REFUSED = vectors("refused")
REPLIES = [each for each in vectors("replies") if "json" in each]
COMPARISON = vectors("comparison")


@pytest.mark.parametrize("name", ["request", "reply"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(read(f"schema/{name}.json"))


@pytest.mark.parametrize("vector", ACCEPTED, ids=names(ACCEPTED))
def test_an_accepted_request_is_valid(vector: dict[str, Any]) -> None:
    validator("request").validate(json.loads(whole(vector["text"])))


@pytest.mark.parametrize("vector", REFUSED, ids=names(REFUSED))
def test_a_refused_request_is_invalid_where_a_schema_can_tell(vector: dict[str, Any]) -> None:
    try:
        message = json.loads(whole(vector["text"]))
    except (ValueError, RecursionError):
        # No JSON at all: there is nothing to be valid.
        assert not vector["schema"]
        return
    is_valid = validator("request").is_valid(message)
    assert not (vector["schema"] and is_valid)


def test_what_only_the_reader_sees_is_only_what_a_schema_cannot() -> None:
    blind = {each["code"] for each in REFUSED if not each["schema"]}
    assert blind == {"page.malformed", "page.too_large"}


@pytest.mark.parametrize("vector", REPLIES, ids=names(REPLIES))
def test_a_reply_is_valid_where_a_page_may_take_it(vector: dict[str, Any]) -> None:
    message = vector["json"]
    is_valid = validator("reply").is_valid(message)
    if is_valid and "result" in message:
        is_valid = validator("reply", vector["method"]).is_valid(message["result"])
    assert is_valid == vector["schema"]


def test_a_notification_that_is_not_known_yet_is_valid() -> None:
    validator("reply").validate({"jsonrpc": "2.0", "method": "weather", "params": {"rain": 1}})


def test_progress_must_name_its_call() -> None:
    message = {"jsonrpc": "2.0", "method": "progress", "params": {"state": "signing"}}
    assert not validator("reply").is_valid(message)


@pytest.mark.parametrize("vector", COMPARISON, ids=names(COMPARISON))
def test_a_comparison_vector_has_the_code_of_its_document(vector: dict[str, Any]) -> None:
    assert comparison_code(decode_base64(vector["document"])) == vector["code"]
