"""A demonstration's folder, made once for the tests that only read it."""

from pathlib import Path

import pytest

from demo.home import DemoHome, open_home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> DemoHome:
    folder: Path = tmp_path_factory.mktemp("demo") / "home"
    return open_home(folder)[0]
