"""The conversations of the vectors, played over a real socket against the simulator.

Only the way behind the conversation is a stand-in: it answers as the dialogue says.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
import pytest

from signet_protocol.errors import ErrorCode
from signet_protocol.messages import (
    AuditMark,
    Call,
    Choose,
    ChooseResult,
    Decrypt,
    DecryptResult,
    Hello,
    HelloResult,
    Login,
    LoginResult,
    Result,
    Sign,
    SignBatch,
    SignBatchResult,
    SignFile,
    SignResult,
    Upload,
    UploadResult,
)
from signet_simulator.conversation import Asker, Report
from signet_simulator.errors import CallEndedError
from signet_simulator.uploads import Uploads
from tests.kit.running_agent import until
from tests.kit.running_simulator import SITE, RunningSimulator, running_way
from tests.protocol.vectors import read, whole

pytestmark = pytest.mark.quick

DIALOGUES = read("vectors/dialogues.json")["dialogues"]
UPLOAD = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

RESULTS: dict[type[Call], type[Result]] = {
    Login: LoginResult,
    Choose: ChooseResult,
    Sign: SignResult,
    SignBatch: SignBatchResult,
    SignFile: SignResult,
    Decrypt: DecryptResult,
    Upload: UploadResult,
}

Message = dict[str, Any]
Key = tuple[type, str | int]


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
    uploads: Uploads = field(default_factory=lambda: Uploads(make_id=lambda: UPLOAD))

    def greet(self, asker: Asker, hello: Hello) -> HelloResult:
        assert asker.origin == SITE
        return HelloResult(hello.version, "0", ("login",), ("cades-b",), ("text/plain",))

    async def perform(self, asker: Asker, call: Call, report: Report) -> Result:
        end: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.begun.append(Performance(call, report, end))
        result = await end
        if isinstance(call, Upload):
            self.uploads.begin(asker.origin, asker, call)
        return result

    def mark(self) -> AuditMark:
        return AuditMark(7, "0" * 64)

    def refused(self, asker: Asker, code: ErrorCode) -> None:
        assert code.value.startswith("page.")


@dataclass
class Player:
    """The page of one dialogue, and the prompter of the stand-in."""

    socket: aiohttp.ClientWebSocketResponse
    way: StandIn
    simulator: RunningSimulator
    inbox: "asyncio.Queue[Message | int]" = field(default_factory=asyncio.Queue)
    running: dict[Key, Performance] = field(default_factory=dict)
    closed: bool = False

    async def listen(self) -> None:
        """Collect what comes, and the closing code at the end."""
        async for message in self.socket:
            self.inbox.put_nowait(json.loads(message.data))
        self.inbox.put_nowait(self.socket.close_code or 0)

    async def play(self, line: Message) -> None:
        """Play one line."""
        if line["from"] == "page":
            await self._speak(line)
        elif "close" in line:
            if line["close"] == aiohttp.WSCloseCode.GOING_AWAY:
                await self.simulator.server.say_goodbye()
            assert await self.next() == line["close"]
            self.closed = True
        else:
            await self._hear(line["json"])

    async def stands(self) -> str:
        """Return where the conversation stands, found out as a page can."""
        if self.closed:
            return "closed"
        request = {"jsonrpc": "2.0", "id": "x", "method": "hello", "params": {"version": 0}}
        await self.socket.send_str(json.dumps(request))
        answer = await self.next()
        assert isinstance(answer, dict)
        codes = {"page.version_unsupported": "greeting", "page.hello_required": "ready"}
        return codes[answer["error"]["data"]["code"]]

    async def next(self) -> Message | int:
        """Return the next message or closing code."""
        async with asyncio.timeout(10):
            return await self.inbox.get()

    def unheard(self) -> list[Message]:
        """Return what was said beyond the dialogue; a closing code may stand there."""
        rest = [self.inbox.get_nowait() for _ in range(self.inbox.qsize())]
        return [message for message in rest if isinstance(message, dict)]

    async def _speak(self, line: Message) -> None:
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
        """Send a request and wait until the stand-in has it, or it was answered at once."""
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
        message = await self.next()
        assert _holds(message, expected), message
        assert isinstance(message, dict)
        assert ("audit" in message) is ("method" not in expected)


def _prompt(performance: Performance, answer: Message) -> None:
    """Let the stand-in answer so, unless the call was cancelled already."""
    code = answer.get("error", {}).get("data", {}).get("code")
    if code == ErrorCode.PAGE_CANCELLED:
        return
    if code is not None:
        performance.end.set_exception(CallEndedError(ErrorCode(code)))
    else:
        kind = RESULTS[type(performance.call)]
        performance.end.set_result(msgspec.convert(answer["result"], kind))


def _key(request_id: str | int | None) -> Key:
    return type(request_id), "" if request_id is None else request_id


def _holds(message: object, part: object) -> bool:
    """Whether every member of the part is in the message."""
    if isinstance(part, dict) and isinstance(message, dict):
        return all(name in message and _holds(message[name], part[name]) for name in part)
    return message == part


@asynccontextmanager
async def playing() -> AsyncIterator[Player]:
    way = StandIn()
    async with running_way(way) as simulator:
        page = await simulator.connect(hello=False)
        player = Player(page.socket, way, simulator)
        listening = asyncio.ensure_future(player.listen())
        try:
            yield player
        finally:
            listening.cancel()


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=[each["name"] for each in DIALOGUES])
async def test_the_simulator_plays_the_agents_part_of_a_dialogue(dialogue: Message) -> None:
    async with playing() as player:
        for line in dialogue["lines"]:
            await player.play(line)
        assert await player.stands() == dialogue["final"]
        assert not player.unheard()
        if player.closed:
            await until(lambda: all(each.end.done() for each in player.way.begun))
