"""The order of the folders, where one of them stands in another's way."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the simulator's tests first.

    The browser tests keep an agent on the usual ports to the end, beside which no simulator runs.
    """
    items.sort(key=lambda item: "simulator" not in item.path.parts)
