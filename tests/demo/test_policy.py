"""The demonstration's policy is one that the agent takes."""

from pathlib import Path

import pytest

from demo.home import DemoHome
from demo.policy import policy_text
from portal.hosts import site_origins
from signet_agent.daemon.policy.reading import parse_policy

pytestmark = pytest.mark.quick


def test_the_agent_takes_the_policy(home: DemoHome) -> None:
    origins = site_origins("localhost", 8443)

    policy = parse_policy(policy_text(home, origins))

    assert {site.origin for site in policy.site} == {origins["guoshui"], origins["gongshang"]}
    assert [token.name for token in policy.software] == ["e1", "c01"]
    assert all(Path(token.path).is_dir() for token in policy.software)
