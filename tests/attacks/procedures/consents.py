"""Windows, refusals and approvals, with a person by script: PC-01 to PC-08 and PC-17 to PC-28."""

import asyncio
import base64
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from signet_agent.daemon import consent
from signet_agent.daemon.patience import MAX_WINDOWS_WITHOUT_A_YES, REST_S
from signet_agent.model import KeyUse
from signet_protocol.verify import TrustAnchors, VerificationError, verify_login
from tests.attacks.case import SECOND_SITE
from tests.attacks.classes import BAD_REQUEST, OK
from tests.attacks.hands import class_of, close_page, hear, open_page
from tests.attacks.procedures.messages import DOCUMENT
from tests.attacks.registry import plays
from tests.attacks.scene import Scene
from tests.attacks.stage import with_lists
from tests.kit.pki import DOCUMENT as SIGNING
from tests.kit.pki import ENTERPRISE, LOGIN
from tests.kit.running_agent import NONCE, code_of, until
from tests.kit.scripted_prompt import Person

BUSY = "E_BUSY"
FLOOD, FULL_FLOOD = 200, 10_000
"""Requests on one socket; the second in the long run."""

SPLITS, ALL_SPLITS = 2_000, 1_000_000
"""Ways to part the octets of an origin and a nonce."""

WITHDRAWN_S = 1.0
"""A window is gone within this time after its page."""


async def call(
    scene: Scene, label: str, method: str, accepted: tuple[str, ...] = (), **params: object
) -> dict[str, Any]:
    """Call once on a connection of its own, and judge the answer."""
    page = await scene.agent.connect(scene.stage.origin)
    answer = await page.call(method, **params)
    await page.close()
    scene.replies.append(json.dumps(answer))
    scene.judge(label, class_of(answer), code_of(answer), accepted)
    return answer


def outcomes(scene: Scene) -> list[str]:
    """Return how the acts in the log ended."""
    return [body["outcome"] for body in scene.agent.bodies() if body["kind"] == "outcome"]


def have_rested(scene: Scene) -> None:
    """Let the five minutes pass in which a site is not heard."""
    patience = scene.agent.agent._consent._patience
    before = patience._clock
    patience._clock = lambda: before() + REST_S


@plays("PC-01")
async def ask_for_certificates_first(scene: Scene) -> None:
    """Until the person has chosen, the page learns nothing of what is there."""
    shown, decides = asyncio.Event(), asyncio.Event()
    scene.agent.prompt.person = Person(waits=decides, on_window=lambda _: shown.set())
    page = await open_page(scene)
    page.say("choose", 1)
    await asyncio.wait_for(shown.wait(), 5)
    heard = "\n".join(page.texts)
    for token in scene.tokens:
        named = (token.certificate().fingerprint, token.certificate().holder, token.serial)
        scene.require(not any(each in heard for each in named), "the page learns of a token")
    decides.set()
    await hear(scene, "chosen", page)
    await close_page(scene, "choose", page)


@plays("PC-02")
async def refuse(scene: Scene) -> None:
    """One answer, no token touched, and the refusal on record."""
    scene.agent.prompt.person = Person(refuses=True)
    await call(scene, "refused", "sign", document=DOCUMENT, media_type="text/plain")
    scene.require(outcomes(scene) == ["user.refused"], f"on record: {outcomes(scene)}")


@plays("PC-03")
async def let_the_time_pass(scene: Scene) -> None:
    """Nobody touches the window, and it says nothing by itself either."""
    kept = consent.IDLE_S, consent.IDLE_GRACE_S
    consent.IDLE_S, consent.IDLE_GRACE_S = 0.2, 0.1
    try:
        scene.agent.prompt.person = Person(waits=asyncio.Event())
        await call(scene, "nobody answers", "login", nonce=NONCE)
    finally:
        consent.IDLE_S, consent.IDLE_GRACE_S = kept
    scene.require(outcomes(scene) == ["user.timeout"], f"on record: {outcomes(scene)}")


@plays("PC-04")
async def leave_while_the_window_is_open(scene: Scene) -> None:
    """The window goes with its page, and a click that comes later signs nothing."""
    shown, decides = asyncio.Event(), asyncio.Event()
    scene.agent.prompt.person = Person(waits=decides, on_window=lambda _: shown.set())
    page = await open_page(scene)
    page.say("login", 1, nonce=NONCE)
    await asyncio.wait_for(shown.wait(), 5)
    began = scene.now
    await page.close()
    await until(lambda: scene.agent.prompt.closed == 1)
    took = scene.now - began
    scene.require(took <= WITHDRAWN_S, f"the window stood for {took:.1f} s", slow=True)
    decides.set()
    await until(lambda: outcomes(scene) == ["page.cancelled"])
    scene.judge("the page went", "E_USER_DENIED", "page.cancelled")


@plays("PC-06")
async def flood_with_requests(scene: Scene) -> None:
    """One window; whatever else is asked meanwhile is turned away at once."""
    shown, decides = asyncio.Event(), asyncio.Event()
    scene.agent.prompt.person = Person(waits=decides, on_window=lambda _: shown.set(), refuses=True)
    page = await open_page(scene)
    page.say("login", 0, nonce=NONCE)
    await asyncio.wait_for(shown.wait(), 5)
    for number in range(1, FULL_FLOOD if scene.full else FLOOD):
        page.say("sign", number, document=DOCUMENT, media_type="text/plain")
        await hear(scene, "while a window is open", page)
    decides.set()
    await hear(scene, "the first", page, ("E_USER_DENIED",))
    await close_page(scene, "a flood", page)


@plays("PC-08")
async def ask_again_after_each_refusal(scene: Scene) -> None:
    """Three windows, then none for five minutes."""
    scene.agent.prompt.person = Person(refuses=True)
    page = await scene.agent.connect(scene.stage.origin)
    for number in range(100):
        answer = await page.call("login", nonce=NONCE)
        heard = number < MAX_WINDOWS_WITHOUT_A_YES
        scene.judge(
            f"request {number}",
            class_of(answer),
            code_of(answer),
            ("E_USER_DENIED",) if heard else (BUSY,),
        )
    await page.close()
    have_rested(scene)


@plays("PC-17", with_lists)
async def let_a_list_grow_after_the_approval(scene: Scene) -> None:
    """A list is frozen when it comes: nothing on the connection can add to it or change it."""
    page = await scene.agent.connect(scene.stage.origin)
    listed = [
        {"document": base64.b64encode(b"item %d" % n).decode(), "media_type": "text/plain"}
        for n in range(50)
    ]
    answer = await page.call("sign_batch", documents=listed)
    scene.judge("fifty documents", class_of(answer), code_of(answer), (OK,))
    scene.require(len(answer["result"]["items"]) == 50, "another number of signatures")
    one_more = {"document": DOCUMENT, "media_type": "text/plain"}
    for method in ("sign_batch_item", "sign_more", "continue"):
        later = await page.call(method, documents=[one_more])
        scene.judge(method, class_of(later), code_of(later), ("E_UNSUPPORTED",))
    await page.close()


@plays("PC-18")
async def use_a_consent_again(scene: Scene) -> None:
    """The window says its yes three times and signs once; no message can bring one back."""
    scene.agent.prompt.person = Person(agrees_times=3)
    await call(scene, "the first time", "login", (OK,), nonce=NONCE)
    (record,) = scene.agent.prompt.records
    again = {"nonce": NONCE, "consent": record.id.hex()}
    page = await scene.agent.connect(scene.stage.origin)
    for label, method, params in (
        ("the same", "login", again),
        ("for a document", "sign", {"document": DOCUMENT, "media_type": "text/plain", **again}),
        ("with a certificate", "login", {**again, "certificate": "0" * 64}),
    ):
        answer = await page.call(method, **params)
        scene.judge(label, class_of(answer), code_of(answer), (BAD_REQUEST,))
    await page.close()


@plays("PC-20")
async def rely_on_an_earlier_choice(scene: Scene) -> None:
    """A yes is good for one call: there are no standing grants, and nothing to revoke."""
    await call(scene, "agreed to", "login", (OK,), nonce=NONCE)
    scene.honest_calls += 1
    scene.agent.prompt.person = Person(refuses=True)
    await call(scene, "right after it", "sign", document=DOCUMENT, media_type="text/plain")


@plays("PC-21")
async def use_the_wrong_key_for_the_job(scene: Scene) -> None:
    """A signing key logs nobody in, a login key signs nothing; nobody is asked."""
    (kept, *others) = scene.tokens
    for other in others:
        scene.agent.reader.remove(other)
    good = kept.der
    for usage, method, params in (
        (SIGNING, "login", {"nonce": NONCE}),
        (LOGIN, "sign", {"document": DOCUMENT, "media_type": "text/plain"}),
    ):
        issued = scene.agent.authority.issue(ENTERPRISE, kept.key.public_key(), usage=usage)
        kept.der = issued.public_bytes(Encoding.DER)
        uses = kept.certificate().uses
        scene.require(len(uses) == 1 and KeyUse.OPEN not in uses, f"the stage is wrong: {uses}")
        await call(scene, method, method, ("E_CERT_INVALID",), **params)
    kept.der = good


@plays("PC-22")
async def relay_a_login_between_two_sites(scene: Scene) -> None:
    """A token that one site got is worthless at every other."""
    answer = await call(scene, "a login", "login", (OK,), nonce=NONCE)
    token = answer["result"]["token"]
    anchors = TrustAnchors.from_pem(scene.agent.authority.pem)
    now = datetime.now(UTC)
    _refused(scene, token, SECOND_SITE, NONCE, anchors, now)
    joined = scene.stage.origin + NONCE
    for number in range(1, ALL_SPLITS if scene.full else SPLITS):
        place = number % len(joined)
        if place != len(scene.stage.origin):
            _refused(scene, token, joined[:place], joined[place:], anchors, now)


def _refused(
    scene: Scene,
    token: dict[str, Any],
    origin: str,
    nonce: str,
    anchors: TrustAnchors,
    at: datetime,
) -> None:
    try:
        verify_login(token, origin=origin, nonce=nonce, anchors=anchors, at=at)
    except (VerificationError, ValueError):
        return
    scene.require(False, f"the login passes at {origin}")


@plays("PC-24")
async def bring_a_weak_nonce(scene: Scene) -> None:
    """None, half of one, one octet too few."""
    for octets in (b"", bytes(16), bytes(31)):
        nonce = base64.b64encode(octets).decode()
        await call(scene, f"{len(octets)} octets", "login", nonce=nonce)


@plays("PC-25")
async def ask_for_a_bare_signature(scene: Scene) -> None:
    """No method signs a hash, under no name."""
    digest = base64.b64encode(bytes(32)).decode()
    for method in ("sign_hash", "sign_raw", "sign_digest", "raw_sign"):
        await call(scene, method, method, ("E_UNSUPPORTED",), hash=digest)
    await call(scene, "plain", "sign", document=digest, media_type="text/plain", format="plain")


@plays("PC-28")
async def kill_the_window(scene: Scene) -> None:
    """A window that dies has not agreed; the next request gets a fresh one."""
    scene.agent.prompt.person = Person(dies=True)
    await call(scene, "it died", "login", ("E_SESSION_UNAVAILABLE",), nonce=NONCE)
