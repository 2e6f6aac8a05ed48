"""The least local service there can be with the agent's libraries: a WebSocket that echoes.

It imports what the daemon cannot do without while it waits (aiohttp's server), listens on a free
port of 127.0.0.1, writes the port as a line of JSON, and ends by a signal.
"""

import asyncio
import json
import sys

from aiohttp import WSMsgType, web


async def echo(request: web.BaseRequest) -> web.WebSocketResponse:
    """Send every text back."""
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


async def main() -> None:
    """Serve for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(web.Server(echo), "127.0.0.1", 0)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
