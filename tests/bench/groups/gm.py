"""The national algorithms: what SM2, SM3 and SM4 cost beyond OpenSSL's own speed.

The limits of SM2, SM3 and SM4 are what ``openssl speed`` shows in the same round; a message is
held against the bare signature in it. Counted is the processor's time, as ``openssl speed`` does,
so that what else the machine is doing falls on neither.
"""

import subprocess
from collections.abc import Callable, Iterator
from time import process_time

from cryptography.hazmat.primitives.serialization import Encoding

from signet_agent.daemon.verification import compute_digest
from signet_agent.documents.formats.gmt0010 import Gmt0010Format
from signet_agent.model import Algorithm
from signet_protocol.gm import DEFAULT_ID, Sm2PrivateKey
from signet_protocol.gm.gmt0009 import read_signature
from signet_protocol.gm.sm3 import Sm3, sm3
from signet_protocol.gm.sm4 import Sm4CbcEncryptor
from tests.bench.metric import Comparison, Goal, Metric
from tests.bench.plan import Plan
from tests.kit.national import Sm2Authority

OPERATIONS = 1000
"""Signatures, or checks of one, in a round."""

PIECES = 1000
"""Pieces of a stream in a round."""

PIECE_BYTES = 64 * 1024
"""As files are read; ``openssl speed`` is told the same."""

SM2_RATE = Goal("ratio", ">=", 0.85)
STREAM_RATE = Goal("ratio", ">=", 0.95)
MESSAGE_RATE = Goal("ratio", ">=", 0.8)

MESSAGE = bytes(20)
"""``openssl speed`` signs as many octets."""

DOCUMENT = b'{"form":"gs1/1","tax_due":"48627.65"}' * 30
SIGNED_AT = 1_794_464_432

_MB = 1e6


def measure_gm(plan: Plan) -> Iterator[Metric]:
    """Measure SM2, the streams, and a whole message."""
    yield from _measure_sm2(plan)
    yield _measure_stream(plan, "sm3", lambda: Sm3().update)
    yield _measure_stream(plan, "sm4-cbc", lambda: Sm4CbcEncryptor(bytes(16), bytes(16)).update)
    yield _measure_message(plan)


def _measure_sm2(plan: Plan) -> Iterator[Metric]:
    key, count = Sm2PrivateKey.generate(), plan.count(OPERATIONS)
    signature = key.sign(MESSAGE, identity=DEFAULT_ID)

    def sign() -> None:
        key.sign(MESSAGE, identity=DEFAULT_ID)

    def verify() -> None:
        assert key.public_key.verify(signature, MESSAGE, identity=DEFAULT_ID)

    signs, verifications = Comparison(), Comparison()
    for _ in range(plan.rounds):
        limit = _speed("sm2")
        signs.add([_rate(sign, count)], [limit[-2]])
        verifications.add([_rate(verify, count)], [limit[-1]])
    yield signs.medians().metric("gm.sm2.sign", "signatures/s", SM2_RATE)
    yield verifications.medians().metric("gm.sm2.verify", "signatures/s", SM2_RATE)


def _measure_stream(
    plan: Plan, name: str, begin: Callable[[], Callable[[bytes], object]]
) -> Metric:
    piece, count, rates = bytes(PIECE_BYTES), plan.count(PIECES), Comparison()
    for _ in range(plan.rounds):
        update = begin()
        rate = _rate(lambda update=update: update(piece), count) * PIECE_BYTES  # type: ignore[misc]  # a lambda's default has no type
        rates.add([rate], [_speed("-bytes", str(PIECE_BYTES), "-evp", name)[-1]])
    return rates.medians().scaled(1 / _MB).metric(f"gm.{name[:3]}", "MB/s", STREAM_RATE)


def _measure_message(plan: Plan) -> Metric:
    """Hash, attributes, e, signature and message, against hash and signature alone."""
    person, form = Sm2Authority.create("示例 CA").issue(), Gmt0010Format()
    der, spki = person.certificate.public_bytes(Encoding.DER), person.key.public_key.spki

    def ours() -> None:
        attributes = form.bind(sm3(DOCUMENT), der, Algorithm.SM2, SIGNED_AT)
        digest = compute_digest(spki, Algorithm.SM2, attributes)
        signature = read_signature(person.key.sign_digest(digest))
        form.finish(attributes, der, Algorithm.SM2, signature, None)

    def bare() -> None:
        person.key.sign(DOCUMENT, identity=DEFAULT_ID)

    count, rates = plan.count(OPERATIONS), Comparison()
    for _ in range(plan.rounds):
        rates.add([_rate(ours, count)], [_rate(bare, count)])
    return rates.medians().metric("gm.message", "messages/s", MESSAGE_RATE)


def _speed(*words: str) -> list[float]:
    """Return the rates on the last line of ``openssl speed``, each operation for a second."""
    command = ["openssl", "speed", "-mr", "-seconds", "1", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("+F"))
    return [float(part) for part in line.split(":") if "." in part]


def _rate(work: Callable[[], object], count: int) -> float:
    started = process_time()
    for _ in range(count):
        work()
    return count / (process_time() - started)
