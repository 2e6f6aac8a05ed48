"""Signed documents a second: what the CMS around a signature costs."""

from collections.abc import Iterator
from statistics import median

from tests.bench.bench_token import BenchToken
from tests.bench.metric import Comparison, Goal, Metric
from tests.bench.plan import Plan

DOCUMENTS = 200
"""In a round."""

RATE = Goal("ratio", ">=", 0.8)


def measure_cms(plan: Plan) -> Iterator[Metric]:
    """Hash, attributes, signature and CMS, against hash and signature, in one session each."""
    token = BenchToken.create(plan.subfolder("cms"), "rsa2048")
    count, rates = plan.count(DOCUMENTS), Comparison()
    with token.loop() as loop:
        for _ in range(plan.rounds):
            bare = _rate(loop.ask(["raw", count])["seconds"])
            rates.add([_rate(loop.ask(["cms", count])["seconds"])], [bare])
    yield rates.medians().metric("cms.rate", "documents/s", RATE)


def _rate(seconds: list[float]) -> float:
    """Return how many a second the usual one allows; a pause of the machine counts once."""
    return 1 / median(seconds)
