"""The accept loop: the peer's user and the caps are judged before TLS and before a byte is read.

A connection that has sent nothing yet is *silent*. Chromium opens the socket and only then asks
its user for permission, so silence is no fault: silent connections live in a pool of their own,
and when it is full the oldest one makes room.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import OrderedDict
from typing import Protocol

from signet_agent.daemon.peers import PeerCheck

MAX_SILENT = 32
"""Silent connections at a time; a browser holds a few, a flood would hold thousands."""

MAX_CONNECTIONS = 256
"""Connections at a time on one port; what comes beyond is reset."""

TLS_HANDSHAKE_S = 250.0
"""Chromium gives up waiting for its user's permission after 240 s; the pool bounds the rest."""

_log = logging.getLogger(__name__)


class Evictable(Protocol):
    """A connection in the silent phase that can be dropped."""

    def evict(self) -> None:
        """Drop it at once."""
        ...


class SilentPool:
    """Connections that have not sent a whole head yet, oldest first."""

    def __init__(self, size: int = MAX_SILENT) -> None:
        """Start empty."""
        self._size = size
        self._members: OrderedDict[Evictable, None] = OrderedDict()

    def add(self, member: Evictable) -> None:
        """Take one in; the oldest goes when there is no room."""
        if len(self._members) >= self._size:
            oldest, _ = self._members.popitem(last=False)
            oldest.evict()
        self._members[member] = None

    def discard(self, member: Evictable) -> None:
        """Forget one: it spoke, or it is gone."""
        self._members.pop(member, None)


class ConnectionFactory(Protocol):
    """Makes the protocol of one accepted connection, and knows how many are open."""

    live: int

    def __call__(self) -> asyncio.BaseProtocol:
        """Return a fresh protocol."""
        ...


class _Handshake:
    """A connection whose TLS handshake is under way."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def evict(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


class Acceptor:
    """Accepts on one listening socket until it is cancelled."""

    def __init__(
        self,
        factory: ConnectionFactory,
        pool: SilentPool,
        is_own_user: PeerCheck,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Fix what happens to a connection; ``context`` makes it TLS."""
        self._factory = factory
        self._pool = pool
        self._is_own_user = is_own_user
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, listening: socket.socket) -> None:
        """Accept for ever."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError as error:
                # Too many open files, or a connection that was reset meanwhile: not our end.
                _log.warning("accept: %s", error.strerror)
                await asyncio.sleep(0.1)
                continue
            if not self._may_enter(connection):
                _reset(connection)
                continue
            task = asyncio.ensure_future(self._enter(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_enter(self, connection: socket.socket) -> bool:
        if self._factory.live + len(self._tasks) >= MAX_CONNECTIONS:
            return False
        try:
            return self._is_own_user(connection)
        except OSError:
            # Gone before it could be asked about.
            return False

    async def _enter(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        handshake = _Handshake(connection)
        if self._context is not None:
            self._pool.add(handshake)
        try:
            await loop.connect_accepted_socket(
                self._factory,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=TLS_HANDSHAKE_S if self._context else None,
            )
        except (OSError, ssl.SSLError, asyncio.CancelledError):
            # Foreign bytes instead of TLS, eviction, or an early goodbye: all the same to us.
            connection.close()
        finally:
            self._pool.discard(handshake)


def _reset(connection: socket.socket) -> None:
    """Close with a reset, so that nothing of ours lingers."""
    with contextlib.suppress(OSError):
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()
