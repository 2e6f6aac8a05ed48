"""Every member of every request, with a value of every type: MP-18."""

import json
from collections.abc import Iterator, Mapping

from tests.attacks.classes import BAD_REQUEST, OK, UNSUPPORTED
from tests.attacks.hands import post, say
from tests.attacks.procedures.messages import DOCUMENT
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.kit.running_agent import NONCE

ABSENT = object()
"""Stands for leaving the member out."""

VALUES: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, 2**53, 2**200),
    *("", "x", "sign", "1", [], ["x"], {}, {"x": 1}, ABSENT),
)

METHODS: dict[str, dict[str, object]] = {
    "hello": {"version": 1, "client": "page"},
    "login": {"nonce": NONCE},
    "choose": {"purpose": "sign"},
    "sign": {
        "document": DOCUMENT,
        "media_type": "text/plain",
        "format": "cades-b",
        "packaging": "detached",
        "certificate": "0" * 64,
    },
    "cancel": {"call": 1},
}

NO_TOKEN = "E_TOKEN_REMOVED"
"""The schema took it, and the way ended where a token would be needed."""

JUDGED = {BAD_REQUEST, UNSUPPORTED, NO_TOKEN, OK, "E_DOC_UNSUPPORTED"}


@plays("MP-18")
async def send_every_type_everywhere(scene: Scene) -> None:
    """Each combination is refused for what it is, or taken by the schema; none breaks the agent.

    No token is plugged in, so that what the schema takes ends before any window.
    """
    for token in scene.tokens:
        scene.agent.reader.remove(token)
    for method, params in METHODS.items():
        greets = method != "hello"
        for label, request in _varied(method, params):
            text = json.dumps(request)
            await say(scene, label, text, JUDGED, greets=greets)
            await post(scene, f"{label}, by POST", text.encode(), JUDGED)
    for token in scene.tokens:
        scene.agent.reader.insert(token)


def _varied(method: str, params: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield a request for every member and value, with a label each."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    for member, value in ((m, v) for m in request for v in VALUES):
        yield f"{method}, {member} {_shown(value)}", _with(request, member, value)
    for name, value in ((n, v) for n in params for v in VALUES):
        changed = {**request, "params": _with(params, name, value)}
        yield f"{method}, params.{name} {_shown(value)}", changed


def _with(members: Mapping[str, object], name: str, value: object) -> dict[str, object]:
    changed = {**members, name: value}
    if value is ABSENT:
        del changed[name]
    return changed


def _shown(value: object) -> str:
    return "left out" if value is ABSENT else json.dumps(value)[:16]
