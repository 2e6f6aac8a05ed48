"""``signet status``: how the running agent is; opens its window on a desktop."""

import argparse

from signet_agent.commands.base import answer
from signet_agent.daemon.endpoints.control import ask_running_agent
from signet_agent.settings import Settings


def run(parsed: argparse.Namespace, settings: Settings) -> int:
    """Print the state, and raise the status window unless JSON is wanted."""
    question = "status" if parsed.json else "status-window"
    state = ask_running_agent(settings.control_socket, question)
    if state is None:
        answer(
            {"state": "stopped"}, ["签章助手没有运行。 Signet is not running."], as_json=parsed.json
        )
        return 1
    lines = [f"{state['sentence']} · {state['version']} · ws://127.0.0.1:{state['port']}"]
    answer(state, lines, as_json=parsed.json)
    return 0
