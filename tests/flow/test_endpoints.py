"""The same contract over wss and https, where trust was installed."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from signet_agent.daemon.endpoints.certificate import tls_context
from signet_agent.errors import SettingsError
from signet_agent.trust.authority import make_authority
from signet_agent.trust.certificate_folder import CertificateFolder
from tests.kit.running_agent import NONCE, PORTAL, RunningAgent, code_of, running_agent, until

pytestmark = pytest.mark.quick

HEADERS = {"Origin": PORTAL, "X-Signet": "1", "Content-Type": "application/json"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    CertificateFolder(tmp_path / "tls").replace(make_authority())
    return tmp_path / "tls"


@pytest.fixture
async def agent(tmp_path: Path, folder: Path) -> AsyncIterator[RunningAgent]:
    context = tls_context(folder)
    assert context is not None
    async with running_agent(
        tmp_path, change=lambda parts: replace(parts, context=context)
    ) as running:
        yield running


@pytest.fixture
def browser(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "root.pem"))


def url_of(agent: RunningAgent, scheme: str = "https") -> str:
    return f"{scheme}://localhost:{agent.agent.ports.tls_port}/v1"


def request(method: str, **params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


async def post(agent: RunningAgent, browser: ssl.SSLContext, text: str) -> tuple[Any, Any]:
    async with agent.client.post(
        url_of(agent), data=text, headers=HEADERS, ssl=browser
    ) as response:
        return await response.json(), response.headers


async def test_wss_speaks_the_contract(agent: RunningAgent, browser: ssl.SSLContext) -> None:
    async with agent.client.ws_connect(
        url_of(agent, "wss"), headers={"Origin": PORTAL}, ssl=browser
    ) as socket:
        await socket.send_str(request("hello", version=1))
        assert (await socket.receive_json())["result"]["methods"] == ["login", "choose", "sign"]


async def test_one_post_is_one_call(agent: RunningAgent, browser: ssl.SSLContext) -> None:
    answer, headers = await post(agent, browser, request("login", nonce=NONCE))
    assert code_of(answer) == "ok"
    assert headers["Access-Control-Allow-Origin"] == PORTAL
    assert "Server" not in headers
    assert "Date" not in headers
    assert agent.storage.records[-1].head.hex() == answer["audit"]["head"]


async def test_a_broken_post_gets_the_contracts_error(
    agent: RunningAgent, browser: ssl.SSLContext
) -> None:
    for text in ("{", "\udc80", request("hello", version=1)):
        octets = text.encode("utf-8", "surrogateescape")
        async with agent.client.post(
            url_of(agent), data=octets, headers=HEADERS, ssl=browser
        ) as response:
            answer = await response.json()
        assert code_of(answer).startswith("page."), answer


async def test_a_preflight_names_exactly_the_asking_origin(
    agent: RunningAgent, browser: ssl.SSLContext
) -> None:
    headers = {"Origin": PORTAL, "Access-Control-Request-Method": "POST"}
    async with agent.client.options(url_of(agent), headers=headers, ssl=browser) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == PORTAL
        assert response.headers["Access-Control-Allow-Headers"] == "content-type, x-signet"
        assert "Access-Control-Allow-Private-Network" not in response.headers


async def test_a_page_that_hangs_up_cancels_its_post(
    agent: RunningAgent, browser: ssl.SSLContext
) -> None:
    agent.prompt.person.waits = asyncio.Event()
    task = asyncio.ensure_future(post(agent, browser, request("login", nonce=NONCE)))
    await until(lambda: bool(agent.prompt.records))
    task.cancel()
    await until(lambda: agent.bodies()[-1]["kind"] == "outcome")
    assert agent.bodies()[-1]["outcome"] == "page.cancelled"
    await until(lambda: agent.prompt.closed == 1)


async def test_a_foreign_origin_gets_a_bare_refusal_over_tls_too(
    agent: RunningAgent, browser: ssl.SSLContext
) -> None:
    headers = {**HEADERS, "Origin": "https://evil.example"}
    async with agent.client.post(
        url_of(agent), data="{}", headers=headers, ssl=browser
    ) as response:
        assert response.status == 403
        assert await response.read() == b""
        assert not [name for name in response.headers if name.startswith("Access-Control")]


async def test_plain_text_at_the_tls_port_ends_the_connection(agent: RunningAgent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", agent.agent.ports.tls_port)
    writer.write(b"GET /v1 HTTP/1.1\r\n\r\n")
    assert b"HTTP" not in await reader.read()
    writer.close()


async def test_without_trust_there_is_no_tls_port(tmp_path: Path) -> None:
    async with running_agent(tmp_path / "plain") as agent:
        assert agent.agent.ports.tls_port == 0
        with pytest.raises(aiohttp.ClientConnectorError):
            await agent.client.get(f"https://localhost:{agent.port + 10}/v1")


def test_a_certificate_that_cannot_be_used_is_told(folder: Path) -> None:
    assert tls_context(folder.parent / "none") is None
    (folder / "leaf.key").write_text("no key")
    with pytest.raises(SettingsError, match="cannot be used"):
        tls_context(folder)
