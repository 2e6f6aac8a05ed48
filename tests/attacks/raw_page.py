"""A page's end of an open socket, made by hand: it can send what no browser would."""

import asyncio
import json
from typing import Any, Self

from tests.attacks.wire import LOOPBACK, upgrade
from tests.kit.frames import CLOSE, PING, PONG, TEXT, closing_frame, masked_frame, read_frame

ABNORMAL_CLOSE = 1006
"""Stands for hanging up without a closing frame (RFC 6455, section 7.4.1)."""

Terminal = dict[str, Any] | int
"""What ends the wait for an answer: a reply, or the code of a close."""


class RawPage:
    """One conversation; everything the agent says is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Listen on an upgraded connection."""
        self._reader = reader
        self._writer = writer
        self._terminals: asyncio.Queue[Terminal] = asyncio.Queue()
        self._pong = asyncio.Event()
        self.texts: list[str] = []
        self.flaws: list[str] = []
        self.close_code: int | None = None
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def open(cls, port: int, origin: str) -> Self:
        """Shake hands as a page of this origin.

        Raises:
            ConnectionError: the agent did not answer with 101.
        """
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(upgrade(port, Origin=origin))
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            head = error.partial
        if not head.startswith(b"HTTP/1.1 101 "):
            writer.close()
            raise ConnectionError(f"no 101 but {head[:13]!r}")
        return cls(reader, writer)

    def send(self, octets: bytes) -> None:
        """Write octets as they are."""
        if not self._writer.is_closing():
            self._writer.write(octets)

    def say(self, method: str, request_id: object, **params: object) -> None:
        """Send an orderly request."""
        request = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        self.send(masked_frame(TEXT, json.dumps(request).encode()))

    async def terminal(self, wait_s: float) -> Terminal | None:
        """Return the next reply or the close; ``None`` when neither comes in time."""
        try:
            async with asyncio.timeout(wait_s):
                return await self._terminals.get()
        except TimeoutError:
            return None

    async def surplus(self, wait_s: float) -> int:
        """Return how many more replies there are, once the agent has answered a ping."""
        if self.close_code is None:
            self._pong.clear()
            self.send(masked_frame(PING, b"still there?"))
            async with asyncio.timeout(wait_s):
                await self._pong.wait()
        rest = [self._terminals.get_nowait() for _ in range(self._terminals.qsize())]
        return sum(isinstance(terminal, dict) for terminal in rest)

    def answered_twice(self) -> list[object]:
        """Return the ids under which more than one reply came."""
        messages = [json.loads(text) for text in self.texts]
        ids = [m["id"] for m in messages if "method" not in m and m.get("id") is not None]
        return [each for index, each in enumerate(ids) if each in ids[:index]]

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        """Take in frames until the agent hangs up."""
        try:
            while True:
                frame = await read_frame(self._reader)
                if frame.masked or frame.reserved:
                    self.flaws.append("the agent masked a frame or set a reserved bit")
                if frame.opcode == TEXT:
                    self._hear(frame.payload.decode())
                elif frame.opcode == PONG:
                    self._pong.set()
                elif frame.opcode == CLOSE:
                    self._end(int.from_bytes(frame.payload[:2], "big") or 1005)
                    self.send(closing_frame(1000))
                else:
                    self.flaws.append(f"the agent sent a frame of kind {frame.opcode}")
        except (asyncio.IncompleteReadError, OSError):
            self._end(ABNORMAL_CLOSE)

    def _hear(self, text: str) -> None:
        self.texts.append(text)
        message = json.loads(text)
        if message.get("method") != "progress":
            self._terminals.put_nowait(message)

    def _end(self, code: int) -> None:
        if self.close_code is None:
            self.close_code = code
            self._terminals.put_nowait(code)
            self._pong.set()
