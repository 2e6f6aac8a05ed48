"""From a page's socket to a verified signature, with doubles only at the edges."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signet_protocol.verify import TrustAnchors, verify_login, verify_signature
from tests.kit.running_agent import NONCE, PORTAL, RunningAgent, code_of, running_agent

pytestmark = pytest.mark.quick

FORM = b'{"form":"gs1/1","tax_due":"48627.65"}'


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path) as running:
        yield running


def anchors_of(agent: RunningAgent) -> TrustAnchors:
    return TrustAnchors.from_pem(agent.authority.pem)


async def test_a_login_token_is_what_the_department_verifies(agent: RunningAgent) -> None:
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    holder = verify_login(
        answer["result"]["token"],
        origin=PORTAL,
        nonce=NONCE,
        anchors=anchors_of(agent),
        at=datetime.now(UTC),
    )
    assert holder.organisation == "云汀样例科技有限公司"
    assert page.progress == ["preparing", "waiting_for_person", "signing"]


@pytest.mark.parametrize("packaging", ["detached", "attached"])
@pytest.mark.parametrize("choice", [0, 1])
async def test_a_signed_form_is_what_the_department_verifies(
    agent: RunningAgent, packaging: str, choice: int
) -> None:
    agent.prompt.person.choice = choice
    page = await agent.connect()
    answer = await page.call(
        "sign",
        document=base64.b64encode(FORM).decode(),
        media_type="application/json",
        packaging=packaging,
    )
    signed = base64.b64decode(answer["result"]["signature"])
    verified = verify_signature(
        signed,
        content=FORM if packaging == "detached" else None,
        anchors=anchors_of(agent),
        at=datetime.now(UTC),
    )
    assert verified.content == FORM
    record = agent.prompt.records[-1]
    assert record.kind == "申报表"
    assert record.paper.title == "增值税纳税申报表（月报）"
    assert record.after == ("应补税额 48,627.65 元",)


async def test_every_reply_carries_where_the_log_stands_and_the_log_tells_the_act(
    agent: RunningAgent,
) -> None:
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    last = agent.storage.records[-1]
    assert answer["audit"] == {"seq": last.seq, "head": last.head.hex()}
    kinds = [body["kind"] for body in agent.bodies()]
    assert kinds == ["start", "intent", "consent", "outcome"]
    assert "246813" not in json.dumps(agent.bodies())


async def test_a_refusal_is_told_and_no_key_was_touched(agent: RunningAgent) -> None:
    agent.prompt.person.refuses = True
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "user.refused"
    assert agent.private_ops == 0
    assert agent.bodies()[-1]["outcome"] == "user.refused"


async def test_a_wrong_pin_stays_in_the_window_and_a_right_one_signs(agent: RunningAgent) -> None:
    agent.prompt.person.pins = ("1111", "246813")
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"
    assert len(agent.prompt.records) == 1
    assert [body["kind"] for body in agent.bodies()].count("consent") == 2
