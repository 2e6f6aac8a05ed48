"""Drivers that die, hang and lie, in rooms of their own: PT-10, 12, 13, 16, 18, 19, 26 and 31."""

import asyncio
import sys
from dataclasses import dataclass

from signet_agent.daemon.token_room import TokenRoom
from signet_agent.model import Token
from tests.attacks.classes import BAD_REQUEST, OK
from tests.attacks.procedures.pins import ask
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.stage import with_module
from tests.kit.scripted_prompt import Person
from tests.kit.shim.build import FaultyModule
from tests.kit.softhsm import PIN, module_path

RECOVERY_S = 2.0
"""The next honest request is served within this time, a fresh room included."""

DEADLINE_S = 10.0
"""No driver holds a call up for longer."""

ENTRY_POINTS = (
    *("C_Initialize", "C_GetInfo", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo"),
    *("C_OpenSession", "C_Login", "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal"),
    *("C_GetAttributeValue", "C_SignInit", "C_Sign", "C_Logout", "C_CloseSession"),
)

HIDDEN = (BAD_REQUEST, "E_TOKEN_FAULT", "E_TOKEN_REMOVED")
"""The driver failed before its certificate was listed, or while its key was used."""

AT_READER = 0x100
_PRIVATE_KEYS = """
import sys, pkcs11
from pkcs11 import Attribute, ObjectClass, TokenFlag
for token in pkcs11.lib(sys.argv[1]).get_tokens(token_flags=TokenFlag.TOKEN_INITIALIZED):
    with token.open() as session:
        print(len(list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))))
"""


@dataclass
class Driver:
    """The driver on this stage, its room, and its one certificate that signs."""

    module: FaultyModule
    room: TokenRoom
    fingerprint: str


async def _driver(scene: Scene, *, pin: str = PIN) -> Driver:
    """Look for the driver's token, and have the person type its PIN from now on."""
    module = scene.stage.module
    assert module is not None
    scene.agent.prompt.person = Person(pins=(pin,))
    token = await _listed(scene)
    assert token is not None
    signing = next(each for each in token.certificates if not each.only_opens)
    (room,) = (s for s in scene.agent.agent._parts.stores if isinstance(s, TokenRoom))
    return Driver(module, room, signing.fingerprint)


async def _listed(scene: Scene) -> Token | None:
    tokens = await scene.agent.agent._keys.tokens()
    return next((each for each in tokens if each.uri.startswith("pkcs11:")), None)


async def _sign(scene: Scene, label: str, driver: Driver, accepted: tuple[str, ...] = ()) -> None:
    await ask(scene, label, accepted, certificate=driver.fingerprint)


async def _recovers(scene: Scene, label: str, driver: Driver) -> None:
    """Sign without a fault, in time."""
    driver.module.set()
    began = scene.now
    await _sign(scene, f"after {label}", driver, (OK,))
    took = scene.now - began
    scene.require(took <= RECOVERY_S, f"after {label}: {took:.1f} s", slow=True)


@plays("PT-10", with_module)
async def die_at_every_entry_point(scene: Scene) -> None:
    """Each death costs one call and one room."""
    driver = await _driver(scene)
    for function in ENTRY_POINTS:
        # A room that is up has done with the first entry points.
        await driver.room.end()
        before = driver.module.calls(function)
        driver.module.set(f"{function} crash")
        await _sign(scene, function, driver, HIDDEN)
        scene.require(driver.module.calls(function) > before, f"{function} was not reached")
        await _recovers(scene, function, driver)


@plays("PT-12", with_module)
async def hang_for_ever(scene: Scene) -> None:
    """The look that hangs is ended at its deadline; from then on nobody waits for the driver."""
    driver = await _driver(scene)
    driver.module.set("C_GetSlotList hang")
    began = scene.now
    scene.require(await _listed(scene) is None, "a driver that hangs has tokens")
    scene.require(scene.now - began < DEADLINE_S, f"{scene.now - began:.1f} s until the deadline")
    scene.agent.prompt.person = Person()
    began = scene.now
    await ask(scene, "another token meanwhile", (OK,))
    took = scene.now - began
    scene.require(took <= RECOVERY_S, f"another token: {took:.1f} s", slow=True)
    driver.module.set()
    await driver.room.end()
    await until_listed(scene)
    scene.agent.prompt.person = Person(pins=(PIN,))
    await _sign(scene, "after the hang", driver, (OK,))


async def until_listed(scene: Scene) -> None:
    """Look until the driver's token is there again."""
    async with asyncio.timeout(DEADLINE_S):
        while await _listed(scene) is None:
            pass


@plays("PT-13", with_module)
async def fail_at_every_look(scene: Scene) -> None:
    """A driver that always fails is not initialised without end."""
    driver = await _driver(scene)
    before = driver.module.calls("C_Initialize")
    driver.module.set("C_GetSlotList 0x5")
    for _ in range(10):
        await _listed(scene)
    begun = driver.module.calls("C_Initialize") - before
    scene.require(begun <= 11, f"initialised {begun} times for 10 looks")
    await _sign(scene, "failing", driver, HIDDEN)
    await _recovers(scene, "failing", driver)


@plays("PT-16", with_module)
async def tell_of_absurd_slots(scene: Scene) -> None:
    """More slots than there can be are no slots."""
    driver = await _driver(scene)
    for count in ("0xFFFFFFFF", "1000000", "65"):
        driver.module.set(f"C_GetSlotList count:{count}")
        await _sign(scene, f"{count} slots", driver, HIDDEN)
        await _recovers(scene, f"{count} slots", driver)


@plays("PT-18", with_module)
async def carry_a_hostile_label(scene: Scene) -> None:
    """A label is one line without control characters, in the window and in the log."""
    driver = await _driver(scene)
    await _sign(scene, "hostile label", driver)
    label = scene.agent.prompt.records[-1].choices[0].token_label
    scene.require(label.isprintable(), f"the window shows {label!a}")
    scene.require("\x1b" not in scene.book.text, "the log holds an escape sequence")


@plays("PT-19", with_module)
async def carry_hostile_certificates(scene: Scene) -> None:
    """What is no certificate is left out, and hides no other."""
    began = scene.now
    driver = await _driver(scene)
    scene.require(scene.now - began <= RECOVERY_S, "the look took too long", slow=True)
    token = await _listed(scene)
    scene.require(token and len(token.certificates) == 2, "other certificates than the two")
    await _sign(scene, "hostile certificates", driver)


@plays("PT-26", with_module)
async def look_for_a_login_that_was_left(scene: Scene) -> None:
    """After a signature no other program finds a private key without the PIN."""
    driver = await _driver(scene)
    await _sign(scene, "the one signature", driver)
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PRIVATE_KEYS, str(module_path())), stdout=asyncio.subprocess.PIPE
    )
    seen = (await other.communicate())[0].split()
    scene.require(seen == [b"0"], f"private keys that another program sees: {seen}")
    opened, closed = (driver.module.calls(f"C_{word}Session") for word in ("Open", "Close"))
    scene.require(opened == closed, f"{opened} sessions opened, {closed} closed")
    scene.agent.prompt.person = Person(pins=())
    await _sign(scene, "without a PIN", driver, ("E_USER_DENIED",))


@plays("PT-31", with_module)
async def cancel_at_the_readers_keys(scene: Scene) -> None:
    """Cancelled, or left alone until the reader gave up: nobody is asked again."""
    driver = await _driver(scene, pin="")
    for code in ("0x50", "0x1"):
        before = driver.module.calls("C_Login")
        driver.module.set(f"C_GetTokenInfo flags:{AT_READER}", f"C_Login {code}")
        await _sign(scene, f"C_Login {code}", driver)
        tried = driver.module.calls("C_Login") - before
        scene.require(tried == 1, f"the reader asked {tried} times")
    driver.module.set()
