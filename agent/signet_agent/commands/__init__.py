"""The commands of ``signet``: a family with one file each; none of them signs anything."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import cast

from signet_agent.commands.base import answer
from signet_agent.errors import AgentError
from signet_agent.settings import Settings, read_settings

Command = Callable[[argparse.Namespace, Settings], int]


def carry_out(parsed: argparse.Namespace) -> int:
    """Run the command that was named and return its exit status."""
    module = import_module(f"signet_agent.commands.{parsed.command}")
    command = cast("Command", module.run)
    try:
        settings = read_settings(parsed.policy, parsed.state, getattr(parsed, "port", None))
        return command(parsed, settings)
    except AgentError as error:
        if parsed.json:
            fault = {"code": error.code.value, "detail": error.detail}
            answer({"ok": False, "error": fault}, (), as_json=True)
        else:
            sys.stderr.write(f"signet: {error.detail}\n")
        return 1
