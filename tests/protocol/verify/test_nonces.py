"""A nonce counts once, for five minutes, in the session it was issued to."""

from base64 import b64decode
from threading import Thread

import pytest

from signet_protocol.messages import is_nonce
from signet_protocol.verify import MemoryNonces, NonceLedger, Reason, VerificationError
from signet_protocol.verify.nonces import MAX_OPEN_NONCES, NONCE_SECONDS
from tests.protocol.verify.city import refused

pytestmark = pytest.mark.quick


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_nonce_has_the_form_the_agent_wants() -> None:
    nonce = MemoryNonces().issue("session")
    assert is_nonce(nonce)
    assert len(b64decode(nonce, validate=True)) == 32


def test_a_nonce_is_redeemed_once() -> None:
    nonces: NonceLedger = MemoryNonces()
    nonce = nonces.issue("session")
    nonces.redeem(nonce, "session")
    with refused(Reason.NONCE_UNKNOWN):
        nonces.redeem(nonce, "session")


def test_a_nonce_that_was_never_issued_is_refused() -> None:
    with refused(Reason.NONCE_UNKNOWN):
        MemoryNonces().redeem("A" * 44, "session")


def test_a_nonce_of_another_session_is_refused_and_used_up() -> None:
    nonces = MemoryNonces()
    nonce = nonces.issue("hers")
    with refused(Reason.NONCE_UNKNOWN):
        nonces.redeem(nonce, "his")
    with refused(Reason.NONCE_UNKNOWN):
        nonces.redeem(nonce, "hers")


def test_a_session_may_have_several_nonces_under_way() -> None:
    nonces = MemoryNonces()
    first, second = nonces.issue("session"), nonces.issue("session")
    assert first != second
    nonces.redeem(second, "session")
    nonces.redeem(first, "session")


def test_a_nonce_lives_five_minutes_and_no_longer() -> None:
    clock = Clock()
    nonces = MemoryNonces(clock)
    in_time, late = nonces.issue("session"), nonces.issue("session")
    clock.seconds += NONCE_SECONDS
    nonces.redeem(in_time, "session")
    clock.seconds += 0.001
    with refused(Reason.NONCE_UNKNOWN):
        nonces.redeem(late, "session")


def test_a_flood_drops_the_oldest_nonces_and_keeps_the_rest() -> None:
    nonces = MemoryNonces()
    oldest, next_oldest = nonces.issue("session"), nonces.issue("session")
    for _ in range(MAX_OPEN_NONCES - 1):
        nonces.issue("flood")
    with refused(Reason.NONCE_UNKNOWN):
        nonces.redeem(oldest, "session")
    nonces.redeem(next_oldest, "session")


def test_of_many_threads_with_one_nonce_one_gets_in() -> None:
    nonces = MemoryNonces()
    nonce = nonces.issue("session")
    outcomes: list[bool] = []

    def attempt() -> None:
        try:
            nonces.redeem(nonce, "session")
        except VerificationError:
            outcomes.append(False)
        else:
            outcomes.append(True)

    threads = [Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]
