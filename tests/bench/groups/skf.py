"""One SM2 signature through the token room, against a loop in C over the same SKF library."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from signet_agent.channel.token_messages import OpenModule, Signatures
from signet_agent.model import Certificate
from signet_protocol.gm import DEFAULT_ID, Sm2PublicKey
from signet_protocol.gm.gmt0009 import write_signature
from signet_protocol.gm.sm2 import compute_e
from tests.bench.line_process import CHILDREN, LineProcess
from tests.bench.metric import MS, Comparison, Metric
from tests.bench.plan import Plan
from tests.kit.token_room import TokenRoomProcess, signing_certificate
from tests.skf.build import SOURCES, SoftSkf
from tests.skf.devices import APPLICATION, CONTAINER, PIN, SERIAL, plug_in
from tests.skf.people import GmPeople

SIGNATURES = 100
"""In a round."""

WARM_UP = 20

_DOCUMENT = b"0123456789abcde\n" * 640


def measure_skf(plan: Plan) -> Iterator[Metric]:
    """Ask for a PIN's key, seal the PIN, sign; a consent each, as the daemon does."""
    folder = plan.subfolder("skf")
    skf = SoftSkf.compile(folder / "library")
    people = GmPeople.create(folder)
    plug_in(skf, {APPLICATION: {CONTAINER: people.container()}})
    count, times = plan.count(SIGNATURES), Comparison()
    with _loop(folder, skf) as loop, TokenRoomProcess(name="skf") as room:
        certificate = signing_certificate(room.open(OpenModule("gm", "skf", str(skf.path))))
        sign = _signer(room, certificate)
        _check(certificate, sign())
        loop.ask(plan.count(WARM_UP))
        for _ in range(plan.rounds):
            bare = loop.ask(count)
            times.add([_timed(sign) for _ in range(count)], bare)
    yield times.medians().scaled(MS).metric("skf.p50", "ms")


def _loop(folder: Path, skf: SoftSkf) -> LineProcess:
    program = folder / "skf_loop"
    source = CHILDREN / "skf_loop.c"
    subprocess.run(["cc", "-O2", f"-I{SOURCES}", "-o", program, source, "-ldl"], check=True)
    return LineProcess([str(program), str(skf.path), SERIAL, APPLICATION, CONTAINER, PIN])


def _signer(room: TokenRoomProcess, certificate: Certificate) -> Callable[[], bytes]:
    digest = compute_e(Sm2PublicKey.from_spki(certificate.spki).point, _DOCUMENT, DEFAULT_ID)

    def sign() -> bytes:
        answer = room.ask(replace(room.order(certificate, b"", PIN), digests=(digest,)))
        assert isinstance(answer, Signatures), answer
        return answer.values[0]

    return sign


def _check(certificate: Certificate, value: bytes) -> None:
    """Make sure that what is measured is a signature of the document."""
    public = Sm2PublicKey.from_spki(certificate.spki)
    assert public.verify(write_signature(value), _DOCUMENT, identity=DEFAULT_ID)


def _timed(sign: Callable[[], bytes]) -> float:
    began = time.perf_counter()
    sign()
    return time.perf_counter() - began
