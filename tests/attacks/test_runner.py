"""The runner itself: an agent that was broken on purpose is found out, whatever the case was."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from signet_agent.daemon.audit.chain import Record
from signet_agent.daemon.endpoints import conversation
from signet_agent.daemon.endpoints.client_frames import ClientFrames
from signet_agent.daemon.endpoints.conversation import Conversation
from signet_agent.daemon.gate import Refusal
from signet_agent.daemon.operations.login import LoginOperation
from signet_agent.daemon.policy import Decider
from signet_agent.daemon.refusals import Refusals
from signet_agent.daemon.session import Session
from signet_agent.errors import PageError
from signet_agent.model import Token
from signet_protocol.codec import encode_error
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import AuditMark, RequestId
from tests.attacks import runner
from tests.attacks.__main__ import OWN_CASES
from tests.attacks.case import Case, Expect, read_cases
from tests.attacks.runner import Verdict, run_case
from tests.kit.file_layer import FileLayer
from tests.kit.mock_token import PIN, MockReader

HARMLESS = "MP-22"
"""Texts that an agent refuses: enough to see what else is wrong with it."""

Break = Callable[[pytest.MonkeyPatch], None]


async def played(case_id: str) -> str:
    """Return everything that was found in one of the project's own cases, a line each."""
    (case,) = read_cases(OWN_CASES, case_id)
    return found(await run_case(case))


def found(verdict: Verdict) -> str:
    assert verdict.ok == (not verdict.findings)
    return "\n".join(finding.text for finding in verdict.findings)


async def test_an_agent_that_lets_everybody_in_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Decider, "allows_origin", lambda *_: True)

    assert "101, not [403]" in await played("OR-06")


async def test_a_window_for_a_stranger_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Decider, "allows_origin", lambda *_: True)
    monkeypatch.setattr(Decider, "admit", lambda decider, *_: decider.policy.site[0])
    findings = await played("OR-01")

    assert "a window for https://evil.example" in findings
    assert "prompts_shown: 1, not 0" in findings


async def test_a_token_that_signs_unasked_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = MockReader.tokens

    async def sign_on_listing(reader: MockReader) -> tuple[Token, ...]:
        for token in reader.present.values():
            token.counters.private_ops += 1
        return await listed(reader)

    monkeypatch.setattr(MockReader, "tokens", sign_on_listing)

    assert "3 uses of a key, 1 approvals of one" in await played(HARMLESS)


async def test_frames_that_nobody_judges_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClientFrames, "admit", lambda _, data: data)
    monkeypatch.setattr("tests.attacks.hands.PATIENCE_S", 0.5)

    assert "is E_BAD_REQUEST, not E_PROTOCOL" in await played("TR-09")
    assert "close 1000, not [1002]" in await played("TR-12")
    assert "a message inside one that began empty: ok is OK" in await played("TR-13")


async def test_an_answer_under_another_calls_id_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Session, "is_under_way", lambda *_: False)

    assert "id 7 was answered twice" in await played("MP-21")


async def test_an_answer_that_comes_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    write = Conversation._write

    async def write_twice(spoken: Conversation, text: str) -> None:
        await write(spoken, text)
        await write(spoken, text)

    monkeypatch.setattr(Conversation, "_write", write_twice)

    assert "answers too many" in await played(HARMLESS)


async def test_internals_in_a_reply_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(request_id: RequestId | None, code: ErrorCode, mark: AuditMark, _: str) -> str:
        return encode_error(request_id, code, mark, f"see {__file__}")

    monkeypatch.setattr(conversation, "encode_error", tell)

    assert "internals in a reply" in await played(HARMLESS)


async def test_a_pin_in_the_process_log_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    admit = Decider.admit

    def tell(decider: Decider, *arguments: Any) -> object:  # noqa: ANN401 -- handed on
        logging.getLogger("agent").debug("typed %s", PIN)
        return admit(decider, *arguments)

    monkeypatch.setattr(Decider, "admit", tell)

    assert "the PIN stands in the log" in await played(HARMLESS)


async def test_an_agent_that_fails_inside_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(LoginOperation, "bind", fail)
    findings = await played(HARMLESS)

    assert "an honest login ended in agent.fault" in findings
    assert "a traceback was logged" in findings


async def test_an_agent_that_refuses_honest_pages_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object) -> None:
        raise PageError("never")

    monkeypatch.setattr(LoginOperation, "prepare", refuse)

    assert "an honest login ended in page.invalid_params" in await played(HARMLESS)


async def test_a_refusal_that_tells_more_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = b"HTTP/1.1 403 \r\nServer: Signet\r\nContent-Length: 2\r\n\r\nno"
    monkeypatch.setattr(Refusal, "answer", property(lambda _: answer))
    findings = await played("OR-03")

    assert "403 carries server" in findings
    assert "403 has a body" in findings


async def test_refusals_that_nobody_counts_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Refusals, "note", lambda *_: None)
    findings = await played("OR-03")

    assert "0 refusals counted, 7 were made" in findings
    assert "0 refusals in the log, 7 were made" in findings


async def test_a_log_that_loses_a_record_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    append = FileLayer.append

    def lose(layer: FileLayer, records: Sequence[Record]) -> None:
        append(layer, [record for record in records if '"kind":"outcome"' not in record.body])

    monkeypatch.setattr(FileLayer, "append", lose)

    assert "the chain breaks at record 4" in await played(HARMLESS)


async def test_an_agent_that_is_always_slow_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Conversation.receive

    async def dawdle(spoken: Conversation, text: str) -> None:
        await asyncio.sleep(0.02)
        await receive(spoken, text)

    monkeypatch.setattr(Conversation, "receive", dawdle)
    monkeypatch.setattr("tests.attacks.hands.ANSWER_S", 0.01)

    assert "answered after 0.0 s" in await played(HARMLESS)


async def test_a_case_that_was_slow_once_is_played_again(monkeypatch: pytest.MonkeyPatch) -> None:
    played_before: list[str] = []
    act = runner._act

    async def slow_at_first(scene: Any, procedure: object) -> None:  # noqa: ANN401 -- handed on
        await act(scene, procedure)  # type: ignore[arg-type] # a procedure or none
        scene.require(played_before, "too late", slow=True)
        played_before.append("once")

    monkeypatch.setattr(runner, "_act", slow_at_first)

    assert await played(HARMLESS) == ""
    assert len(played_before) == 2


@pytest.mark.parametrize(
    ("kind", "given", "finding"),
    [
        ("ws", None, "neither an input nor a procedure"),
        ("mock_token", "'x'", "no input for the runner “mock_token”"),
        ("ws", "1 / 0", "input_py: division by zero"),
        ("ws", "12", "input_py gives int"),
        ("ws", "'{}'", "page.invalid_request is E_BAD_REQUEST, not E_UNSUPPORTED"),
        ("raw_tcp", "'X\\r\\n\\r\\n'", "400 is E_HANDSHAKE, not E_UNSUPPORTED"),
        ("raw_tcp", "'GET'", "open is E_SILENCE, not E_UNSUPPORTED"),
    ],
)
async def test_a_case_that_cannot_be_played_or_expects_something_else_fails(
    kind: str, given: str | None, finding: str
) -> None:
    expect = Expect("E_UNSUPPORTED", "", 0, 0, 0)
    case = Case("XX-01", "message parsing", "A case", kind, "", expect, input_py=given)

    assert finding in found(await run_case(case))
