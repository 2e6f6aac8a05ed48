"""An id that is under way is taken: MP-21."""

import asyncio

from tests.attacks.classes import OK, UNSUPPORTED
from tests.attacks.hands import PATIENCE_S, close_page, hear, open_page
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.kit.running_agent import NONCE
from tests.kit.scripted_prompt import Person

FIRST = 7


@plays("MP-21")
async def use_an_id_twice(scene: Scene) -> None:
    """While a window is open, its call's id belongs to it; it is answered exactly once."""
    shown, decides = asyncio.Event(), asyncio.Event()
    scene.agent.prompt.person = Person(waits=decides, on_window=lambda _: shown.set())
    page = await open_page(scene)
    page.say("login", FIRST, nonce=NONCE)
    scene.honest_calls += 1
    async with asyncio.timeout(PATIENCE_S):
        await shown.wait()
    messages: dict[str, dict[str, object]] = {
        "login": {"nonce": NONCE},
        "choose": {},
        "cancel": {"call": FIRST},
        "hello": {"version": 1},
        "sign": {"nonce": NONCE},
        "nothing": {},
    }
    for method, params in messages.items():
        page.say(method, FIRST, **params)
        accepted = {UNSUPPORTED} if method == "nothing" else ()
        terminal = await hear(scene, f"{method} under the same id", page, accepted)
        echoed = terminal.get("id") if isinstance(terminal, dict) else None
        scene.require(echoed != FIRST, f"{method}: the first call's id is answered")
    decides.set()
    terminal = await hear(scene, "the first call", page, {OK})
    scene.require(isinstance(terminal, dict) and terminal["id"] == FIRST, "another call ended")
    await close_page(scene, "an id in flight", page)
