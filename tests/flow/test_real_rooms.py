"""From a page's socket to a key in a real token room, and what is left when its module fails."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signet_agent.app import real_parts, token_rooms
from signet_agent.daemon import token_room
from signet_agent.daemon.audit import verify_chain
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.tokens.software import SoftwareKey, create_token
from signet_protocol.verify import TrustAnchors, verify_login, verify_signature
from tests.kit import pki, softhsm
from tests.kit.envelope import sealed
from tests.kit.running_agent import (
    NONCE,
    POLICY,
    PORTAL,
    Page,
    RunningAgent,
    code_of,
    running_agent,
    settings_in,
)
from tests.kit.scripted_prompt import Person
from tests.kit.shim.build import FaultyModule
from tests.kit.softhsm import SoftHsm, dual_pair, module_path, single_key

ANY_OPERATION = POLICY.replace('"sign"]', '"sign", "decrypt"]')
RECOVERY_S = 2.0
"""A fresh room must sign within this, start included."""

DEADLINE_S = 0.5
"""Stands for the ten seconds a slow card may take."""

CONTENT = "您好".encode()
DOCUMENT = base64.b64encode(CONTENT).decode()

Run = Callable[..., AbstractAsyncContextManager[RunningAgent]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, city: pki.Hierarchy) -> SoftHsm:
    made = SoftHsm.create(tmp_path_factory.mktemp("tokens") / "hsm")
    made.add_token("云汀样例科技", dual_pair(city.enterprise))
    return made


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FaultyModule:
    return FaultyModule.compile(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def hsm(filled: SoftHsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """Return tokens of this test's own, where the rooms will look for them."""
    copied = filled.copy(tmp_path / "hsm")
    monkeypatch.setenv("SOFTHSM2_CONF", str(copied.configuration))
    return copied


@pytest.fixture
def shim(compiled: FaultyModule, tmp_path: Path) -> FaultyModule:
    return compiled.copy(tmp_path / "shim")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run an agent whose key stores are real rooms, of the modules that these lines name."""

    def start(*stores: str, pin: str = softhsm.PIN) -> AbstractAsyncContextManager[RunningAgent]:
        policy = parse_policy(ANY_OPERATION + "\n".join(stores))
        return running_agent(
            tmp_path,
            policy=policy,
            person=Person(pins=(pin,)),
            change=lambda parts: replace(parts, stores=token_rooms(policy)),
        )

    return start


@pytest.fixture
async def agent(run: Run, hsm: SoftHsm, shim: FaultyModule) -> AsyncIterator[RunningAgent]:
    """Return an agent over the faulty module, which has no fault yet."""
    async with run(module("faulty", shim.path)) as running:
        yield running
        assert verify_chain(running.storage.records).intact
    assert rooms_of_this_process() == []


def module(name: str, path: Path) -> str:
    return f'[[module]]\nname = "{name}"\npath = "{path}"\n'


def rooms_of_this_process() -> list[str]:
    """Return the command lines of rooms that were started here and still live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid() and "room" in words:
            found.append(" ".join(words))
    return found


async def logs_in(page: Page, anchors: TrustAnchors) -> str:
    """Log in, have the department verify it, and return who it was."""
    answer = await page.call("login", nonce=NONCE)
    assert code_of(answer) == "ok", answer
    token = answer["result"]["token"]
    now = datetime.now(UTC)
    return verify_login(token, origin=PORTAL, nonce=NONCE, anchors=anchors, at=now).name


async def signs(page: Page, anchors: TrustAnchors) -> bytes:
    """Sign a document, have the department verify it, and return what was signed."""
    answer = await page.call("sign", document=DOCUMENT, media_type="text/plain")
    assert code_of(answer) == "ok", answer
    signed = base64.b64decode(answer["result"]["signature"])
    now = datetime.now(UTC)
    return verify_signature(signed, content=CONTENT, anchors=anchors, at=now).content


async def fails(agent: RunningAgent) -> dict[str, Any]:
    page = await agent.connect()
    return await page.call("login", nonce=NONCE)


async def recovers(agent: RunningAgent, city: pki.Hierarchy) -> bool:
    """Whether the next honest call is served in time."""
    page = await agent.connect()
    begin = time.monotonic()
    await logs_in(page, TrustAnchors.from_pem(city.pem))
    return time.monotonic() - begin < RECOVERY_S


# --- honest modules ---------------------------------------------------------------------------


async def test_a_pkcs11_token_logs_in_and_signs_what_departments_verify(
    run: Run, hsm: SoftHsm, city: pki.Hierarchy
) -> None:
    anchors = TrustAnchors.from_pem(city.pem)
    async with run(module("softhsm", module_path())) as agent:
        page = await agent.connect()
        assert await logs_in(page, anchors) == "张三 样例"
        assert await signs(page, anchors) == CONTENT
        (choice,) = agent.prompt.records[-1].choices
        assert (choice.organisation, choice.demo) == ("云汀样例科技有限公司", False)


@pytest.mark.parametrize("padding", ["pkcs1", "oaep"])
async def test_a_pkcs11_token_opens_an_envelope_with_the_other_key_of_its_pair(
    run: Run, hsm: SoftHsm, tmp_path: Path, padding: str
) -> None:
    async with run(module("softhsm", module_path())) as agent:
        (token,) = await agent.agent._keys.tokens()
        opening = next(each for each in token.certificates if each.only_opens)
        words = ("-aes-256-cbc", "-keyopt", f"rsa_padding_mode:{padding}")
        envelope = base64.b64encode(sealed(tmp_path, opening.der, CONTENT, *words)).decode()
        page = await agent.connect()
        answer = await page.call("decrypt", envelope=envelope)
        assert base64.b64decode(answer["result"]["content"]) == CONTENT
        assert base64.b64decode(answer["result"]["certificate"]) == opening.der


async def test_a_card_with_one_curve_key_logs_in_and_signs(
    run: Run, tmp_path: Path, city: pki.Hierarchy, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = SoftHsm.create(tmp_path / "card")
    card.add_token("市民卡", single_key(city.citizen))
    monkeypatch.setenv("SOFTHSM2_CONF", str(card.configuration))
    anchors = TrustAnchors.from_pem(city.pem)
    async with run(module("softhsm", module_path())) as agent:
        page = await agent.connect()
        assert await logs_in(page, anchors) == "张三 样例"
        assert await signs(page, anchors) == CONTENT


async def test_a_software_token_logs_in_and_signs_and_is_shown_as_a_demonstration(
    run: Run, tmp_path: Path, city: pki.Hierarchy
) -> None:
    key = pki.private_key("p256")
    create_token(
        tmp_path / "token",
        label="市民卡",
        serial="YT-SMK-0073",
        pin=bytearray(b"246813"),
        keys=[SoftwareKey("01", key, city.citizen.issue(pki.CITIZEN, key.public_key()))],
        kind="card",
    )
    anchors = TrustAnchors.from_pem(city.pem)
    async with run(f'[[software]]\npath = "{tmp_path / "token"}"\n', pin="246813") as agent:
        page = await agent.connect()
        assert await logs_in(page, anchors) == "张三 样例"
        assert await signs(page, anchors) == CONTENT
        assert all(choice.demo for choice in agent.prompt.records[-1].choices)


async def test_a_wrong_pin_is_the_tokens_own_no_and_a_right_one_signs_in_the_same_window(
    agent: RunningAgent, city: pki.Hierarchy, shim: FaultyModule
) -> None:
    agent.prompt.person = replace(agent.prompt.person, pins=("73519285", softhsm.PIN))
    page = await agent.connect()
    assert await logs_in(page, TrustAnchors.from_pem(city.pem))
    assert len(agent.prompt.windows) == 1
    assert (shim.calls("C_Login"), shim.calls("C_Sign")) == (2, 1)


async def test_no_login_outlives_its_consent(agent: RunningAgent, shim: FaultyModule) -> None:
    page = await agent.connect()
    for _ in range(2):
        assert code_of(await page.call("login", nonce=NONCE)) == "ok"
    assert shim.calls("C_Login") == shim.calls("C_Logout") == 2
    assert shim.calls("C_OpenSession") == shim.calls("C_CloseSession")


# --- modules that fail ------------------------------------------------------------------------


async def test_a_module_that_hangs_is_ended_at_its_deadline(
    agent: RunningAgent, city: pki.Hierarchy, shim: FaultyModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await recovers(agent, city)
    monkeypatch.setattr(token_room, "SIGN_DEADLINE_S", DEADLINE_S)
    shim.set("C_Sign hang")
    begin = time.monotonic()
    assert code_of(await fails(agent)) == "token.timeout"
    assert DEADLINE_S <= time.monotonic() - begin < DEADLINE_S + 1.0
    shim.set()
    assert await recovers(agent, city)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("C_Sign crash", "token.fault"),
        ("C_Login crash", "token.fault"),
        ("C_Sign garbage", "token.fault"),
        ("C_Sign shorten:255", "token.fault"),
        ("C_Sign 0x5", "token.fault"),
        ("C_Sign pull", "token.removed"),
    ],
)
async def test_a_module_that_fails_releases_nothing_and_costs_one_call(
    agent: RunningAgent, city: pki.Hierarchy, shim: FaultyModule, fault: str, code: str
) -> None:
    shim.set(fault)
    answer = await fails(agent)
    assert code_of(answer) == code
    assert "result" not in answer
    assert agent.bodies()[-1]["outcome"] == code
    shim.set()
    assert await recovers(agent, city)


@pytest.mark.parametrize("fault", ["hang", "crash", "0x5"])
async def test_a_module_that_cannot_even_list_hides_only_its_own_tokens(
    run: Run,
    hsm: SoftHsm,
    city: pki.Hierarchy,
    shim: FaultyModule,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr(token_room, "OPEN_DEADLINE_S", RECOVERY_S)
    shim.set(f"C_GetSlotList {fault}")
    both = (module("faulty", shim.path), module("softhsm", module_path()))
    async with run(*both) as agent:
        page = await agent.connect()
        assert await logs_in(page, TrustAnchors.from_pem(city.pem))
        assert len(agent.prompt.records[-1].choices) == 1


async def test_a_page_that_leaves_while_the_token_works_does_not_break_the_next_call(
    agent: RunningAgent, city: pki.Hierarchy, shim: FaultyModule
) -> None:
    assert await recovers(agent, city)
    before = shim.calls("C_Sign")
    shim.set("C_Sign sleep:300")
    page = await agent.connect()
    await page.send("login", nonce=NONCE)
    async with asyncio.timeout(5):
        while shim.calls("C_Sign") == before:  # noqa: ASYNC110 -- the module has no event
            await asyncio.sleep(0.01)
    await page.close()
    shim.set()
    assert await recovers(agent, city)
    outcomes = [body["outcome"] for body in agent.bodies() if body["kind"] == "outcome"]
    assert outcomes == ["done", "page.cancelled", "done"]


# --- no screen --------------------------------------------------------------------------------


async def test_without_a_screen_nothing_is_asked_and_nothing_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    spare = real_parts(settings_in(tmp_path / "spare"), parse_policy(POLICY))
    spare.storage.close()
    async with running_agent(
        tmp_path, change=lambda parts: replace(parts, prompt=spare.prompt)
    ) as agent:
        for _ in range(2):
            assert code_of(await fails(agent)) == "agent.window_unavailable"
        await agent.agent.presence.show_tray()
        await agent.agent.obey("status")
        assert agent.private_ops == 0
    assert rooms_of_this_process() == []
