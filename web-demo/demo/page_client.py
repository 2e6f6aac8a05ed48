"""A department's page without a browser: the contract, spoken by a few lines of Python.

The check uses it for what the portal's pages do not keep or do not ask for: the login token as
the agent gave it, and a signature with a citizen's key. The agent treats it as any page.
"""

import base64
import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self

import aiohttp

CLIENT_NAME = "signet-demo"

CALL_S = 120
"""How long a call may take; the robot answers each window within seconds."""


class PageRefusedError(Exception):
    """The agent answered with an error; the text is its dotted code and sentence."""


class PageClient(AbstractAsyncContextManager["PageClient"]):
    """One conversation with the agent, from one origin."""

    def __init__(self, port: int, origin: str) -> None:
        """Name the agent's port and the origin to speak for."""
        self._url = f"http://127.0.0.1:{port}/v1"
        self._origin = origin
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._last_id = 0

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(self._url, origin=self._origin)
        await self.call("hello", version=1, client=CLIENT_NAME)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, **params: object) -> Mapping[str, Any]:
        """Call a method and return its result.

        Raises:
            PageRefusedError: the agent refused.
        """
        if self._socket is None:
            message = "the conversation is not open"
            raise PageRefusedError(message)
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
        await self._socket.send_json(request)
        while True:
            answer = await self._socket.receive_json(timeout=CALL_S)
            if answer.get("id") == self._last_id:
                break
        if "error" in answer:
            raise PageRefusedError(json.dumps(answer["error"]))
        result: dict[str, Any] = answer["result"]
        return result


def base64_octets(text: str) -> bytes:
    """Return the octets that the contract's base64 stands for."""
    return base64.b64decode(text, validate=True)


def base64_text(octets: bytes) -> str:
    """Return octets as the contract writes them."""
    return base64.b64encode(octets).decode("ascii")
