"""Whatever goes wrong gets its own error, nothing is lost, and the next honest call works."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from signet_agent.daemon.audit import verify_chain
from signet_agent.daemon.audit.chain import Record
from signet_agent.errors import SettingsError, TokenError
from signet_protocol.errors import ErrorCode
from tests.kit.mock_token import MAX_TRIES, PIN, MockToken
from tests.kit.pki import BOTH, ENCRYPTION, ENTERPRISE, private_key
from tests.kit.running_agent import (
    NONCE,
    PORTAL,
    RunningAgent,
    code_of,
    running_agent,
    settings_in,
    until,
)

TEXT = base64.b64encode("您好".encode()).decode()


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[RunningAgent]:
    async with running_agent(tmp_path) as running:
        yield running
        assert verify_chain(running.storage.records).intact


def enterprise(agent: RunningAgent) -> MockToken:
    return next(t for t in agent.reader.present.values() if t.serial == "YT-UK-4821")


async def still_serves(agent: RunningAgent) -> bool:
    """Whether an honest login still works."""
    person = agent.prompt.person
    agent.prompt.person = replace(
        person, pins=(PIN,), refuses=False, idle=False, waits=None, dies=False
    )
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    agent.prompt.person = person
    return code_of(answer) == "ok"


def only(agent: RunningAgent, token: MockToken) -> None:
    agent.reader.present.clear()
    agent.reader.insert(token)


# --- the page ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("login", {"nonce": "short"}, "page.nonce_weak"),
        ("login", {"nonce": NONCE, "pin": "1234"}, "page.pin_forbidden"),
        ("login", {}, "page.invalid_params"),
        ("sign", {"document": "?", "media_type": "text/plain"}, "page.invalid_params"),
        ("sign", {"document": "QQ", "media_type": "text/plain"}, "page.invalid_params"),
        ("sign", {"document": "QR==", "media_type": "text/plain"}, "page.invalid_params"),
        ("sign", {"document": "A" * 360_000, "media_type": "text/plain"}, "page.too_large"),
        ("sign", {"document": TEXT, "media_type": "text/html"}, "page.format_unsupported"),
        (
            "sign",
            {"document": TEXT, "media_type": "text/plain", "format": "cades-t"},
            "page.format_unsupported",
        ),
        ("sign", {"document": TEXT, "media_type": "application/json"}, "page.document_unsuitable"),
        ("sign", {"document": "//79", "media_type": "text/plain"}, "page.document_unsuitable"),
        (
            "sign",
            {"document": TEXT, "media_type": "text/plain", "certificate": "0" * 64},
            "page.certificate_unknown",
        ),
        ("sign_document", {}, "page.unknown_method"),
    ],
)
async def test_a_page_s_mistake_is_named_and_opens_no_window(
    agent: RunningAgent, method: str, params: dict[str, object], code: str
) -> None:
    page = await agent.connect()
    assert code_of(await page.call(method, **params)) == code
    assert agent.prompt.windows == []
    assert agent.private_ops == 0
    assert await still_serves(agent)


async def test_the_largest_document_is_taken(agent: RunningAgent) -> None:
    page = await agent.connect()
    document = base64.b64encode(b"a" * (agent_limit := 256 * 1024)).decode()
    answer = await page.call("sign", document=document, media_type="text/plain")
    assert code_of(answer) in {"ok", "page.document_unsuitable"}, agent_limit


async def test_an_id_in_flight_is_not_taken_twice_and_the_first_call_is_answered_once(
    agent: RunningAgent,
) -> None:
    agent.prompt.person.waits = asyncio.Event()
    page = await agent.connect()
    request_id = await page.send("login", nonce=NONCE)
    page._next_id -= 1
    await page.send("login", nonce=NONCE)
    refused = await page.reply()
    assert (refused["id"], code_of(refused)) == (None, "page.id_in_use")
    agent.prompt.person.waits.set()
    answered = await page.reply()
    assert (answered["id"], code_of(answered)) == (request_id, "ok")


async def test_a_page_may_cancel_its_call_and_the_window_closes(agent: RunningAgent) -> None:
    agent.prompt.person.waits = asyncio.Event()
    page = await agent.connect()
    request_id = await page.send("login", nonce=NONCE)
    await until(lambda: bool(agent.prompt.records))
    await page.send("cancel", call=request_id)
    answers = [await page.reply(), await page.reply()]
    results = {answer["id"]: answer for answer in answers}
    assert code_of(results[request_id]) == "page.cancelled"
    assert results[request_id + 1]["result"] == {"cancelled": True}
    assert agent.prompt.closed == 1
    assert await still_serves(agent)
    assert (await page.call("cancel", call="none"))["result"] == {"cancelled": False}


async def test_a_closed_tab_closes_the_window_and_is_recorded(agent: RunningAgent) -> None:
    agent.prompt.person.waits = asyncio.Event()
    page = await agent.connect()
    await page.send("login", nonce=NONCE)
    await until(lambda: bool(agent.prompt.records))
    await page.close()
    await until(lambda: agent.prompt.closed == 1)
    await until(lambda: agent.bodies()[-1]["kind"] == "outcome")
    assert agent.bodies()[-1]["outcome"] == "page.cancelled"
    assert await still_serves(agent)


async def test_a_second_call_while_a_window_is_open_is_told_to_wait(agent: RunningAgent) -> None:
    agent.prompt.person.waits = asyncio.Event()
    page = await agent.connect()
    await page.send("login", nonce=NONCE)
    await until(lambda: bool(agent.prompt.records))
    other = await agent.connect()
    assert code_of(await other.call("login", nonce=NONCE)) == "agent.busy"
    agent.prompt.person.waits.set()
    assert code_of(await page.reply()) == "ok"


async def test_binary_and_broken_text_close_the_socket_with_their_codes(
    agent: RunningAgent,
) -> None:
    page = await agent.connect()
    await page.socket.send_bytes(b"{}")
    assert (await page.socket.receive()).data == 1003
    page = await agent.connect()
    await page.socket._writer.send_frame(b"\xff\xfe", aiohttp.WSMsgType.TEXT)
    assert (await page.socket.receive()).data == 1007
    page = await agent.connect()
    await page.socket.send_str("x" * (512 * 1024 + 1))
    assert (await page.socket.receive()).data == 1009
    assert await still_serves(agent)


# --- the person and the window ----------------------------------------------------------------


async def test_a_window_that_dies_is_named_and_the_next_one_works(agent: RunningAgent) -> None:
    agent.prompt.person.dies = True
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "agent.window_unavailable"
    assert await still_serves(agent)


async def test_giving_up_after_a_wrong_pin_is_all_the_page_learns(agent: RunningAgent) -> None:
    agent.prompt.person.pins = ("1111", "2222")
    page = await agent.connect()
    answer = await page.call("login", nonce=NONCE)
    assert answer["error"]["data"] == {"code": "user.pin_incorrect", "retry": True}
    assert "tries" not in json.dumps(answer)
    assert enterprise(agent).tries == MAX_TRIES - 2
    assert agent.private_ops == 0


async def test_the_last_try_is_not_spent_without_the_second_question(agent: RunningAgent) -> None:
    enterprise(agent).tries = 1
    agent.prompt.person.takes_last_try = False
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "user.refused"
    assert enterprise(agent).tries == 1
    agent.prompt.person.takes_last_try = True
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"


async def test_a_locked_token_is_told_and_no_try_is_spent(agent: RunningAgent) -> None:
    enterprise(agent).tries = 0
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "token.pin_locked"
    assert enterprise(agent).counters.pin_tries == 0


async def test_a_pin_that_locks_the_token_ends_as_locked(agent: RunningAgent) -> None:
    enterprise(agent).tries = 2
    agent.prompt.person.pins = ("1111", "2222", "3333")
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "token.pin_locked"
    assert enterprise(agent).counters.pin_tries == 2


# --- the token --------------------------------------------------------------------------------


async def test_no_token_is_named_before_a_window_opens(agent: RunningAgent) -> None:
    agent.reader.present.clear()
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "token.absent"
    assert agent.prompt.windows == []


async def test_a_token_pulled_before_signing_is_named(agent: RunningAgent) -> None:
    token = enterprise(agent)
    agent.prompt.person.on_window = lambda _: agent.reader.remove(token)
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "user.refused"
    assert token.counters.private_ops == 0


async def test_a_token_pulled_during_signing_is_named(agent: RunningAgent) -> None:
    token = enterprise(agent)
    token.before_sign = lambda: agent.reader.remove(token)
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "token.removed"
    assert agent.bodies()[-1]["outcome"] == "token.removed"


async def test_a_signature_that_does_not_verify_is_never_released(agent: RunningAgent) -> None:
    token = enterprise(agent)
    lies = [bytes(256), b"", b"\x01" * 255]

    def lie(_: bytes) -> bytes:
        return lies.pop()

    token.after_sign = lie
    while lies:
        page = await agent.connect()
        assert code_of(await page.call("login", nonce=NONCE)) == "token.fault"


@pytest.mark.parametrize(
    ("usage", "days", "code"),
    [
        (BOTH, (-20, -10), "token.certificate_expired"),
        (BOTH, (10, 20), "token.certificate_expired"),
        (ENCRYPTION, (-1, 20), "token.certificate_unsuitable"),
    ],
)
async def test_a_certificate_that_does_not_fit_is_named_before_a_window_opens(
    agent: RunningAgent, usage: frozenset[str], days: tuple[int, int], code: str
) -> None:
    key, now = private_key("rsa2048"), datetime.now(UTC)
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = agent.authority.issue(
        ENTERPRISE,
        key.public_key(),
        usage=usage,
        not_before=now + timedelta(days=days[0]),
        not_after=now + timedelta(days=days[1]),
    )
    only(agent, MockToken("YT-UK-1", key, certificate.public_bytes(Encoding.DER)))
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == code
    assert agent.prompt.windows == []


async def test_a_store_that_fails_hides_only_its_own_tokens(
    agent: RunningAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise TokenError("broken module", ErrorCode.TOKEN_FAULT)

    monkeypatch.setattr(agent.reader, "tokens", fail)
    page = await agent.connect()
    assert code_of(await page.call("login", nonce=NONCE)) == "token.absent"


# --- the log, the ports, the person's pause ---------------------------------------------------


@pytest.mark.parametrize("kind", ["intent", "consent", "outcome"])
async def test_a_full_disk_lets_nothing_out(agent: RunningAgent, kind: str) -> None:
    def full(records: Sequence[Record]) -> bool:
        return f'"kind":"{kind}"' in records[0].body

    page = await agent.connect()
    agent.storage.fails = full
    answer = await page.call("login", nonce=NONCE)
    assert code_of(answer) == "agent.audit_unavailable"
    assert "result" not in answer
    assert agent.private_ops == (1 if kind == "outcome" else 0)
    agent.storage.fails = lambda _: False
    assert await still_serves(agent)


async def test_a_paused_agent_says_so(agent: RunningAgent) -> None:
    page = await agent.connect()
    await agent.agent.obey("pause")
    assert code_of(await page.call("login", nonce=NONCE)) == "agent.paused"
    assert (await agent.agent.describe()).state == "paused"
    await agent.agent.obey("resume")
    assert code_of(await page.call("login", nonce=NONCE)) == "ok"


async def test_an_operation_that_policy_does_not_list_is_denied(tmp_path: Path) -> None:
    from tests.kit.running_agent import POLICY

    policy = POLICY.replace('"login", "choose", "sign"', '"login"')
    async with running_agent(tmp_path, policy=policy) as agent:
        page = await agent.connect()
        answer = await page.call("sign", document=TEXT, media_type="text/plain")
        assert code_of(answer) == "policy.operation_denied"
        assert agent.prompt.windows == []


async def test_a_taken_port_is_skipped_and_eight_taken_ones_are_told(tmp_path: Path) -> None:
    from signet_agent.daemon.endpoints.loopback import listen

    settings = settings_in(tmp_path)
    taken = [listen(settings.base_port)]
    assert taken[0] is not None
    second = listen(settings.base_port)
    assert second is not None
    assert second.port > taken[0].port
    taken.append(second)
    while (listener := listen(settings.base_port)) is not None:
        taken.append(listener)
    assert len(taken) <= 8
    async with running_agent(tmp_path / "one") as agent:
        with pytest.raises(SettingsError, match="all taken"):
            agent.agent.ports.open(settings.base_port, settings.tls_base_port)
    for listener in taken:
        if listener is not None:
            listener.close()


async def test_an_origin_that_is_not_allowed_meets_a_bare_403_and_is_counted(
    agent: RunningAgent,
) -> None:
    for origin in ("https://evil.example", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await agent.connect(origin)
        assert caught.value.status == 403
        assert set(caught.value.headers or {}) == {"Content-Length", "Connection"}
    view = await agent.agent.describe()
    assert {site.origin: site.count for site in view.refused} == {
        "https://evil.example": 1,
        "others": 1,
    }
    assert agent.prompt.windows == []
    assert all(token.counters.listed == 0 for token in agent.reader.present.values())
    assert PORTAL not in {site.origin for site in view.refused}
