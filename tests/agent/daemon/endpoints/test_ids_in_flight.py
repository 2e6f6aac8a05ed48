"""An id under way is answered once, by its own call, whatever else is sent under it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.running_agent import NONCE, RunningAgent, code_of, running_agent
from tests.kit.scripted_prompt import Person

FIRST = 2
"""The id of a page's first call: its greeting has 1."""


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path, person=Person(waits=asyncio.Event())) as running:
        yield running


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "login", "params": {"nonce": NONCE}}, "page.id_in_use"),
        ({"method": "hello", "params": {"version": 1}}, "page.hello_required"),
        ({"method": "nothing"}, "page.unknown_method"),
        ({"method": "login", "params": {"nonce": 1}}, "page.invalid_params"),
        ({"method": "login", "params": {"pin": "1"}}, "page.pin_forbidden"),
        ({"result": {}}, "page.invalid_request"),
    ],
)
async def test_a_message_under_an_id_in_flight_is_refused_without_that_id(
    agent: RunningAgent, message: dict[str, object], code: str
) -> None:
    page = await agent.connect()
    assert await page.send("login", nonce=NONCE) == FIRST
    await page.socket.send_str(json.dumps({"jsonrpc": "2.0", "id": FIRST, **message}))

    refusal = await page.reply()
    assert (refusal["id"], code_of(refusal)) == (None, code)

    assert agent.prompt.person.waits is not None
    agent.prompt.person.waits.set()
    answer = await page.reply()
    assert (answer["id"], code_of(answer)) == (FIRST, "ok")


async def test_an_id_that_was_answered_is_free_again(agent: RunningAgent) -> None:
    assert agent.prompt.person.waits is not None
    agent.prompt.person.waits.set()
    page = await agent.connect()
    await page.call("login", nonce=NONCE)
    await page.socket.send_str(json.dumps({"jsonrpc": "2.0", "id": FIRST, "method": "nothing"}))

    refusal = await page.reply()
    assert (refusal["id"], code_of(refusal)) == (FIRST, "page.unknown_method")
