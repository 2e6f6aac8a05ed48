"""The conversations of the vectors, played over a real socket against the real conversation.

Only the way behind it is a stand-in: it answers as the dialogue says, when the dialogue says it.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from signet_agent.daemon.dispatcher import Report
from signet_agent.daemon.endpoints.conversation import Service
from signet_agent.daemon.endpoints.ports import Ports
from signet_agent.daemon.operations.base import Asker
from signet_agent.daemon.uploads import Uploads
from signet_agent.errors import AgentError, PolicyDeniedError
from signet_protocol.codec import encode_result
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import (
    AuditMark,
    Call,
    Choose,
    ChooseResult,
    Decrypt,
    DecryptResult,
    HelloResult,
    Login,
    LoginResult,
    Result,
    Sign,
    SignBatch,
    SignBatchResult,
    SignFile,
    SignResult,
)
from tests.kit.running_agent import PORTAL, free_base_port, until
from tests.protocol.vectors import read, whole

pytestmark = pytest.mark.quick

DIALOGUES = read("vectors/dialogues.json")["dialogues"]
NAMES = [each["name"] for each in DIALOGUES]

UPLOAD = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
"""The id of every upload of the vectors."""

MARK = AuditMark(7, "0" * 64)
OFFER = HelloResult(1, "0", ("login", "choose", "sign"), ("cades-b",), ("text/plain",))
RESULTS: dict[type[Call], type[Result]] = {
    Login: LoginResult,
    Choose: ChooseResult,
    Sign: SignResult,
    SignBatch: SignBatchResult,
    SignFile: SignResult,
    Decrypt: DecryptResult,
}

Key = tuple[type, str | int]
Message = dict[str, Any]


@dataclass
class Performance:
    """One call that reached the stand-in; it goes on until the test says how it ends."""

    call: Call
    report: Report
    end: "asyncio.Future[Result]"


@dataclass
class StandIn:
    """Stands for the way: keeps every call until it is told the answer."""

    begun: list[Performance] = field(default_factory=list)
    refuses_uploads: bool = False

    def admit_upload(self, asker: Asker) -> None:
        assert asker.origin == PORTAL
        if self.refuses_uploads:
            raise PolicyDeniedError

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        assert asker.origin == PORTAL
        end: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.begun.append(Performance(call, report, end))
        return await end


@dataclass
class Parts:
    """What the ports need besides the service."""

    context: None = None

    def is_own_user(self, _: object) -> bool:
        return True


@dataclass
class Player:
    """The page of one dialogue, and the prompter of the stand-in."""

    socket: aiohttp.ClientWebSocketResponse
    way: StandIn
    ports: Ports
    inbox: "asyncio.Queue[Message | int]" = field(default_factory=asyncio.Queue)
    running: dict[Key, Performance] = field(default_factory=dict)
    closed: bool = False

    async def listen(self) -> None:
        """Collect what the agent sends, and its closing code at the end."""
        async for message in self.socket:
            self.inbox.put_nowait(json.loads(message.data))
        self.inbox.put_nowait(self.socket.close_code or 0)

    async def play(self, line: dict[str, Any]) -> None:
        """Play one line."""
        if line["from"] == "page":
            await self._speak(line)
        elif "close" in line:
            await self._hear_the_end(line["close"])
        else:
            await self._hear(line["json"])

    def unheard_answers(self) -> list[Message]:
        """Return what the agent said beyond the dialogue."""
        rest = [self.inbox.get_nowait() for _ in range(self.inbox.qsize())]
        return [message for message in rest if isinstance(message, dict)]

    async def says(self, method: str, **params: object) -> Message:
        """Send one request besides the dialogue, and return its answer."""
        request = {"jsonrpc": "2.0", "id": "besides", "method": method, "params": params}
        await self._speak({"json": request})
        answer: Message = await self._next()
        return answer

    async def _speak(self, line: dict[str, Any]) -> None:
        if "json" in line:
            await self._send(line["json"])
        elif "text" in line:
            await self.socket.send_str(whole(line["text"]))
        elif "binary" in line:
            await self.socket.send_bytes(bytes.fromhex(line["binary"]))
        elif "broken" in line:
            octets = bytes.fromhex(line["broken"])
            await self.socket._writer.send_frame(octets, aiohttp.WSMsgType.TEXT)
        else:
            await self.socket.close(code=line["close"])
            self.closed = True

    async def _send(self, request: Message) -> None:
        """Send a request and wait until the stand-in has it, or the agent has answered it."""
        begun = len(self.way.begun)
        await self.socket.send_str(json.dumps(request))
        await until(lambda: len(self.way.begun) > begun or not self.inbox.empty())
        if len(self.way.begun) > begun:
            self.running[_key(request["id"])] = self.way.begun[-1]

    async def _hear(self, expected: Message) -> None:
        if expected.get("method") == "progress":
            progress = expected["params"]
            self.running[_key(progress["call"])].report(progress["state"])
        elif "id" in expected and _key(expected["id"]) in self.running:
            _prompt(self.running.pop(_key(expected["id"])), expected)
        message = await self._next()
        assert _holds(message, expected), message
        assert ("audit" in message) is ("method" not in expected)

    async def _hear_the_end(self, code: int) -> None:
        if code == aiohttp.WSCloseCode.GOING_AWAY:
            await self.ports.close()
        assert await self._next() == code
        self.closed = True

    async def _next(self) -> Any:  # noqa: ANN401 -- any JSON, or a closing code
        async with asyncio.timeout(10):
            return await self.inbox.get()


def _prompt(performance: Performance, answer: Message) -> None:
    """Let the stand-in answer so, unless the agent has ended the call by itself."""
    code = answer.get("error", {}).get("data", {}).get("code")
    if code == ErrorCode.PAGE_CANCELLED:
        return
    if code is not None:
        performance.end.set_exception(AgentError("as the dialogue says", ErrorCode(code)))
    else:
        kind = RESULTS[type(performance.call)]
        performance.end.set_result(msgspec.convert(answer["result"], kind))


def _key(request_id: str | int | None) -> Key:
    return type(request_id), request_id if request_id is not None else ""


def _holds(message: object, part: object) -> bool:
    """Whether every member of the part is in the message."""
    if isinstance(part, dict) and isinstance(message, dict):
        return all(name in message and _holds(message[name], part[name]) for name in part)
    return message == part


@asynccontextmanager
async def playing(folder: Path) -> AsyncIterator[Player]:
    """Open the ports with a stand-in behind them, and a page's socket."""
    way = StandIn()
    uploads = Uploads(folder, new_name=lambda: UPLOAD)
    service = Service(
        way,  # type: ignore[arg-type]  # stands for the dispatcher
        uploads,
        lambda: MARK,
        lambda _: OFFER,
        lambda: None,
        lambda: None,
    )
    ports = Ports(service, PORTAL.__eq__, lambda _: None, Parts())
    base = free_base_port()
    ports.open(base, base + 10)
    async with aiohttp.ClientSession() as client:
        url = f"ws://127.0.0.1:{ports.port}/v1"
        socket = await client.ws_connect(url, headers={"Origin": PORTAL})
        player = Player(socket, way, ports)
        listening = asyncio.ensure_future(player.listen())
        try:
            yield player
        finally:
            await ports.close()
            listening.cancel()


async def _stands(player: Player) -> str:
    """Return where the conversation stands, found out as a page can."""
    if player.closed:
        return "closed"
    answer = await player.says("hello", version=0)
    code = ErrorCode(answer["error"]["data"]["code"])
    known = {
        ErrorCode.PAGE_VERSION_UNSUPPORTED: "greeting",
        ErrorCode.PAGE_HELLO_REQUIRED: "ready",
    }
    return known[code]


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=NAMES)
async def test_the_agent_plays_its_part_of_a_dialogue(
    dialogue: dict[str, Any], tmp_path: Path
) -> None:
    async with playing(tmp_path) as player:
        player.way.refuses_uploads = dialogue["name"] == "an upload refused"
        for line in dialogue["lines"]:
            await player.play(line)
        assert await _stands(player) == dialogue["final"]
        assert not player.unheard_answers()
        if player.closed:
            await until(lambda: all(each.end.done() for each in player.way.begun))


async def test_a_line_that_the_agent_does_not_say_is_found() -> None:
    answer = json.loads(encode_result(1, OFFER, MARK))
    assert _holds(answer, {"id": 1, "result": {"version": 1}})
    assert not _holds(answer, {"id": "1", "result": {"version": 1}})
    assert not _holds(answer, {"id": 1, "error": {}})
