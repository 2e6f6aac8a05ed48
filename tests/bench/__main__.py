"""``python -m tests.bench``: measure, and print one line for each metric."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.bench.groups.audit import measure_chain, measure_record
from tests.bench.groups.client import measure_client
from tests.bench.groups.cms import measure_cms
from tests.bench.groups.connection import measure_connection
from tests.bench.groups.daemon import measure_idle, measure_start
from tests.bench.groups.gm import measure_gm
from tests.bench.groups.service import measure_service
from tests.bench.groups.signature import measure_p256, measure_rsa
from tests.bench.groups.skf import measure_skf
from tests.bench.groups.tokens import (
    measure_cards,
    measure_rate,
    measure_recovery,
    measure_worker,
)
from tests.bench.groups.verification import measure_logins, measure_signatures
from tests.bench.groups.window import measure_window
from tests.bench.metric import Metric
from tests.bench.plan import DEFAULT_ROUNDS, Plan

GROUPS: dict[str, Callable[[Plan], Iterator[Metric]]] = {
    "signature.rsa2048": measure_rsa,
    "signature.p256": measure_p256,
    "connection": measure_connection,
    "cms": measure_cms,
    "audit.record": measure_record,
    "audit.chain": measure_chain,
    "daemon.start": measure_start,
    "daemon.idle": measure_idle,
    "tokens.worker": measure_worker,
    "tokens.rate": measure_rate,
    "tokens.card": measure_cards,
    "tokens.recovery": measure_recovery,
    "verification.logins": measure_logins,
    "verification.signatures": measure_signatures,
    "client": measure_client,
    "service": measure_service,
    "gm": measure_gm,
    "window": measure_window,
    "skf": measure_skf,
}
"""What begins with a name is measured by the function beside it, together."""


def measure(plan: Plan, prefix: str = "") -> Iterator[Metric]:
    """Yield every metric whose name begins with the prefix, as it is measured."""
    for group, measured in GROUPS.items():
        if group.startswith(prefix) or prefix.startswith(group):
            yield from (each for each in measured(plan) if each.name.startswith(prefix))


def main() -> int:
    """Carry out the command and return its exit status: 0 however the figures are."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--only", default="", metavar="PREFIX", help="metrics of this name only")
    parser.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS, metavar="N")
    words = parser.parse_args()
    if words.rounds < 1:
        parser.error("at least one round")
    found = False
    with tempfile.TemporaryDirectory(prefix="signet-bench-") as folder:
        for metric in measure(Plan(Path(folder), words.rounds), words.only):
            line = msgspec.json.encode(metric).decode() if words.json else row(metric)
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            found = True
    if not found:
        parser.error(f"no metric begins with {words.only}")
    return 0


def row(metric: Metric) -> str:
    """Return a metric as a line of the table."""
    limit = "" if metric.limit is None else f"limit {metric.limit:g}"
    ratio = "" if metric.ratio is None else f"x {metric.ratio:g}"
    met = {True: "met", False: "NOT MET", None: ""}[metric.met]
    value = f"{metric.value:g} {metric.unit}"
    return (
        f"{metric.name:36} {value:>20}  {limit:16} {ratio:10} {metric.goal or '':24} {met}".rstrip()
    )


if __name__ == "__main__":
    sys.exit(main())
