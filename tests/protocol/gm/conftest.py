"""One certification service for all of these tests."""

import pytest

from tests.protocol.gm.people import AUTHORITY, PERSON, Member, issue


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Member:
    return issue(tmp_path_factory.mktemp("root"), "root", extensions=AUTHORITY)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory, root: Member) -> Member:
    return issue(tmp_path_factory.mktemp("ca"), "authority", root, extensions=AUTHORITY)


@pytest.fixture(scope="session")
def person(tmp_path_factory: pytest.TempPathFactory, authority: Member) -> Member:
    return issue(tmp_path_factory.mktemp("person"), "person", authority, extensions=PERSON)
