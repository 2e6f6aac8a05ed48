"""The HTTPS endpoint: one call as one POST, for pages that cannot hold a socket.

CORS answers name exactly the asking origin. The page's hanging up cancels the call: aiohttp
cancels the handler, and with it the conversation.
"""

import json

from aiohttp import web

from signet_agent.daemon.endpoints.conversation import Conversation, Service
from signet_agent.daemon.operations.base import Asker
from signet_agent.daemon.session import State

PREFLIGHT_LIFE_S = 600
"""How long a browser may remember the preflight's answer; Chromium takes two hours at most."""


def answer_preflight(asker: Asker) -> web.Response:
    """Return the CORS answer that lets this origin's POST follow."""
    headers = {
        **_cors(asker),
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "content-type, x-signet",
        "Access-Control-Max-Age": str(PREFLIGHT_LIFE_S),
    }
    return _last(web.Response(status=204, headers=headers))


async def serve_post(request: web.BaseRequest, asker: Asker, service: Service) -> web.Response:
    """Answer the one call of a POST."""
    texts: list[str] = []

    async def keep(text: str) -> None:
        # Progress has nowhere to go before the one answer of a POST.
        if "method" not in json.loads(text):
            texts.append(text)

    text = _text_of(await request.read())
    conversation = Conversation(service, asker, keep, State.READY)
    try:
        await conversation.receive(text)
        await conversation.settle()
    finally:
        conversation.end()
    body = texts[0] if texts else ""
    return _last(web.Response(text=body, content_type="application/json", headers=_cors(asker)))


def _text_of(octets: bytes) -> str:
    """Return a body's text; what is not UTF-8 is no message, as an empty text is none."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _last(response: web.Response) -> web.Response:
    """Say that nothing more is taken on this connection: the gate judges one head, once."""
    response.force_close()
    return response


def _cors(asker: Asker) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": asker.origin,
        "Vary": "Origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
