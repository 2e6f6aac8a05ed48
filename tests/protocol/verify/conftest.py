"""One certification service for all of these tests."""

import pytest

from tests.protocol.verify.city import City


@pytest.fixture(scope="session")
def city() -> City:
    return City()
