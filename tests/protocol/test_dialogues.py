"""The conversations of the vectors follow the state table of PROTOCOL.md, line by line."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from signet_protocol import PROTOCOL_VERSION
from signet_protocol.codec import decode_request
from signet_protocol.errors import ErrorCode, ProtocolError
from signet_protocol.messages import (
    MAX_CALLS_IN_FLIGHT,
    MAX_MESSAGE_BYTES,
    Cancel,
    Hello,
    Piece,
    Request,
    RequestId,
    Upload,
    decode_piece,
)
from tests.protocol.vectors import CONTRACT, read, validator, whole

pytestmark = pytest.mark.quick

DIALOGUES = read("vectors/dialogues.json")["dialogues"]
NAMES = [each["name"] for each in DIALOGUES]
ROW = re.compile(r"^\| (greeting|ready) \| (.+?) \| (\w+) \| (.+?) \|$", re.MULTILINE)
TABLE: dict[tuple[str, str], tuple[str, str]] = {
    (state, event): (following, answer)
    for state, event, following, answer in ROW.findall(
        (CONTRACT / "PROTOCOL.md").read_text("utf-8")
    )
}
LATER = "later"


class Referee:
    """Follows one dialogue by the table and objects to a line that does not belong."""

    def __init__(self) -> None:
        self.state = "greeting"
        self.under_way: set[tuple[type, RequestId]] = set()
        self.cancelled: set[tuple[type, RequestId]] = set()
        self.expected: dict[str, Any] | None = None
        self.uploads: dict[str, int] = {}
        self.announced: dict[tuple[type, RequestId], Upload] = {}
        self.steps: list[tuple[str, str]] = []

    def page_sends(self, text: str) -> None:
        """Take a text frame of the page; what must be answered at once is ``expected``."""
        assert self.expected is None, "the agent owes an answer"
        try:
            request = decode_request(text)
        except ProtocolError as error:
            self._step("refused message")
            self.expected = _error(error.code, error.request_id)
            return
        answer = self._step(self._event(request))
        if answer == LATER:
            self.under_way.add(_key(request.id))
            if isinstance(request.call, Upload):
                self.announced[_key(request.id)] = request.call
        elif answer == "result":
            self.expected = {"id": request.id, "result": self._result(request)}
        else:
            code = ErrorCode(answer)
            in_use = code is ErrorCode.PAGE_ID_IN_USE
            self.expected = _error(code, None if in_use else request.id)

    def agent_sends(self, message: dict[str, Any]) -> None:
        """Judge a text frame of the agent."""
        if self.expected is not None:
            assert _holds(message, self.expected)
            self.expected = None
        elif message.get("method") == "received":
            assert message["params"]["octets"] == self.uploads[message["params"]["upload"]]
        elif "method" in message:
            assert _key(message["params"]["call"]) in self.under_way
        else:
            assert _key(message["id"]) in self.under_way, "nothing waits for this answer"
            self.under_way.remove(_key(message["id"]))
            was_cancelled = _key(message["id"]) in self.cancelled
            code = message.get("error", {}).get("data", {}).get("code")
            assert was_cancelled == (code == "page.cancelled")
            if self.announced.pop(_key(message["id"]), None) and code is None:
                self.uploads[message["result"]["upload"]] = message["result"]["received"]

    def page_sends_a_piece(self, piece: Piece) -> bool:
        """Take a binary frame, and return whether it is the next piece of an upload."""
        if self.uploads.get(piece.upload) != piece.offset:
            return False
        self.uploads[piece.upload] += len(piece.octets)
        return True

    def closes(self) -> None:
        """End the conversation."""
        assert self.expected is None
        self._step("closing")

    def _step(self, event: str) -> str:
        self.steps.append((self.state, event))
        self.state, answer = TABLE[self.state, event]
        return answer

    def _event(self, request: Request) -> str:
        if isinstance(request.call, Hello):
            if self.state == "ready":
                return "hello"
            is_spoken = request.call.version == PROTOCOL_VERSION
            return "hello in a version that is spoken" if is_spoken else "hello in another version"
        if self.state == "greeting":
            return "any other request"
        if _key(request.id) in self.under_way:
            return "request whose id is under way"
        if isinstance(request.call, Cancel):
            return "cancel"
        if isinstance(request.call, Upload):
            return "upload"
        is_full = len(self.under_way) >= MAX_CALLS_IN_FLIGHT
        return f"call{' while eight run' if is_full else ''}"

    def _result(self, request: Request) -> dict[str, Any]:
        if isinstance(request.call, Cancel):
            call = _key(request.call.call)
            if call in self.under_way:
                self.cancelled.add(call)
            return {"cancelled": call in self.under_way}
        return {"version": PROTOCOL_VERSION}


def _key(request_id: RequestId) -> tuple[type, RequestId]:
    return type(request_id), request_id


def _error(code: ErrorCode, request_id: RequestId | None) -> dict[str, Any]:
    data = {"code": code.value, "retry": code.page_may_retry}
    return {"id": request_id, "error": {"code": code.jsonrpc_code, "data": data}}


def _holds(message: object, part: object) -> bool:
    """Whether every member of the part is in the message."""
    if isinstance(part, dict) and isinstance(message, dict):
        return all(name in message and _holds(message[name], part[name]) for name in part)
    return message == part


def _play(dialogue: dict[str, Any]) -> Referee:
    referee = Referee()
    for line in dialogue["lines"]:
        assert referee.state != "closed"
        if "close" in line:
            referee.closes()
        elif line["from"] == "agent":
            referee.agent_sends(line["json"])
        elif "json" in line:
            referee.page_sends(json.dumps(line["json"]))
        elif "text" in line and not _is_too_large(line):
            referee.page_sends(whole(line["text"]))
        elif _is_piece(line):
            assert referee.page_sends_a_piece(decode_piece(bytes.fromhex(line["binary"])))
        # What is left is refused beneath the messages: the closing must come next.
    return referee


def _is_piece(line: dict[str, Any]) -> bool:
    """Whether a line is a binary frame that the dialogue means to be taken."""
    return "binary" in line and "refused" not in line


def _is_too_large(line: dict[str, Any]) -> bool:
    return len(whole(line.get("text", ""))) > MAX_MESSAGE_BYTES


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=NAMES)
def test_a_dialogue_follows_the_table(dialogue: dict[str, Any]) -> None:
    referee = _play(dialogue)
    assert referee.state == dialogue["final"]
    assert referee.expected is None
    assert not referee.under_way or referee.state == "closed"


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=NAMES)
def test_the_frames_that_are_no_messages_close_the_connection(dialogue: dict[str, Any]) -> None:
    for line, following in pairwise([*dialogue["lines"], {}]):
        code = 1003 if "binary" in line else 1007 if "broken" in line else 1009
        if _is_piece(line):
            assert "close" not in following
        elif "binary" in line or "broken" in line or _is_too_large(line):
            assert following == {"from": "agent", "close": code}


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=NAMES)
def test_what_the_agent_says_is_valid_with_an_audit_mark(dialogue: dict[str, Any]) -> None:
    for line in dialogue["lines"]:
        if line["from"] == "agent" and "json" in line:
            message = dict(line["json"])
            if "method" not in message:
                message["audit"] = {"seq": 1, "head": "00" * 32}
            if "error" in message:
                message["error"] = {**message["error"], "message": "Words."}
            validator("reply").validate(message)


def test_the_dialogues_walk_every_row_of_the_table() -> None:
    walked = {step for dialogue in DIALOGUES for step in _play(dialogue).steps}
    assert walked == set(TABLE)
    assert len(TABLE) == 13
