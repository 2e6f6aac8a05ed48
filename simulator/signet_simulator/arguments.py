"""The command line."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from signet_simulator import __version__
from signet_simulator.origins import read_origin
from signet_simulator.scripts import Order, PersonName, Script, read_order, read_script
from signet_simulator.surroundings import BASE_PORT
from signet_simulator.texts import LANGUAGES, Language

_LAST_BASE_PORT = 65_528
"""Eight ports fit behind it."""


@dataclass(frozen=True)
class Arguments:
    """What one run was asked for.

    Attributes:
        origins: the sites that may speak.
        script: what happens.
        answer: what happens by default, where it is not the script's.
        folder: where the certificates are written; ``None`` for nowhere.
        base_port: the first of eight ports.
        language: of the output.
        as_json: whether events are JSON.
        command: a program to run meanwhile; its end is ours.
    """

    origins: frozenset[str]
    script: Script
    answer: Order | None
    folder: Path | None
    base_port: int
    language: Language
    as_json: bool
    command: tuple[str, ...]


def read_arguments(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> Arguments:
    """Read the command line.

    Raises:
        OriginError: a site is none.
        ScriptError: the script or the answer cannot be read.
        SystemExit: the words are not understood, or ask for help.
    """
    ours, command = _part(words)
    given = _parser(preferred_language(environment)).parse_args(ours)
    script = read_script(given.script) if given.script else Script()
    if given.person:
        script = Script(script.answer, given.person, script.delay, script.call)
    return Arguments(
        origins=frozenset(map(read_origin, given.origin)),
        script=script,
        answer=read_order(given.answer) if given.answer else None,
        folder=given.write,
        base_port=given.port,
        language=given.lang,
        as_json=given.json,
        command=command,
    )


def preferred_language(environment: Mapping[str, str]) -> Language:
    """Return the language of the session's locale; Chinese unless it says English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return "en" if environment[variable].startswith("en") else "zh-Hans"
    return "zh-Hans"


def _part(words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Part our words from the command behind ``--``."""
    listed = list(words)
    if "--" not in listed:
        return listed, ()
    place = listed.index("--")
    return listed[:place], tuple(listed[place + 1 :])


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= _LAST_BASE_PORT:
        raise ValueError("a port from which eight are in range")
    return port


def _parser(language: Language) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signet-simulator",
        usage="%(prog)s --origin ORIGIN [options] [-- COMMAND ...]",
        description=(
            "Stands in for Signet while a department's page is developed and tested."
            " It has no real keys; nothing it signs has any value."
        ),
        epilog="With a COMMAND it runs beside it, and ends with its exit code.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--origin", action="append", required=True, help="a site that may connect; repeatable")
    add("--script", type=Path, metavar="FILE", help="what happens, call by call (TOML)")
    add("--answer", metavar="ORDER", help='what happens by default, such as "removed delay=2"')
    add("--person", choices=get_args(PersonName), help="who is asked by default")
    add("--write", type=Path, metavar="FOLDER", help="where to write the demo certificates")
    add("--port", type=_port, default=BASE_PORT, help="the first of eight ports (17290)")
    add("--lang", choices=LANGUAGES, default=language, help="the language of the output")
    add("--json", action="store_true", help="one JSON object for each event")
    add("--version", action="version", version=f"%(prog)s {__version__}")
    return parser
