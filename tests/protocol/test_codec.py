"""The reader of requests and the writer of answers, against the contract's vectors."""

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_protocol.codec import decode_request, encode_error, encode_progress, encode_result
from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import (
    AuditMark,
    CancelResult,
    ChooseResult,
    HelloResult,
    LoginResult,
    Progress,
    Request,
    Result,
    SignResult,
)
from tests.protocol.vectors import names, validator, vectors, whole

pytestmark = pytest.mark.quick

ACCEPTED = vectors("accepted")
REFUSED = vectors("refused")
ANSWERS = [each for each in vectors("replies") if each["outcome"] == "result"]
MARK = AuditMark(41, "9f" * 32)
RESULTS: dict[str, type[Result]] = {
    "hello": HelloResult,
    "login": LoginResult,
    "choose": ChooseResult,
    "sign": SignResult,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@pytest.mark.parametrize("vector", ACCEPTED, ids=names(ACCEPTED))
def test_an_accepted_vector_means_what_it_says(vector: dict[str, Any]) -> None:
    request = decode_request(whole(vector["text"]))
    assert request.id == vector["id"]
    assert type(request.id) is type(vector["id"])
    assert type(request.call).__name__.lower() == vector["method"]
    params = {
        name: whole(value) if isinstance(value, list | dict) else value
        for name, value in vector["params"].items()
    }
    assert msgspec.to_builtins(request.call) == params


@pytest.mark.parametrize("vector", REFUSED, ids=names(REFUSED))
def test_a_refused_vector_gets_its_code_and_its_id(vector: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_request(whole(vector["text"]))
    assert caught.value.code == vector["code"]
    assert caught.value.request_id == vector["id"]


@pytest.mark.parametrize("vector", REFUSED, ids=names(REFUSED))
def test_a_refusal_repeats_nothing_of_the_page(vector: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_request(whole(vector["text"]))
    reply = encode_error(None, caught.value.code, MARK, caught.value.detail)
    for word in ("123456", "evil", "extra", "origin", "税", "\\u", "enveloped"):
        assert word not in reply


@pytest.mark.parametrize("vector", REFUSED, ids=names(REFUSED))
def test_no_refusal_takes_long(vector: dict[str, Any]) -> None:
    text = whole(vector["text"])
    began = time.process_time()
    with pytest.raises(ProtocolError):
        decode_request(text)
    assert time.process_time() - began < 1


def test_every_vector_has_a_sentence_of_its_own() -> None:
    sentences = [*names(ACCEPTED), *names(REFUSED)]
    assert len(set(sentences)) == len(sentences)


def test_every_code_of_the_reader_has_a_vector() -> None:
    assert {each["code"] for each in REFUSED} == {
        "page.malformed",
        "page.too_large",
        "page.invalid_request",
        "page.pin_forbidden",
        "page.unknown_method",
        "page.invalid_params",
    }


def test_text_that_was_never_utf8_is_malformed() -> None:
    # An endpoint decodes strictly, so this cannot arrive; the reader does not rely on it.
    with pytest.raises(ProtocolError) as caught:
        decode_request('{"jsonrpc":"2.0","id":1,"method":"\ud800"}')
    assert caught.value.code is ErrorCode.PAGE_MALFORMED


def test_a_refused_parameter_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"page.invalid_params: packaging has the wrong type"):
        decode_request(
            '{"jsonrpc":"2.0","id":1,"method":"sign",'
            '"params":{"document":"","media_type":"text/plain","packaging":"x"}}'
        )


@given(st.text())
def test_any_text_is_a_request_or_refused(text: str) -> None:
    assert _is_judged(text)


@given(st.lists(st.sampled_from('{}[]",:\\u01ed8 \ntfn-.') | st.characters(), max_size=60))
def test_any_text_of_json_characters_is_a_request_or_refused(characters: list[str]) -> None:
    assert _is_judged("".join(characters))


@given(st.fixed_dictionaries({"jsonrpc": st.just("2.0"), "id": JSON, "method": JSON}), JSON)
def test_any_envelope_is_a_request_or_refused(envelope: dict[str, Any], params: object) -> None:
    assert _is_judged(json.dumps({**envelope, "params": params}))


@given(st.sampled_from(["hello", "login", "choose", "sign", "cancel"]), JSON)
def test_any_parameters_are_taken_or_refused_as_the_schema_does(
    method: str, params: object
) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        decode_request(json.dumps(message))
    except ProtocolError as error:
        if error.code is ErrorCode.PAGE_INVALID_PARAMS:
            assert not validator("request").is_valid(message)
    else:
        assert validator("request").is_valid(message)


def _is_judged(text: str) -> bool:
    try:
        return isinstance(decode_request(text), Request)
    except ProtocolError as error:
        return error.code.value.startswith("page.")


@pytest.mark.parametrize("vector", ANSWERS, ids=names(ANSWERS))
def test_a_result_is_written_as_the_vectors_have_it(vector: dict[str, Any]) -> None:
    wire = vector["json"]
    result = msgspec.convert(wire["result"], RESULTS[vector["method"]])
    written = json.loads(encode_result(wire["id"], result, AuditMark(**wire["audit"])))
    assert written == {**written, "jsonrpc": "2.0", "id": wire["id"], "audit": wire["audit"]}
    # What a newer agent adds is not ours to write.
    assert written["result"] == {
        name: value for name, value in wire["result"].items() if name != "more"
    }


@pytest.mark.parametrize("code", ErrorCode)
@pytest.mark.parametrize("request_id", [None, 0, "s-1"])
def test_an_error_is_written_whole(code: ErrorCode, request_id: str | int | None) -> None:
    assert json.loads(encode_error(request_id, code, MARK)) == {
        "jsonrpc": "2.0",
        "id": request_id,
        "error": {
            "code": code.jsonrpc_code,
            "message": code.meaning,
            "data": {"code": code.value, "retry": code.page_may_retry},
        },
        "audit": {"seq": 41, "head": "9f" * 32},
    }


def test_a_detail_takes_the_place_of_the_meaning() -> None:
    text = encode_error(1, ErrorCode.PAGE_INVALID_PARAMS, MARK, "call must be a request's id")
    assert json.loads(text)["error"]["message"] == "call must be a request's id"


def test_a_cancel_is_answered() -> None:
    assert json.loads(encode_result(5, CancelResult(cancelled=True), MARK))["result"] == {
        "cancelled": True
    }


def test_progress_is_a_notification() -> None:
    assert json.loads(encode_progress(Progress("s-1", "waiting_for_person"))) == {
        "jsonrpc": "2.0",
        "method": "progress",
        "params": {"call": "s-1", "state": "waiting_for_person"},
    }
