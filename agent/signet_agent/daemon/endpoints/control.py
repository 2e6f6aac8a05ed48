"""The commands' way to a running agent: a local socket that only this user can open.

One line of JSON in, one line out. It carries no signing: it asks for the state, raises the status
window, or ends the agent.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

from signet_agent.errors import SettingsError

MAX_LINE_BYTES = 1024
"""A question is one word."""

Answer = Callable[[str], Awaitable[dict[str, object]]]

_UCRED = struct.Struct("3i")


async def serve_control(path: Path, answer: Answer) -> asyncio.AbstractServer:
    """Listen at this path and answer commands.

    Raises:
        SettingsError: the socket cannot be made.
    """

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.LimitOverrunError):
            if _peer_uid(writer.get_extra_info("socket")) == os.getuid():
                question = json.loads(await reader.readline())
                reply = await answer(str(question))
                writer.write(json.dumps(reply).encode("utf-8") + b"\n")
                await writer.drain()
        writer.close()

    listening = _listen(path)
    return await asyncio.start_unix_server(converse, sock=listening, limit=MAX_LINE_BYTES)


def ask_running_agent(
    path: Path, question: str, timeout_s: float = 5.0
) -> dict[str, object] | None:
    """Return the running agent's answer to one word, or ``None`` when none of this user's runs."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            if _peer_uid(connection) != os.getuid():
                return None
            connection.sendall(json.dumps(question).encode("utf-8") + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _listen(path: Path) -> socket.socket:
    """Return the bound socket, in a folder of this user's, in place of a dead agent's."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        listening.close()
        raise SettingsError(f"the control socket cannot be made: {error}") from error
    return listening


def _peer_uid(connection: socket.socket) -> int:
    """Return the user at the other end of a local socket (unix(7), SO_PEERCRED)."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    return int(_UCRED.unpack(credentials)[1])
