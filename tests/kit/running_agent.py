"""A whole agent in this process, with doubles only at its edges: keys, person, disk."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import ClientSession, ClientWebSocketResponse

from signet_agent.app import Agent, Parts, real_parts
from signet_agent.daemon.document_room import DocumentRoom
from signet_agent.daemon.policy import Policy
from signet_agent.daemon.policy.reading import parse_policy
from signet_agent.settings import Settings
from signet_protocol.messages import MAX_PIECE_BYTES, AuditMark
from tests.kit.file_layer import FileLayer
from tests.kit.mock_token import MockReader, citizen_token, enterprise_token
from tests.kit.pki import Authority
from tests.kit.scripted_prompt import Person, ScriptedPrompt

PORTAL = "https://portal.example.com"
"""The one site of the usual policy."""

POLICY = f"""
version = 1
[[site]]
origin = "{PORTAL}"
name = {{ zh-Hans = "市国家税务局", en = "City Tax Service" }}
mark = "税"
operations = ["login", "choose", "sign"]
  [[site.form]]
  id = "gs1/1"
  kind = {{ zh-Hans = "申报表", en = "tax return" }}
  title = {{ zh-Hans = "增值税纳税申报表（月报）", en = "Monthly VAT return" }}
  after = [ {{ zh-Hans = "应补税额 {{tax_due}} 元" }} ]
  total = "tax_due"
    [site.form.labels]
    tax_due = {{ zh-Hans = "本期应补税额", en = "Tax due" }}
"""

NONCE = "bm9uY2Utbm9uY2Utbm9uY2Utbm9uY2Utbm9uY2UtMDEyMw=="


def free_base_port() -> int:
    """Return a port of which the next eighteen are very likely free too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65000)


@dataclass
class RunningAgent:
    """An agent, and everything a test looks at."""

    agent: Agent
    prompt: ScriptedPrompt
    reader: MockReader
    storage: FileLayer
    witnessed: list[AuditMark]
    authority: Authority
    client: ClientSession
    _pages: list["Page"] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.agent.ports.port

    @property
    def private_ops(self) -> int:
        return sum(token.counters.private_ops for token in self.reader.present.values())

    def bodies(self) -> list[dict[str, Any]]:
        """Return the log's records, parsed."""
        return [json.loads(record.body) for record in self.storage.records]

    async def connect(self, origin: str = PORTAL, *, hello: bool = True) -> "Page":
        """Open a page's socket and, unless told otherwise, greet."""
        socket_ = await self.client.ws_connect(
            f"ws://127.0.0.1:{self.port}/v1", headers={"Origin": origin}, max_msg_size=0
        )
        page = Page(socket_)
        if hello:
            await page.call("hello", version=1)
        return page


class Page:
    """A department's page, without a browser."""

    def __init__(self, socket_: ClientWebSocketResponse) -> None:
        """Speak over an open socket."""
        self.socket = socket_
        self.progress: list[str] = []
        self.received = 0
        self._next_id = 0

    async def send(self, method: str, **params: object) -> int:
        """Send one request and return its id."""
        self._next_id += 1
        request = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}
        await self.socket.send_str(json.dumps(request))
        return self._next_id

    async def reply(self) -> dict[str, Any]:
        """Return the next answer, whatever its id; progress is kept aside."""
        while True:
            async with asyncio.timeout(20):
                message = json.loads(await self.socket.receive_str())
            if "method" not in message:
                return dict(message)
            if message["method"] == "progress":
                self.progress.append(message["params"]["state"])
            else:
                self.received = message["params"]["octets"]

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        """Send one request and return its answer."""
        request_id = await self.send(method, **params)
        answer = await self.reply()
        assert answer["id"] == request_id, answer
        return answer

    async def upload(self, content: bytes) -> str:
        """Send a file in pieces, as fast as the agent takes them, and return its id."""
        begun = (await self.call("upload", size=len(content)))["result"]
        await self.send_pieces(begun["upload"], content)
        return str(begun["upload"])

    async def send_pieces(self, upload: str, content: bytes, start: int = 0) -> None:
        """Send the pieces of a file from an offset on."""
        for offset in range(start, len(content), MAX_PIECE_BYTES):
            head = bytes.fromhex(upload) + offset.to_bytes(8, "big")
            await self.socket.send_bytes(head + content[offset : offset + MAX_PIECE_BYTES])

    async def close(self) -> None:
        await self.socket.close()


def code_of(answer: dict[str, Any]) -> str:
    """Return an answer's error code, or ``ok``."""
    return str(answer["error"]["data"]["code"]) if "error" in answer else "ok"


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has happened on the other side of a socket, twenty seconds at most."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 -- what is watched has no event of its own
            await asyncio.sleep(0.01)


def settings_in(folder: Path, base_port: int | None = None) -> Settings:
    base = free_base_port() if base_port is None else base_port
    return Settings(
        policy_file=folder / "policy.toml",
        machine_policy=False,
        state_dir=folder,
        runtime_dir=folder,
        base_port=base,
        tls_base_port=base + 10,
    )


@asynccontextmanager
async def running_agent(
    folder: Path,
    *,
    policy: str | Policy = POLICY,
    person: Person | None = None,
    change: Callable[[Parts], Parts] = lambda parts: parts,
    base_port: int | None = None,
) -> AsyncIterator[RunningAgent]:
    """Run an agent with a scripted person, mock tokens and the real document room.

    Without ``base_port`` it listens where nobody looks for it by itself.
    """
    settings = settings_in(folder, base_port)
    authority = Authority.create("云汀市证书服务中心（示例）")
    reader = MockReader(enterprise_token(authority), citizen_token(authority))
    prompt, storage, witnessed = ScriptedPrompt(person), FileLayer(), list[AuditMark]()
    decided = parse_policy(policy) if isinstance(policy, str) else policy
    real = real_parts(settings, decided)
    real.storage.close()
    parts = change(
        Parts(
            stores=[reader],
            prompt=prompt,
            documents=real.documents,
            storage=storage,
            witness=witnessed.append,
            is_own_user=real.is_own_user,
            context=real.context,
        )
    )
    agent = Agent(settings, decided, parts)
    await agent.start()
    assert isinstance(parts.documents, DocumentRoom)
    async with aiohttp.ClientSession() as client:
        try:
            yield RunningAgent(agent, prompt, reader, storage, witnessed, authority, client)
        finally:
            await agent.stop()
