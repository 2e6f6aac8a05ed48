"""The attacker's hands: each function does one thing to the agent and judges what it brings."""

import json
from collections.abc import Collection

from signet_protocol.messages import MAX_MESSAGE_BYTES
from tests.attacks.case import SOCKET_PATH
from tests.attacks.classes import OK, SILENCE, TOO_LARGE, class_of_close, class_of_code
from tests.attacks.raw_page import RawPage, Terminal
from tests.attacks.scene import Scene
from tests.attacks.wire import HANG_UP_S, LOOPBACK, TcpAnswer, exchange, exchange_tls, request
from tests.kit.frames import TEXT, masked_frame
from tests.kit.running_agent import code_of

ANSWER_S = 1.0
"""Every answer that no person is asked for comes within this time."""

PATIENCE_S = 5.0
"""How long an answer is waited for before it counts as silence."""


async def knock(
    scene: Scene,
    label: str,
    octets: bytes,
    accepted: Collection[str] = (),
    *,
    host: str = LOOPBACK,
    tls: bool = False,
) -> TcpAnswer:
    """Send octets to a port and judge how the agent turns them away, or lets them in."""
    if tls:
        answer = await exchange_tls(scene.tls_port, octets)
    else:
        answer = await exchange(scene.port, octets, host=host)
    scene.judge_answer(label, answer, accepted)
    for flaw in answer.flaws():
        scene.require(False, f"{label}: {flaw}")
    scene.require(answer.seconds < HANG_UP_S, f"{label}: {answer.seconds:.1f} s", slow=True)
    return answer


async def open_page(scene: Scene, *, greets: bool = True) -> RawPage:
    """Open an allowed page's socket, greeted unless told otherwise."""
    page = await RawPage.open(scene.port, scene.stage.origin)
    if greets:
        page.say("hello", "hello", version=1)
        greeting = await page.terminal(PATIENCE_S)
        scene.require(isinstance(greeting, dict) and "result" in greeting, "hello was refused")
    return page


async def close_page(scene: Scene, label: str, page: RawPage) -> None:
    """Hang up, and look at everything that was said meanwhile."""
    surplus = await page.surplus(PATIENCE_S)
    await page.close()
    scene.replies += page.texts
    scene.require(not surplus, f"{label}: {surplus} answers too many")
    for flaw in page.flaws:
        scene.require(False, f"{label}: {flaw}")
    for twice in page.answered_twice():
        scene.require(False, f"{label}: id {twice!r} was answered twice")


async def hear(
    scene: Scene, label: str, page: RawPage, accepted: Collection[str] = ()
) -> Terminal | None:
    """Wait for the one answer of what was just sent, and judge it."""
    began = scene.now
    terminal = await page.terminal(PATIENCE_S)
    if isinstance(terminal, int):
        scene.judge_close(label, terminal, accepted)
    else:
        code = "silence" if terminal is None else code_of(terminal)
        scene.judge(label, class_of(terminal), code, accepted)
    took = scene.now - began
    scene.require(took <= ANSWER_S, f"{label}: answered after {took:.1f} s", slow=True)
    return terminal


async def send_frame(
    scene: Scene, label: str, octets: bytes, accepted: Collection[str] = (), *, greets: bool = True
) -> Terminal | None:
    """Send octets on a fresh conversation and judge what they bring."""
    page = await open_page(scene, greets=greets)
    page.send(octets)
    terminal = await hear(scene, label, page, accepted)
    await close_page(scene, label, page)
    return terminal


async def say(
    scene: Scene,
    label: str,
    message: str | bytes,
    accepted: Collection[str] = (),
    *,
    greets: bool = True,
) -> None:
    """Send one text message on a fresh conversation and judge its one answer.

    Where the size limit trips first, the same message follows with its middle cut out.
    """
    octets = message.encode("utf-8") if isinstance(message, str) else message
    if len(octets) > MAX_MESSAGE_BYTES:
        await send_frame(scene, f"{label}, too large", masked_frame(TEXT, octets), {TOO_LARGE})
        half = MAX_MESSAGE_BYTES // 2
        octets = octets[:half] + octets[-half:]
    await send_frame(scene, label, masked_frame(TEXT, octets), accepted, greets=greets)


async def post(scene: Scene, label: str, body: bytes, accepted: Collection[str] = ()) -> None:
    """Send one message through the TLS port as a POST and judge its one answer."""
    fields = (
        ("Host", f"localhost:{scene.tls_port}"),
        ("Origin", scene.stage.origin),
        ("Content-Type", "application/json"),
        ("X-Signet", "1"),
        ("Content-Length", str(len(body))),
    )
    answer = await exchange_tls(
        scene.tls_port, request(f"POST {SOCKET_PATH} HTTP/1.1", fields, body)
    )
    if answer.status != 200:
        scene.judge_answer(label, answer, accepted)
        return
    text = answer.body.decode("utf-8")
    scene.replies.append(text)
    reply = json.loads(text)
    scene.judge(label, class_of(reply), f"{code_of(reply)} by POST", accepted)
    scene.require(answer.seconds <= ANSWER_S, f"{label}: {answer.seconds:.1f} s", slow=True)


def class_of(terminal: Terminal | None) -> str:
    """Return the class of whatever ended the wait."""
    if terminal is None:
        return SILENCE
    if isinstance(terminal, int):
        return class_of_close(terminal)
    code = code_of(terminal)
    return OK if code == "ok" else class_of_code(code)
