"""All the ways in together: the plain port, and the TLS port where trust was installed."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from signet_agent.daemon.endpoints.acceptor import Acceptor, SilentPool
from signet_agent.daemon.endpoints.conversation import Service
from signet_agent.daemon.endpoints.guarded import GuardedServer
from signet_agent.daemon.endpoints.loopback import Listener, listen
from signet_agent.daemon.endpoints.post import answer_preflight, serve_post
from signet_agent.daemon.endpoints.websocket import OpenSockets, say_goodbye, serve_websocket
from signet_agent.daemon.gate import Gate, Passage, Wanted
from signet_agent.daemon.operations.base import Asker
from signet_agent.daemon.peers import PeerCheck
from signet_agent.errors import SettingsError
from signet_protocol.messages import MAX_MESSAGE_BYTES


class Doorkeeping(Protocol):
    """What the ports need of the agent's parts."""

    @property
    def is_own_user(self) -> PeerCheck:
        """Tell whether a connection is this user's."""
        ...

    @property
    def context(self) -> ssl.SSLContext | None:
        """Return the TLS context, where trust was installed."""
        ...


class Ports:
    """Opens and closes the listening sockets."""

    def __init__(
        self,
        service: Service,
        allows_origin: Callable[[str], bool],
        note_refusal: Callable[[str], None],
        parts: Doorkeeping,
    ) -> None:
        """Take what every port shares; nothing listens yet."""
        self._service = service
        self._allows_origin = allows_origin
        self._note_refusal = note_refusal
        self._parts = parts
        self._pool = SilentPool()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[GuardedServer] = []
        self._listeners: list[Listener] = []
        self._connected: OpenSockets = set()
        self.port = 0
        self.tls_port = 0

    def open(self, base_port: int, tls_base_port: int) -> None:
        """Listen on the first free port of each range.

        Raises:
            SettingsError: all eight plain ports are taken.
        """
        plain = listen(base_port)
        if plain is None:
            raise SettingsError(f"the ports from {base_port} on are all taken")
        self.port = self._serve(plain, None)
        secure = listen(tls_base_port) if self._parts.context is not None else None
        if secure is not None:
            self.tls_port = self._serve(secure, self._parts.context)

    async def close(self) -> None:
        """Stop listening and end every conversation."""
        for listener in self._listeners:
            listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await say_goodbye(self._connected)
        for server in self._servers:
            await server.shutdown(timeout=1.0)

    def _serve(self, listener: Listener, context: ssl.SSLContext | None) -> int:
        gate = Gate(
            listener.hosts,
            self._allows_origin,
            MAX_MESSAGE_BYTES,
            takes_posts=context is not None,
        )
        server = GuardedServer(self._answer, gate, self._pool, self._note_refusal)
        acceptor = Acceptor(server, self._pool, self._parts.is_own_user, context)
        self._listeners.append(listener)
        self._servers.append(server)
        self._tasks += [asyncio.ensure_future(acceptor.run(s)) for s in listener.sockets]
        return listener.port

    async def _answer(self, request: web.BaseRequest, passage: Passage) -> web.StreamResponse:
        """Answer a request that passed the gate."""
        asker = Asker(passage.origin)
        if passage.wanted is Wanted.WEBSOCKET:
            return await serve_websocket(request, asker, self._service, self._connected)
        if passage.wanted is Wanted.PREFLIGHT:
            return answer_preflight(asker)
        return await serve_post(request, asker, self._service)
