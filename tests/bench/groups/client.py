"""The page's client: what it costs a page to have it."""

import gzip
from collections.abc import Iterator

from tests.bench.metric import Figures, Goal, Metric
from tests.bench.plan import Plan
from tests.kit.page_client import minified, minified_without_sentences

KB = 1e-3
"""Kilobytes in an octet."""

SMALL = Goal("value", "<=", 15.0)


def measure_client(_plan: Plan) -> Iterator[Metric]:
    """Sizes as a server would send them; they do not vary, so one round is enough."""
    whole, program = minified(), minified_without_sentences()
    yield Figures(len(program) * KB).metric("client.program", "kB", SMALL)
    yield Figures(len(whole) * KB).metric("client.whole", "kB")
    yield Figures(len(gzip.compress(whole)) * KB).metric("client.gzipped", "kB", SMALL)
