"""What is signed or encrypted here holds and opens there, and the other way round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_protocol.gm import Sm2PrivateKey
from tests.protocol.gm.oracles import ORACLES, Oracle

MESSAGES, IDENTITIES = st.binary(max_size=300), st.binary(min_size=1, max_size=40)
PLAINTEXTS = st.binary(min_size=1, max_size=255)


def run_both_ways(oracle: Oracle, message: bytes, identity: bytes, plaintext: bytes) -> None:
    """Sign and encrypt here and there, and let the other side check."""
    key = Sm2PrivateKey.generate()
    scalar, point = key.scalar, key.public_key.point
    theirs = oracle.sign(scalar, point, message, identity)
    assert key.public_key.verify(theirs, message, identity=identity)
    assert oracle.verify(point, message, identity, key.sign(message, identity=identity))
    assert key.decrypt(oracle.encrypt(point, plaintext)) == plaintext
    assert oracle.decrypt(scalar, key.public_key.encrypt(plaintext)) == plaintext


@pytest.mark.parametrize("oracle", ORACLES, ids=["c", "python"])
@settings(max_examples=100, deadline=None)
@given(message=MESSAGES, identity=IDENTITIES, plaintext=PLAINTEXTS)
def test_foreign_libraries_agree(
    oracle: Oracle, message: bytes, identity: bytes, plaintext: bytes
) -> None:
    run_both_ways(oracle, message, identity, plaintext)


@pytest.mark.long
@pytest.mark.parametrize("oracle", ORACLES, ids=["c", "python"])
@settings(max_examples=10_000, deadline=None)
@given(message=MESSAGES, identity=IDENTITIES, plaintext=PLAINTEXTS)
def test_foreign_libraries_agree_ten_thousand_times(
    oracle: Oracle, message: bytes, identity: bytes, plaintext: bytes
) -> None:
    run_both_ways(oracle, message, identity, plaintext)
