"""The card service restarts, and another program has the card: PT-23 and PT-24."""

import asyncio
import sys

from signet_agent.model import Certificate
from tests.attacks.classes import OK
from tests.attacks.procedures.drivers import DEADLINE_S
from tests.attacks.procedures.pins import ask
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.stage import with_card
from tests.kit.card.service import VirtualCard, VirtualService
from tests.kit.scripted_prompt import Person
from tests.kit.softhsm import PIN

BACK_S = 3.0
"""From the service's return to the card's."""

_HOLD = """
from signet_agent.tokens.winscard import CardService
service = CardService()
connection = service.connect(service.readers()[0], exclusive=True)
print("held", flush=True)
input()
"""


def _desk(scene: Scene) -> tuple[VirtualService, VirtualCard]:
    assert scene.stage.card is not None
    scene.agent.prompt.person = Person(pins=(PIN,))
    return scene.stage.card


async def _listed(scene: Scene) -> Certificate:
    """Look until the card is there; return its certificate for signatures."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            tokens = await scene.agent.agent._keys.tokens()
            cards = [each for each in tokens if each.uri.startswith("card:")]
            if cards:
                return cards[0].certificates[1]


@plays("PT-23", with_card)
async def restart_the_card_service(scene: Scene) -> None:
    """Without the service there is no card; with it, the card is back without a restart."""
    service, card = _desk(scene)
    fingerprint = (await _listed(scene)).fingerprint
    await ask(scene, "before", (OK,), certificate=fingerprint)
    service.stop()
    await ask(scene, "no service", certificate=fingerprint)
    service.start()
    card.do("insert")
    began = scene.now
    await _listed(scene)
    took = scene.now - began
    scene.require(took <= BACK_S, f"back after {took:.1f} s", slow=True)
    await ask(scene, "after", (OK,), certificate=fingerprint)


@plays("PT-24", with_card)
async def hold_the_card(scene: Scene) -> None:
    """Another program has the card for itself: named so, and nothing is tried."""
    service, card = _desk(scene)
    fingerprint = (await _listed(scene)).fingerprint
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _HOLD),
        env=service.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    await holder.stdout.readline()
    began = scene.now
    await ask(scene, "held", certificate=fingerprint)
    scene.require(scene.now - began < DEADLINE_S, "the answer took too long")
    scene.require(card.do("state")["left"] == 3, "a try was spent")
    await holder.communicate(b"\n")
    await ask(scene, "let go", (OK,), certificate=fingerprint)
