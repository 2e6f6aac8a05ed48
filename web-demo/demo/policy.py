"""The machine policy of the demonstration: the departments as they name themselves, two tokens."""

import json
from collections.abc import Mapping

from demo.home import DemoHome
from demo.identities import CITIZEN, ENTERPRISE
from portal.departments.policy import policy_toml

_HEAD = """\
# Made by the demonstration at each start; the ports may differ from the last one.
# The signet command takes it only where the machine has no policy of its own.
version = 1
"""


def policy_text(home: DemoHome, origins: Mapping[str, str]) -> str:
    """Return the policy that allows the departments' origins and names the software tokens."""
    lines = [_HEAD]
    for identity in (ENTERPRISE, CITIZEN):
        # A TOML basic string takes JSON's escapes.
        path = json.dumps(str(home.token(identity)), ensure_ascii=False)
        lines.append(f'[[software]]\nname = "{identity.key}"\npath = {path}\n')
    return "\n".join(lines) + "\n" + policy_toml(origins)
