"""The WebSocket endpoint: the contract's texts and pieces of uploads, nothing else (RFC 6455)."""

import asyncio

from aiohttp import WSCloseCode, WSMsgType, web

from signet_agent.daemon.endpoints.conversation import Conversation, Service
from signet_agent.daemon.operations.base import Asker
from signet_protocol.messages import MAX_MESSAGE_BYTES

_FIRST_REFUSED_SIZE = MAX_MESSAGE_BYTES + 1
"""The library names the size it refuses, not the last one it takes."""

CLOSE_DEADLINE_S = 2.0
"""How long a page may take to answer our closing frame."""


OpenSockets = set[web.WebSocketResponse]
"""The sockets of the pages that are connected now."""


async def serve_websocket(
    request: web.BaseRequest, asker: Asker, service: Service, connected: OpenSockets
) -> web.WebSocketResponse:
    """Hold one conversation until either side closes, and stop its calls then."""
    socket = web.WebSocketResponse(
        compress=False, max_msg_size=_FIRST_REFUSED_SIZE, timeout=CLOSE_DEADLINE_S
    )
    await socket.prepare(request)
    connected.add(socket)
    conversation = Conversation(service, asker, socket.send_str)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await conversation.receive(message.data)
            elif message.type is WSMsgType.BINARY and not await conversation.receive_piece(
                message.data
            ):
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
    finally:
        # Also on a reset, which arrives as a cancellation: nothing may be awaited before this.
        conversation.end()
        connected.discard(socket)
    return socket


async def say_goodbye(connected: OpenSockets) -> None:
    """Close every page's socket: the agent goes away (RFC 6455, section 7.4.1, code 1001)."""
    closing = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in connected]
    await asyncio.gather(*closing)
