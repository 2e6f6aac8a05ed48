"""The vectors of the contract over a real socket: what is accepted, what is refused, and how."""

import json
from typing import Any

import aiohttp
import pytest

from signet_protocol.messages import MAX_MESSAGE_BYTES
from signet_simulator.people import Crowd
from tests.kit.running_agent import code_of
from tests.kit.running_simulator import scene
from tests.protocol.vectors import names, validator, vectors, whole

pytestmark = pytest.mark.quick

ACCEPTED = vectors("accepted")
REFUSED = vectors("refused")

FORM_FAULTS = {
    "page.malformed",
    "page.invalid_request",
    "page.unknown_method",
    "page.pin_forbidden",
    "page.id_in_use",
}
"""Codes that an accepted message never gets; its content may still be unsuitable."""


async def _answer(crowd: Crowd, octets: bytes) -> dict[str, Any] | int:
    """Send one text after the greeting; return the answer, or the closing code."""
    async with scene(crowd) as shown:
        socket = shown.page.socket
        await socket._writer.send_frame(octets, aiohttp.WSMsgType.TEXT)
        while True:
            message = await socket.receive(timeout=20)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return socket.close_code or 0
            answer: dict[str, Any] = json.loads(message.data)
            if "method" not in answer:
                return answer


@pytest.mark.parametrize("vector", ACCEPTED, ids=names(ACCEPTED))
async def test_what_the_contract_accepts_is_answered_in_form(
    crowd: Crowd, vector: dict[str, Any]
) -> None:
    answer = await _answer(crowd, whole(vector["text"]).encode())

    assert isinstance(answer, dict)
    assert answer["id"] == json.loads(whole(vector["text"]))["id"]
    assert code_of(answer) not in FORM_FAULTS
    validator("reply").validate(answer)


@pytest.mark.parametrize("vector", REFUSED, ids=names(REFUSED))
async def test_what_the_contract_refuses_is_refused_with_its_code(
    crowd: Crowd, vector: dict[str, Any]
) -> None:
    text = whole(vector["text"])
    octets = text.encode("utf-8", "surrogatepass")

    answer = await _answer(crowd, octets)

    if len(octets) > MAX_MESSAGE_BYTES:
        assert answer == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    elif octets != text.encode("utf-8", "replace"):
        assert answer == aiohttp.WSCloseCode.INVALID_TEXT
    else:
        assert isinstance(answer, dict)
        assert (code_of(answer), answer["id"]) == (vector["code"], vector["id"])
        validator("reply").validate(answer)
