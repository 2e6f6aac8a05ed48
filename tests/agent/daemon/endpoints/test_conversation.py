"""Exactly one answer for each request, whatever happens on the way or to the page."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from signet_agent.daemon.dispatcher import Report
from signet_agent.daemon.endpoints.conversation import Conversation, Service
from signet_agent.daemon.operations.base import Asker
from signet_agent.daemon.session import State
from signet_agent.daemon.uploads import Uploads
from signet_agent.errors import TokenError
from signet_agent.model import Origin
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import AuditMark, Call, ChooseResult, HelloResult, Result
from tests.kit.running_agent import PORTAL, code_of

pytestmark = pytest.mark.quick

RESULT = ChooseResult("", "0" * 64)
_FOLDER = Path(gettempdir())
"""Where uploads would go; these conversations have none."""

MARK = AuditMark(1, "0" * 64)

Way = Callable[[Report], Awaitable[Result]]


class Talk:
    """A conversation over nothing: what was written, and what happens on the way."""

    def __init__(self, way: Way, folder: Path = _FOLDER) -> None:
        """Start after the greeting, as a POST does."""
        self.written: list[dict[str, Any]] = []
        self.gone = False
        self.changes = 0
        self._way = way
        self.uploads = Uploads(folder)
        service = Service(
            self,  # type: ignore[arg-type]  # stands for the dispatcher
            self.uploads,
            lambda: MARK,
            lambda _: HelloResult(1, "", (), (), ()),
            lambda: None,
            self._change,
        )
        self.conversation = Conversation(
            service, Asker(Origin.parse(PORTAL)), self._write, State.READY
        )

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        return await self._way(report)

    async def call(self, request_id: int = 1) -> None:
        request = {"jsonrpc": "2.0", "id": request_id, "method": "choose"}
        await self.conversation.receive(json.dumps(request))

    async def _write(self, text: str) -> None:
        if self.gone:
            raise ConnectionResetError
        self.written.append(json.loads(text))

    def _change(self) -> None:
        self.changes += 1


async def well(_: Report) -> Result:
    return RESULT


async def test_an_unforeseen_error_is_the_agents_fault_and_only_the_log_knows_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def stumble(_: Report) -> Result:
        raise KeyError("a detail")

    talk = Talk(stumble)
    await talk.call()
    await talk.conversation.settle()
    (answer,) = talk.written
    assert code_of(answer) == "agent.fault"
    assert "a detail" not in json.dumps(answer)
    assert "a detail" in caplog.text
    assert talk.changes == 1


async def test_an_error_of_the_agent_is_told_by_its_code_alone() -> None:
    async def fail(_: Report) -> Result:
        raise TokenError("CKR_DEVICE_ERROR", ErrorCode.TOKEN_FAULT)

    talk = Talk(fail)
    await talk.call()
    await talk.conversation.settle()
    (answer,) = talk.written
    assert code_of(answer) == "token.fault"
    assert "CKR" not in json.dumps(answer)


async def test_a_page_that_left_before_its_answer_troubles_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    talk = Talk(well)
    talk.gone = True
    await talk.call()
    await talk.conversation.settle()
    assert "a page left before its answer" in caplog.text
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_a_way_that_ends_well_after_the_page_left_tells_nobody() -> None:
    async def go_on(_: Report) -> Result:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return RESULT
        raise AssertionError

    talk = Talk(go_on)
    await talk.call()
    await asyncio.sleep(0)
    talk.conversation.end()
    await talk.conversation.settle()
    assert talk.written == []


async def test_progress_after_the_page_left_is_not_written() -> None:
    reports: list[Report] = []

    async def keep(report: Report) -> Result:
        reports.append(report)
        report("preparing")
        await asyncio.Event().wait()
        raise AssertionError

    talk = Talk(keep)
    await talk.call()
    await asyncio.sleep(0.01)
    assert [message["params"]["state"] for message in talk.written] == ["preparing"]
    talk.conversation.end()
    reports[0]("signing")
    await talk.conversation.settle()
    assert len(talk.written) == 1


async def test_a_cancel_in_the_same_breath_as_its_call_stops_it_and_both_are_answered() -> None:
    async def wait(_: Report) -> Result:
        await asyncio.Event().wait()
        raise AssertionError

    talk = Talk(wait)
    await talk.call(1)
    cancel = {"jsonrpc": "2.0", "id": 2, "method": "cancel", "params": {"call": 1}}
    await talk.conversation.receive(json.dumps(cancel))
    await talk.conversation.settle()
    answers = {answer["id"]: answer for answer in talk.written}
    assert answers[2]["result"] == {"cancelled": True}
    assert code_of(answers[1]) == "page.cancelled"
