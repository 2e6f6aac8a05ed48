"""One list of errors, in five places: a code that is added in one place only fails here."""

import re

import pytest

from signet_protocol.errors import ErrorCode, ProtocolError
from tests.protocol.vectors import CONTRACT, read, vectors

pytestmark = pytest.mark.quick

LISTED = read("schema/errors.json")["errors"]
BY_CODE = {each["code"]: each for each in LISTED}
FROM_AGENT = {code for code in BY_CODE if not code.startswith("client.")}
FAULTS = {"page", "user", "token", "policy", "agent"}


def test_the_list_and_the_python_codes_are_the_same() -> None:
    assert {code.value for code in ErrorCode} == FROM_AGENT
    assert len(LISTED) == len(BY_CODE)


@pytest.mark.parametrize("code", ErrorCode)
def test_the_list_says_of_a_code_what_python_says(code: ErrorCode) -> None:
    entry = BY_CODE[code.value]
    assert entry["number"] == code.jsonrpc_code
    assert entry["retry"] == code.page_may_retry
    assert entry["meaning"] == code.meaning
    assert entry["fault"] == code.value.partition(".")[0]


@pytest.mark.parametrize("entry", LISTED, ids=list(BY_CODE))
def test_an_entry_is_whole_and_speaks_as_the_product_does(entry: dict[str, object]) -> None:
    assert re.fullmatch(r"(page|user|token|policy|agent|client)\.[a-z_]+", str(entry["code"]))
    assert entry["fault"] in FAULTS
    assert set(entry) - {"number"} == {"code", "fault", "retry", "meaning", "tell"}
    assert ("number" in entry) == (entry["code"] in FROM_AGENT)
    tell = entry["tell"]
    assert isinstance(tell, dict)
    assert list(tell) == ["zh-Hans", "en"]
    assert tell["zh-Hans"].endswith("。")
    assert tell["en"].endswith(".")
    # Cause, state, cure: no blame, no alarm, no jargon.
    assert not re.search(r"非法|失败|介质|令牌|！|错误码", tell["zh-Hans"])
    assert not re.search(r"illegal|failed|!", tell["en"], re.IGNORECASE)
    assert str(entry["code"]) not in tell["en"]


@pytest.mark.parametrize("entry", LISTED, ids=list(BY_CODE))
def test_the_contract_page_has_a_row_for_every_error(entry: dict[str, object]) -> None:
    tell = entry["tell"]
    assert isinstance(tell, dict)
    again = "yes" if entry["retry"] else "no"
    cured = "" if entry["code"] in FROM_AGENT else f" {entry['fault']} |"
    row = f"| `{entry['code']}` |{cured} {again} | {entry['meaning']} | "
    text = (CONTRACT / "PROTOCOL.md").read_text("utf-8")
    assert f"\n{row}{tell['zh-Hans']} | {tell['en']} |\n" in text


def test_the_contract_page_has_no_other_rows() -> None:
    text = (CONTRACT / "PROTOCOL.md").read_text("utf-8")
    rows = re.findall(
        r"^\| `((?:page|user|token|policy|agent|client)\.[a-z_]+)` \|", text, re.MULTILINE
    )
    assert sorted(rows) == sorted(BY_CODE)


def test_the_types_of_the_client_name_every_error_and_no_other() -> None:
    text = (CONTRACT / "js/signet.d.ts").read_text("utf-8")
    union = re.search(r"export type ErrorCode =(.*?);", text, re.DOTALL)
    assert union is not None
    assert re.findall(r'\| "([^"]+)"', union[1]) == list(BY_CODE)


def test_the_table_of_the_client_names_every_error_and_no_other() -> None:
    text = (CONTRACT / "js/errors.js").read_text("utf-8")
    assert re.findall(r'^  "([^"]+)": entry\(', text, re.MULTILINE) == list(BY_CODE)


def test_every_error_of_the_agent_is_among_the_reply_vectors() -> None:
    assert {each["outcome"] for each in vectors("replies")} >= FROM_AGENT


def test_an_error_prints_its_code_and_its_sentence() -> None:
    assert str(ProtocolError(ErrorCode.PAGE_TOO_LARGE, "x is")) == "page.too_large: x is"
    meaning = ErrorCode.PAGE_TOO_LARGE.meaning
    assert str(ProtocolError(ErrorCode.PAGE_TOO_LARGE)) == f"page.too_large: {meaning}"
