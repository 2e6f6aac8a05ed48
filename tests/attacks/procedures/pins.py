"""PINs, tries and keys that go away, with tokens that count: PT-01 to PT-08, 14, 29 and 32."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from tests.attacks.classes import OK
from tests.attacks.hands import class_of
from tests.attacks.procedures.consents import have_rested
from tests.attacks.procedures.messages import DOCUMENT
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.kit.mock_token import PIN, MockToken
from tests.kit.pki import ENTERPRISE, private_key
from tests.kit.running_agent import NONCE, code_of
from tests.kit.scripted_prompt import Person

WRONG_PIN = "000000"
MANY, VERY_MANY = 200, 100_000
"""Refused windows; the second in the long run."""

PIN_MEMBERS = ("pin", "PIN", "password", "passwd", "userPin")


async def ask(
    scene: Scene, label: str, accepted: tuple[str, ...] = (), **params: object
) -> dict[str, Any]:
    """Ask for a signature on a fresh connection, and judge its answer."""
    page = await scene.agent.connect(scene.stage.origin)
    answer = await page.call("sign", document=DOCUMENT, media_type="text/plain", **params)
    await page.close()
    scene.replies.append(json.dumps(answer))
    scene.judge(label, class_of(answer), code_of(answer), accepted)
    return answer


def first_token(scene: Scene) -> MockToken:
    """Leave one token in the reader and return it."""
    kept, *others = scene.tokens
    for other in others:
        scene.agent.reader.remove(other)
    return kept


@plays("PT-01")
async def put_a_pin_into_a_message(scene: Scene) -> None:
    """Under every name, at every depth."""
    for name in PIN_MEMBERS:
        await ask(scene, name, (), **{name: PIN[::-1]})
        await ask(scene, f"{name} inside", certificate={"token": [{name: PIN[::-1]}]})


@plays("PT-02")
async def type_a_wrong_pin(scene: Scene) -> None:
    """Once, and then give up."""
    scene.agent.prompt.person = Person(pins=(WRONG_PIN,))
    answer = await ask(scene, "a wrong PIN")
    scene.require("tries" not in json.dumps(answer), "the page learns how many tries are left")


@plays("PT-03")
async def leave_the_last_try_alone(scene: Scene) -> None:
    """Stop where the window warns of the last try."""
    token = first_token(scene)
    token.tries = 1
    scene.agent.prompt.person = Person(takes_last_try=False)
    await ask(scene, "one try left")
    scene.require(token.tries == 1, "the last try was spent")
    token.tries = 6


@plays("PT-04")
async def use_a_locked_token(scene: Scene) -> None:
    """Nothing is typed into a token that is locked."""
    token = first_token(scene)
    token.tries = 0
    await ask(scene, "locked")
    token.tries = 6


@plays("PT-05")
async def ask_without_end(scene: Scene) -> None:
    """Whatever a page asks for, the person's refusal costs no try."""
    scene.agent.prompt.person = Person(refuses=True)
    page = await scene.agent.connect(scene.stage.origin)
    for _ in range(VERY_MANY if scene.full else MANY):
        answer = await page.call("login", nonce=NONCE)
        scene.judge("refused", class_of(answer), code_of(answer), ("E_USER_DENIED", "E_BUSY"))
    await page.close()
    have_rested(scene)


@plays("PT-07")
async def pull_the_token_while_the_window_is_open(scene: Scene) -> None:
    """It is missed before a PIN could be typed."""
    token = first_token(scene)
    scene.agent.prompt.person = Person(on_window=lambda _: scene.agent.reader.remove(token))
    await ask(scene, "pulled while the person reads")
    scene.agent.reader.insert(token)


@plays("PT-08")
async def pull_the_token_while_it_signs(scene: Scene) -> None:
    """It answers once, and signs again when it is back."""
    token = first_token(scene)
    token.before_sign = lambda: scene.agent.reader.remove(token)
    await ask(scene, "pulled while it signs")
    token.before_sign = lambda: None
    scene.agent.reader.insert(token)
    await ask(scene, "put back", (OK,))


@plays("PT-14")
async def return_garbage_for_a_signature(scene: Scene) -> None:
    """Nothing, noise, and noise without end, each called a success."""
    token = first_token(scene)
    for size in (0, 256, 10 * 1024 * 1024):
        token.after_sign = lambda _, size=size: os.urandom(size)  # type: ignore[misc]  # bound here
        answer = await ask(scene, f"{size} octets")
        scene.require("result" not in answer, "garbage was released")
    token.after_sign = lambda signature: signature


@plays("PT-29")
async def show_one_certificate_twice(scene: Scene) -> None:
    """Two slots with the same key are one choice."""
    token = first_token(scene)
    scene.agent.reader.insert(replace(token, serial="2.YT-UK-4821", counters=token.counters))
    await ask(scene, "in two slots")
    (record,) = scene.agent.prompt.records
    scene.require(len(record.choices) == 1, f"{len(record.choices)} choices of one certificate")


@plays("PT-32")
async def offer_certificates_of_another_time(scene: Scene) -> None:
    """Expired, and not valid yet: no window opens for either."""
    now = datetime.now(UTC)
    token = first_token(scene)
    good = token.der
    for label, since, until in (
        ("expired", now - timedelta(days=30), now - timedelta(days=1)),
        ("not yet valid", now + timedelta(days=1), now + timedelta(days=30)),
    ):
        issued = scene.agent.authority.issue(
            ENTERPRISE, private_key("rsa2048").public_key(), not_before=since, not_after=until
        )
        token.der = issued.public_bytes(Encoding.DER)
        await ask(scene, label)
    token.der = good
