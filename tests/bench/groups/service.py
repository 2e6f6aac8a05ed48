"""Verifications a second and core through REST: what HTTP and JSON add to the library.

Both sides are counted in processor time: the service's is that of its process, whoever else the
machine works for, the limit's that of the loop. The limit is the same as that of the library: the
bare public-key operations of one verification, with ``cryptography`` alone.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from time import process_time
from typing import Any

import aiohttp

from tests.bench.accounts import processor_seconds
from tests.bench.groups.verification import CONTENT, BareCity
from tests.bench.metric import Comparison, Goal, Metric
from tests.bench.plan import Plan
from tests.kit.verification_service import RunningService
from tests.protocol.verify.city import write_token
from tests.protocol.verify.draft import Draft

VERIFICATIONS = 300
"""In a round."""

CALLERS = 8
"""Connections of a back end, each with one call after the other; as many as there are threads."""

RATE = Goal("ratio", ">=", 0.2)
"""Half of what the library alone is held to: HTTP may cost as much as the verification."""

ORIGIN = "https://portal.example.com"
SESSION = "bench"

CONFIGURATION = f"""
authorities = ["city.pem"]
revocation.mode = "ignore"
[service]
origins = ["{ORIGIN}"]
listen = "127.0.0.1:0"
"""

Bodies = Sequence[bytes]


def measure_service(plan: Plan) -> Iterator[Metric]:
    """Measure both kinds of verification with one service, which keeps its nonces in itself."""
    city, folder = BareCity(), plan.subfolder("service")
    (folder / "city.pem").write_bytes(city.hierarchy.pem)
    with RunningService.started(folder, CONFIGURATION) as service:
        yield _measure_logins(plan, city, service)
        yield _measure_signatures(plan, city, service)


def _measure_logins(plan: Plan, city: BareCity, service: RunningService) -> Metric:
    """Redeem a nonce and verify a token over it; issuing the nonce is not counted."""
    bare = city.bare_login()

    def prepare(count: int) -> Bodies:
        request = json.dumps({"origin": ORIGIN, "session": SESSION}).encode()
        issued = asyncio.run(call_all(service.url + "/v1/nonces", [request] * count))
        return [_login(city, answer["nonce"]) for answer in issued]

    return _compare(plan, service, "logins", prepare, bare)


def _measure_signatures(plan: Plan, city: BareCity, service: RunningService) -> Metric:
    """Verify a detached CAdES-B signature."""
    draft = Draft(city.signer, CONTENT)
    bare = city.bare_signature(draft)
    document = {"signature": _text(draft.build()), "document": _text(CONTENT)}
    body = json.dumps(document).encode()
    return _compare(plan, service, "signatures", lambda count: [body] * count, bare)


def _compare(
    plan: Plan,
    service: RunningService,
    name: str,
    prepare: Callable[[int], Bodies],
    bare: Callable[[], None],
) -> Metric:
    count, rates = plan.count(VERIFICATIONS), Comparison()
    for _ in range(plan.rounds):
        bodies = prepare(count)
        before = processor_seconds(service.process.pid)
        reports = asyncio.run(call_all(f"{service.url}/v1/{name}", bodies))
        ours = processor_seconds(service.process.pid) - before
        assert all(report["accepted"] for report in reports)
        started = process_time()
        for _ in range(count):
            bare()
        rates.add([count / ours], [count / (process_time() - started)])
    return rates.medians().metric(f"service.{name}", f"{name}/s/core", RATE)


async def call_all(url: str, bodies: Bodies) -> list[dict[str, Any]]:
    """Post all bodies over a few lasting connections; return the answers, in no order."""
    waiting, answers = list(bodies), list[dict[str, Any]]()
    headers = {"Content-Type": "application/json"}

    async def call(session: aiohttp.ClientSession) -> None:
        while waiting:
            async with session.post(url, data=waiting.pop(), headers=headers) as answer:
                answers.append(await answer.json())

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(CALLERS):
            group.create_task(call(session))
    return answers


def _login(city: BareCity, nonce: str) -> bytes:
    token = write_token(city.signer, "p256", origin=ORIGIN, nonce=nonce)
    document = {"origin": ORIGIN, "session": SESSION, "nonce": nonce, "token": token}
    return json.dumps(document).encode()


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")
