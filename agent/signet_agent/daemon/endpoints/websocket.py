"""The WebSocket endpoint: text frames of the contract, nothing else (RFC 6455)."""

from aiohttp import WSCloseCode, WSMsgType, web

from signet_agent.daemon.endpoints.conversation import Conversation, Service
from signet_agent.daemon.operations.base import Asker
from signet_protocol.messages import MAX_MESSAGE_BYTES

_FIRST_REFUSED_SIZE = MAX_MESSAGE_BYTES + 1
"""The library names the size it refuses, not the last one it takes."""

CLOSE_DEADLINE_S = 2.0
"""How long a page may take to answer our closing frame."""


async def serve_websocket(
    request: web.BaseRequest, asker: Asker, service: Service
) -> web.WebSocketResponse:
    """Hold one conversation until the page closes, and stop its calls then."""
    socket = web.WebSocketResponse(
        compress=False, max_msg_size=_FIRST_REFUSED_SIZE, timeout=CLOSE_DEADLINE_S
    )
    await socket.prepare(request)
    conversation = Conversation(service, asker, socket.send_str)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await conversation.receive(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
    finally:
        # Also on a reset, which arrives as a cancellation: nothing may be awaited before this.
        conversation.end()
    return socket
