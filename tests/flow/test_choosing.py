"""The person shows a page one certificate, and only then the page knows of it."""

import base64
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.kit.running_agent import NONCE, RunningAgent, code_of, running_agent

pytestmark = pytest.mark.quick


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path) as running:
        yield running


@pytest.mark.parametrize("purpose", ["login", "sign"])
async def test_the_chosen_certificate_is_shown_and_no_key_is_used(
    agent: RunningAgent, purpose: str
) -> None:
    agent.prompt.person.choice = 1
    page = await agent.connect()
    result = (await page.call("choose", purpose=purpose))["result"]
    assert result["fingerprint"] == sha256(base64.b64decode(result["certificate"])).hexdigest()
    assert agent.private_ops == 0
    assert [body["kind"] for body in agent.bodies()][-3:] == ["intent", "consent", "outcome"]


async def test_a_chosen_certificate_may_be_named_when_signing(agent: RunningAgent) -> None:
    agent.prompt.person.choice = 1
    page = await agent.connect()
    chosen = (await page.call("choose"))["result"]
    agent.prompt.person.choice = 0
    signed = await page.call(
        "sign",
        document=base64.b64encode(b"text").decode(),
        media_type="text/plain",
        certificate=chosen["fingerprint"],
    )
    assert signed["result"]["certificate"] == chosen["certificate"]
    assert len(agent.prompt.records[-1].choices) == 1


async def test_a_refused_choice_shows_nothing(agent: RunningAgent) -> None:
    agent.prompt.person.refuses = True
    page = await agent.connect()
    answer = await page.call("choose")
    assert code_of(answer) == "user.refused"
    for token in agent.reader.present.values():
        assert base64.b64encode(token.der).decode() not in str(answer)


async def test_each_state_is_told_once_so_that_no_page_counts_pins(agent: RunningAgent) -> None:
    agent.prompt.person.pins = ("1111", "2222", "246813")
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"
    assert page.progress == ["preparing", "waiting_for_person", "signing"]
