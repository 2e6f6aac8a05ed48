"""The demonstration people, made once; they are the same for every test."""

import pytest

from signet_simulator.people import Crowd


@pytest.fixture(scope="session")
def crowd() -> Crowd:
    return Crowd.create()
