"""A department's page that signs over and over, without a browser, and times each answer."""

from base64 import b64decode, b64encode
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import msgspec
from aiohttp import ClientSession, ClientWebSocketResponse

ORIGIN = "https://portal.example.com"

DOCUMENT = "\n".join(f"{n:04} 本企业声明：所填内容真实、准确、完整。" for n in range(170)).encode()
"""10 KB of plain text, as a person would be shown it."""

_HELLO = '{"jsonrpc":"2.0","id":0,"method":"hello","params":{"version":1}}'
_SIGN = (
    '{"jsonrpc":"2.0","id":%d,"method":"sign","params":{"media_type":"text/plain","document":"'
    + b64encode(DOCUMENT).decode()
    + '"}}'
)
_NOTIFICATION = '{"jsonrpc":"2.0","method":"progress"'


class Page:
    """One connection to an agent; ``async with`` opens and closes it."""

    def __init__(self, client: ClientSession, port: int) -> None:
        """Take where the agent listens."""
        self._client = client
        self._port = port
        self._socket: ClientWebSocketResponse
        self.last = ""

    async def __aenter__(self) -> Self:
        url = f"ws://127.0.0.1:{self._port}/v1"
        self._socket = await self._client.ws_connect(url, headers={"Origin": ORIGIN})
        await self._call(_HELLO)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._socket.close()

    async def sign(self, count: int) -> list[float]:
        """Have the document signed ``count`` times; return the seconds from call to answer."""
        seconds = []
        for number in range(1, count + 1):
            started = perf_counter()
            await self._call(_SIGN % number)
            seconds.append(perf_counter() - started)
        return seconds

    def signature(self) -> bytes:
        """Return the CMS of the last answer."""
        answer: dict[str, Any] = msgspec.json.decode(self.last)
        return b64decode(answer["result"]["signature"])

    async def _call(self, request: str) -> None:
        await self._socket.send_str(request)
        self.last = await self._socket.receive_str()
        while self.last.startswith(_NOTIFICATION):
            self.last = await self._socket.receive_str()
        assert '"error":' not in self.last, self.last
