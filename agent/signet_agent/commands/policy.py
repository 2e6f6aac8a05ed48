"""``signet policy check FILE`` names line and field at fault; ``show`` prints what is in force."""

import argparse
from pathlib import Path

from signet_agent.commands.base import answer
from signet_agent.daemon.policy import PolicyError, read_policy
from signet_agent.settings import Settings


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Judge a policy file, or the one in force."""
    path: Path = parsed.file if parsed.action == "check" else settings.policy_file
    try:
        policy = read_policy(path)
    except PolicyError as error:
        fault = {
            "ok": False,
            "line": error.line,
            "field": error.field,
            "sentence": error.sentence,
        }
        answer(fault, [f"{path}: {error}"], as_json=parsed.json)
        return 1
    if parsed.action == "show":
        answer(policy, path.read_text("utf-8").splitlines(), as_json=parsed.json)
        return 0
    count = len(policy.site)
    line = f"{path}: 可用，{count} 个网站。 Usable, {count} sites."
    answer({"ok": True, "sites": count}, [line], as_json=parsed.json)
    return 0
