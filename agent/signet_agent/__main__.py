"""The command ``signet``: its words, and who carries each out."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from signet_agent import __version__

_COMMANDS: dict[str, tuple[str, dict[str, str]]] = {
    "run": ("run the agent", {}),
    "status": ("show the state of the running agent, and its window", {}),
    "doctor": ("look for what stands in the way", {}),
    "tokens": ("list the present tokens and their certificates", {}),
    "sites": ("list the sites that may ask, and what", {}),
    "policy": (
        "judge a policy",
        {"show": "print the one in force", "check": "name what is wrong with a file"},
    ),
    "audit": (
        "read the log",
        {
            "list": "show the newest records",
            "verify": "tell whether the chain is whole",
            "export": "print every record as a line of JSON",
        },
    ),
    "trust": (
        "make browsers trust wss and https on localhost",
        {
            "show": "tell what the browsers trust now",
            "install": "make a certificate for this computer and have them trust it",
            "remove": "take it out of every store again",
        },
    ),
}
"""Each command with its summary and, where it has some, its actions; the usual one comes first."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit status: 0 well, 1 not well, 2 wrong words."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["room"]:
        return _run_room(words[1:])
    parsed = _parser().parse_args(words)
    from signet_agent.commands import carry_out

    return carry_out(parsed)


def _run_room(words: Sequence[str]) -> int:
    """Become a room; only the daemon starts these, with an inherited socket."""
    from signet_agent.rooms import ROOM_NAMES, run_room

    name, descriptor, parent = words
    if name not in ROOM_NAMES:
        return 2
    return run_room(name, int(descriptor), int(parent))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signet",
        description="签章助手 Signet, the agent between web pages and your certificate",
    )
    parser.add_argument("--version", action="version", version=f"signet {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, actions) in _COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        _add_places(command)
        if actions:
            _add_actions(command, actions)
    run = commands.choices["run"]
    run.add_argument("--port", type=int, metavar="N", help="first of eight ports")
    run.add_argument("--no-tray", action="store_true", help="do not show a tray icon")
    return parser


def _add_actions(command: argparse.ArgumentParser, actions: dict[str, str]) -> None:
    """Add a command's actions; without one it does the first, which changes nothing."""
    usual = next(iter(actions))
    chosen = command.add_subparsers(dest="action", metavar="ACTION", help=f"{usual} if left out")
    command.set_defaults(action=usual)
    for action, summary in actions.items():
        # What is not given here leaves alone what was given before the action.
        parser = chosen.add_parser(action, help=summary, argument_default=argparse.SUPPRESS)
        _add_places(parser)
        if action == "check":
            parser.add_argument("file", metavar="FILE", type=Path)
        if action == "verify":
            kept = "heads that others kept: lines of the system log, or replies to pages"
            parser.add_argument("--marks", metavar="FILE", type=Path, default=None, help=kept)


def _add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command shares."""
    parser.add_argument("--json", action="store_true", help="answer in JSON, errors too")
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="where the machine has no policy: this one"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="folder of log and certificate")


if __name__ == "__main__":
    sys.exit(main())
