"""What must hold after every case, whatever the case was."""

import gc
import json
import re
from datetime import UTC, datetime

from signet_agent.daemon.audit import verify_chain
from signet_agent.model import Operation
from signet_protocol.verify import TrustAnchors, VerificationError, verify_login
from tests.attacks.scene import Scene
from tests.kit.mock_token import PIN
from tests.kit.running_agent import NONCE, code_of
from tests.kit.scripted_prompt import Person

HONEST_S = 2.0
"""An honest page gets its login within this time."""

_DIGEST = re.compile(r"[0-9a-f]{32,}")
"""Left out of the search for the PIN: six digits stand in some digest sooner or later."""

_INTERNALS = re.compile(
    r"Traceback|File \"|\w\.py\b|site-packages|(?<![\w+/=])/(?:usr|home|root|tmp|var|etc|opt)/"
)
"""Words of the inside: stack traces, source files, folders of this machine."""


async def check(scene: Scene) -> None:
    """Check everything that can be told while the agent runs."""
    _check_counts(scene)
    if scene.case.expect.agent_keeps_serving:
        await _check_service(scene)
    _check_keys(scene)
    _check_windows(scene)
    _check_texts(scene)
    await _check_refusals(scene)


def check_log(scene: Scene) -> None:
    """Check the agent's log after its end."""
    records = scene.agent.storage.records
    report = verify_chain(records)
    scene.require(report.intact, f"the chain breaks at record {report.broken_at}")
    scene.require(not report.open_intents, f"intents without outcome: {report.open_intents}")
    bodies = scene.agent.bodies()
    kinds = [body["kind"] for body in bodies]
    asked, agreed = len(scene.agent.prompt.records), scene.agent.prompt.approvals
    for kind, count in {"start": 1, "stop": 1, "intent": asked, "consent": agreed}.items():
        scene.require(kinds.count(kind) == count, f"{kinds.count(kind)} records of {kind}")
    refused = sum(sum(body.get("refused", {}).values()) for body in bodies)
    scene.require(
        refused == scene.origin_refusals,
        f"{refused} refusals in the log, {scene.origin_refusals} were made",
    )
    text = json.dumps(bodies, ensure_ascii=False)
    scene.require(PIN not in _DIGEST.sub("", text), "the PIN stands in the agent's log")
    internals = _INTERNALS.search(text)
    scene.require(not internals, f"internals in the agent's log: {internals}")


def _check_counts(scene: Scene) -> None:
    """Compare what the attack caused with the case's numbers; honest calls are not the attack's."""
    expect, counted = scene.case.expect, scene.key_uses()
    found = {
        "prompts_shown": len(scene.agent.prompt.records) - scene.honest_calls,
        "token_private_ops": counted.private_ops - scene.honest_calls,
        "pin_tries_used": counted.wrong_pins,
    }
    for name, caused in found.items():
        wanted = getattr(expect, name)
        if isinstance(wanted, int):
            scene.require(caused == wanted, f"{name}: {caused}, not {wanted}")


async def _check_service(scene: Scene) -> None:
    """Log in as an honest page of the same agent, and verify what it gets."""
    agent = scene.agent
    agent.prompt.person = Person()
    began = scene.now
    page = await agent.connect(scene.stage.origin)
    answer = await page.call("login", nonce=NONCE)
    took = scene.now - began
    await page.close()
    scene.require(took <= HONEST_S, f"an honest login took {took:.1f} s", slow=True)
    if "result" not in answer:
        scene.require(False, f"an honest login ended in {code_of(answer)}")
        return
    try:
        verify_login(
            answer["result"]["token"],
            origin=scene.stage.origin,
            nonce=NONCE,
            anchors=TrustAnchors.from_pem(agent.authority.pem),
            at=datetime.now(UTC),
        )
    except VerificationError as error:
        scene.require(False, f"an honest login does not verify: {error}")


def _check_keys(scene: Scene) -> None:
    """Compare the uses of keys with the approvals; showing a certificate needs no key.

    A PIN that was not taken is an approval without a use; a use without an approval is never. The
    approval of a list is one for each of its documents.
    """
    prompt = scene.agent.prompt
    shown = sum(record.operation is Operation.CHOOSE for record in prompt.records)
    listed = sum(len(record.items) - 1 for record in prompt.records if record.items)
    used, agreed = scene.key_uses().private_ops, prompt.approvals - shown + listed
    scene.require(used <= agreed, f"{used} uses of a key, {agreed} approvals of one")


def _check_windows(scene: Scene) -> None:
    """Look at who asked in each window."""
    asking = {record.origin for record in scene.agent.prompt.records}
    strangers = asking - {scene.stage.origin}
    scene.require(not strangers, f"a window for {', '.join(sorted(strangers))}")


def _check_texts(scene: Scene) -> None:
    """Search replies and log for the PIN, for internals and for traces."""
    # A task whose error nobody fetched tells of it when it is collected.
    gc.collect()
    for place, text in {"a reply": "\n".join(scene.replies), "the log": scene.book.text}.items():
        internals = _INTERNALS.search(text)
        scene.require(not internals, f"internals in {place}: {internals}")
        scene.require(PIN not in _DIGEST.sub("", text), f"the PIN stands in {place}")
    for trace in scene.book.traces():
        scene.require(False, f"a traceback was logged: {trace}")


async def _check_refusals(scene: Scene) -> None:
    """Compare the agent's count of refused sites with the refusals that were answered."""
    view = await scene.agent.agent.describe()
    counted = sum(site.count for site in view.refused)
    scene.require(
        counted == scene.origin_refusals,
        f"{counted} refusals counted, {scene.origin_refusals} were made",
    )
