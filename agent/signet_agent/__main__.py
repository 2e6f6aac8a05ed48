"""The command ``signet``: its words, and who carries each out."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from signet_agent import __version__


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
    for name, summary in (
        ("run", "run the agent"),
        ("status", "show the state of the running agent, and its window"),
        ("doctor", "look for what stands in the way"),
        ("tokens", "list the present tokens and their certificates"),
        ("sites", "list the sites that may ask, and what"),
    ):
        _places(commands.add_parser(name, help=summary))
    _places(commands.choices["run"], port=True)
    _add_actions(commands, "policy", "judge a policy", {"check": "FILE", "show": None})
    _add_actions(commands, "audit", "read the log", {"list": None, "verify": None, "export": None})
    _add_actions(
        commands,
        "trust",
        "make browsers trust wss and https on localhost",
        {"install": None, "remove": None, "show": None},
    )
    return parser


def _add_actions(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    actions: dict[str, str | None],
) -> None:
    family = commands.add_parser(name, help=summary)
    chosen = family.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, operand in actions.items():
        parser = chosen.add_parser(action)
        if operand is not None:
            parser.add_argument("file", metavar=operand, type=Path)
        _places(parser)


def _places(parser: argparse.ArgumentParser, *, port: bool = False) -> None:
    """Add the options every command shares, or those of ``run`` alone."""
    if port:
        parser.add_argument("--port", type=int, metavar="N", help="first of eight ports")
        parser.add_argument("--no-tray", action="store_true", help="do not show a tray icon")
        return
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="where the machine has no policy: this one"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="folder of log and certificate")


if __name__ == "__main__":
    sys.exit(main())
