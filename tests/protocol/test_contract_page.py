"""PROTOCOL.md shows only what is true: its examples are messages, its limits are ours."""

import json
import re
from typing import Any

import pytest

from signet_agent.daemon.gate import MAX_FIELDS, MAX_HEAD_BYTES, Refusal
from signet_protocol import PROTOCOL_VERSION, messages
from signet_protocol.codec import decode_request
from signet_protocol.comparison import comparison_code
from tests.kit.source import TOP
from tests.protocol.vectors import CONTRACT, read, validator

pytestmark = pytest.mark.quick

TEXT = (CONTRACT / "PROTOCOL.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```json (\w+) ?(\w*)\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
REQUESTS = [text for kind, _, text in EXAMPLES if kind == "request"]
METHODS = (
    "hello",
    "login",
    "choose",
    "sign",
    "sign_batch",
    "upload",
    "sign_file",
    "decrypt",
    "cancel",
)
REPLIES = [(method, text) for kind, method, text in EXAMPLES if kind == "reply"]


def _section(number: int) -> str:
    return re.split(r"^## \d+\. .*$", TEXT, flags=re.MULTILINE)[number]


@pytest.mark.parametrize("text", REQUESTS)
def test_an_example_of_a_request_is_one(text: str) -> None:
    assert decode_request(text).id == json.loads(text)["id"]
    validator("request").validate(json.loads(text))


@pytest.mark.parametrize(("method", "text"), REPLIES)
def test_an_example_of_a_reply_is_one(method: str, text: str) -> None:
    message: dict[str, Any] = json.loads(text)
    validator("reply").validate(message)
    if method:
        validator("reply", method).validate(message["result"])


def test_every_method_has_an_example_of_both() -> None:
    methods = {json.loads(text)["method"] for text in REQUESTS}
    assert methods == set(METHODS)
    assert {method for method, _ in REPLIES} - {""} == methods - {"sign_file"}
    assert set(re.findall(r"^### (\w+)$", _section(4), re.MULTILINE)) >= methods | {"progress"}


def test_no_other_block_claims_to_be_json() -> None:
    assert len(re.findall(r"^```json", TEXT, re.MULTILINE)) == len(EXAMPLES)


def test_the_limits_are_those_of_the_records() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", _section(6), re.MULTILINE)
    assert len(rows) == 15
    for name, value in rows:
        assert getattr(messages, name) == int(value), name


def test_the_gate_answers_with_the_statuses_of_the_page() -> None:
    statuses = re.findall(r"\| (\d{3})\b[^|]*\|$", _section(2), re.MULTILINE)
    assert sorted(map(int, statuses)) == sorted(refusal.value for refusal in Refusal)
    assert f"above {MAX_HEAD_BYTES // 1024} KiB or with more than {MAX_FIELDS} fields" in TEXT


def test_the_page_and_the_list_of_errors_are_of_one_version() -> None:
    assert TEXT.startswith(f"# The contract between page and agent, version {PROTOCOL_VERSION}\n")
    assert read("schema/errors.json")["version"] == PROTOCOL_VERSION


def test_the_example_of_the_comparison_code_is_right() -> None:
    document = '{"form":"gs1/1"}'
    assert f"`{document}` it is `{comparison_code(document.encode())}`" in TEXT.replace("\n", " ")


def test_every_heading_of_the_contents_is_there() -> None:
    listed = re.findall(r"^\d+\. \[(.+)\]\(#(.+)\)$", TEXT, re.MULTILINE)
    assert [name for name, _ in listed] == re.findall(r"^## \d+\. (.+)$", TEXT, re.MULTILINE)
    for number, (name, anchor) in enumerate(listed, 1):
        assert anchor == f"{number}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}"


@pytest.mark.parametrize("page", ["protocol/PROTOCOL.md", "docs/page-developer.md"])
def test_links_to_files_lead_somewhere(page: str) -> None:
    text = (TOP / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (TOP / page).parent.joinpath(target).exists(), target
