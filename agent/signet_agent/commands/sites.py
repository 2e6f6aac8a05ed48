"""``signet sites``: who may ask, and for what."""

import argparse

from signet_agent.commands.base import answer, policy_in_force
from signet_agent.daemon.policy.model import in_language
from signet_agent.settings import Settings


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """List the policy's sites.

    Raises:
        SettingsError: the policy cannot be used: no site may ask for anything.
    """
    policy = policy_in_force(settings)
    document = [
        {"origin": site.origin, "name": site.name, "operations": site.operations}
        for site in policy.site
    ]
    lines = [
        f"{site.origin}  {in_language(site.name, settings.language)}  "
        + ", ".join(operation.value for operation in site.operations)
        for site in policy.site
    ]
    answer(document, lines or ["没有登记的网站。 No site may ask."], as_json=parsed.json)
    return 0
