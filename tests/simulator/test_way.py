"""How scripted calls end: each code of the contract, delays, and a connection that breaks."""

import json
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from signet_protocol.errors import ErrorCode
from signet_protocol.messages import Call, Result
from signet_simulator.conversation import Asker, Report
from signet_simulator.people import Crowd, Person
from signet_simulator.scripts import Order, Outcome, PersonName
from signet_simulator.way import METHODS, WINDOW_S
from tests.kit.running_agent import code_of, until
from tests.kit.running_simulator import OTHER_SITE, SITE, running_way, scene
from tests.protocol.vectors import validator
from tests.simulator.results import FORM, NONCE, base64
from tests.simulator.test_dialogues import StandIn

pytestmark = pytest.mark.quick

SIGN: dict[str, Any] = {"document": base64(FORM), "media_type": "application/json"}


@pytest.mark.parametrize("code", list(ErrorCode))
async def test_every_code_of_the_contract_can_be_produced(crowd: Crowd, code: ErrorCode) -> None:
    async with scene(crowd, code.value) as shown:
        answer = await shown.page.call("sign", **SIGN)
        after = await shown.page.call("sign", **SIGN)

    assert code_of(answer) == code.value
    assert answer["error"]["data"]["retry"] is code.page_may_retry
    assert answer["error"]["message"] == code.meaning
    assert code_of(after) == "ok"
    validator("reply").validate(answer)


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        ("allow", ["preparing", "waiting_for_person", "signing"]),
        ("refuse", ["preparing", "waiting_for_person"]),
        ("wrong-pin", ["preparing", "waiting_for_person", "signing"]),
        ("removed", ["preparing", "waiting_for_person", "signing"]),
        ("absent", ["preparing"]),
        ("busy", ["preparing"]),
        ("denied", ["preparing"]),
    ],
)
async def test_the_page_hears_how_far_a_call_came(
    crowd: Crowd, answer: str, progress: list[str]
) -> None:
    async with scene(crowd, answer) as shown:
        await shown.page.call("login", nonce=NONCE)

    assert shown.page.progress == progress


async def test_greeting_tells_every_method_and_that_this_is_a_simulator(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        page = await shown.simulator.connect(OTHER_SITE, hello=False)
        answer = await page.call("hello", version=1, client="a test")

    result = answer["result"]
    validator("reply", "hello").validate(result)
    assert set(result["methods"]) == set(METHODS.values())
    assert result["formats"] == ["cades-b", "plain"]
    assert result["agent"].endswith("-simulator")
    assert shown.watcher.events[-1] == {"event": "hello", "origin": OTHER_SITE, "client": "a test"}


async def test_orders_are_followed_one_by_one_and_then_the_default(crowd: Crowd) -> None:
    orders = (Order("refuse", times=2), Order("busy", method="choose"), "removed")
    async with scene(crowd, *orders, default="paused") as shown:
        answers = [await shown.page.call("login", nonce=NONCE) for _ in range(4)]
        chosen = await shown.page.call("choose")

    codes = ["user.refused", "user.refused", "token.removed", "agent.paused"]
    assert [code_of(each) for each in answers] == codes
    assert code_of(chosen) == "agent.busy"


async def test_a_call_that_the_contract_refuses_uses_up_no_order(crowd: Crowd) -> None:
    async with scene(crowd, "refuse") as shown:
        weak = await shown.page.call("login", nonce="c2hvcnQ=")
        answer = await shown.page.call("login", nonce=NONCE)

    assert (code_of(weak), code_of(answer)) == ("page.nonce_weak", "user.refused")


async def test_a_person_takes_her_time(crowd: Crowd) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with scene(crowd, Order("refuse", delay=2.5), sleep=sleep) as shown:
        await shown.page.call("login", nonce=NONCE)

    assert slept == [2.5]


async def test_a_window_that_nobody_answers_closes_by_itself(crowd: Crowd) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with scene(crowd, "wait", sleep=sleep) as shown:
        answer = await shown.page.call("login", nonce=NONCE)

    assert code_of(answer) == "user.timeout"
    assert slept == [0.0, WINDOW_S]


async def test_one_window_is_open_at_a_time_and_a_cancel_closes_it(crowd: Crowd) -> None:
    async with scene(crowd, "wait") as shown:
        other = await shown.simulator.connect(OTHER_SITE)
        waiting = await shown.page.send("login", nonce=NONCE)
        await until(lambda: not shown.director._waiting)
        busy = await other.call("login", nonce=NONCE)
        await shown.page.send("cancel", call=waiting)
        cancelled, ended = await shown.page.reply(), await shown.page.reply()
        after = await other.call("login", nonce=NONCE)

    assert code_of(busy) == "agent.busy"
    assert cancelled["result"] == {"cancelled": True}
    assert (ended["id"], code_of(ended)) == (waiting, "page.cancelled")
    assert code_of(after) == "ok"
    outcomes = [each["outcome"] for each in shown.watcher.events if each["event"] == "call"]
    assert outcomes == ["agent.busy", "page.cancelled", "allow"]


async def test_a_connection_breaks_without_a_closing_frame(crowd: Crowd) -> None:
    async with scene(crowd, "vanish") as shown:
        await shown.page.send("login", nonce=NONCE)
        types = [
            (await shown.page.socket.receive(timeout=20)).type
            for _ in ("preparing", "waiting", "end")
        ]
        again = await shown.simulator.connect()
        answer = await again.call("login", nonce=NONCE)

    assert types[-1] in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    assert shown.page.socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
    assert code_of(answer) == "ok"
    assert shown.watcher.events[1]["outcome"] == Outcome.VANISH.value


async def test_a_page_that_leaves_closes_its_window(crowd: Crowd) -> None:
    async with scene(crowd, "wait") as shown:
        await shown.page.send("login", nonce=NONCE)
        await until(lambda: not shown.director._waiting)
        await shown.page.close()
        await until(lambda: len(shown.watcher.events) > 1)
        page = await shown.simulator.connect()
        answer = await page.call("choose")

    assert shown.watcher.events[1]["outcome"] == "page.cancelled"
    assert code_of(answer) == "ok"


async def test_marks_are_a_chain_that_says_it_is_simulated(crowd: Crowd) -> None:
    async with scene(crowd, "refuse") as shown:
        answers = [await shown.page.call("login", nonce=NONCE) for _ in range(2)]

    marks = [answer["audit"] for answer in answers]
    assert [mark["simulated"] for mark in marks] == [True, True]
    assert marks[1]["seq"] == marks[0]["seq"] + 1
    facts = {"event": "call", "origin": SITE, "method": "login"}
    record = {"simulated": True, **facts, "outcome": "allow", "person": "enterprise"}
    text = json.dumps(record, sort_keys=True, ensure_ascii=False).encode()
    assert marks[1]["head"] == sha256(bytes.fromhex(marks[0]["head"]) + text).hexdigest()


async def test_an_order_may_name_a_person_who_is_not_here(crowd: Crowd) -> None:
    people: dict[PersonName, Person] = {"citizen": crowd.people["citizen"]}
    alone = Crowd(people, crowd.root, crowd.issuing, None)
    async with scene(alone, Order("allow", person="sm2")) as shown:
        answer = await shown.page.call("login", nonce=NONCE)

    assert code_of(answer) == "token.absent"


async def test_a_refused_message_is_told_to_who_watches(crowd: Crowd) -> None:
    async with scene(crowd) as shown:
        await shown.page.call("system.exec")

    told = {"event": "refused", "origin": SITE, "outcome": "page.unknown_method"}
    assert shown.watcher.events[-1] == told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": "A"}, "page.invalid_params"),
        ({"document": "AB=="}, "page.invalid_params"),
        ({"document": base64(b"x" * 262_145)}, "page.too_large"),
        ({"document": "A" * 349_530}, "page.too_large"),
        ({"format": "xades"}, "page.format_unsupported"),
        ({"format": "plain", "packaging": "attached"}, "page.format_unsupported"),
    ],
)
async def test_a_document_that_is_not_taken(
    crowd: Crowd, changes: dict[str, str], code: str
) -> None:
    async with scene(crowd, "refuse") as shown:
        answer = await shown.page.call("sign", **{**SIGN, **changes})

    assert code_of(answer) == code


class FaultyWay(StandIn):
    """A way with a mistake in it."""

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        raise ZeroDivisionError


async def test_a_mistake_of_the_simulator_is_an_answer_and_a_line_in_its_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running_way(FaultyWay()) as simulator:
        page = await simulator.connect()
        answer = await page.call("choose")

    assert code_of(answer) == "agent.fault"
    assert "unforeseen" in caplog.text
