"""docs/simulator.md, followed literally: its example for CI is run, its tables are compared."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from signet_protocol.errors import ErrorCode
from signet_simulator.arguments import read_arguments
from signet_simulator.people import Crowd
from signet_simulator.scripts import WORDS, Outcome, PersonName
from signet_simulator.surroundings import BASE_PORT, listen
from tests.kit.source import TOP

PAGE = (TOP / "docs" / "simulator.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def _block(language: str, beginning: str) -> str:
    """Return the one block of a language that begins so."""
    (found,) = (text for kind, text in BLOCKS if kind == language and text.startswith(beginning))
    return str(found)


def _rows(head: str) -> dict[str, str]:
    """Return the first two columns of a table by its head."""
    lines = PAGE.split(f"| {head} |", 1)[1].splitlines()[2:]
    cells = [line.strip("|").split("|") for line in lines[: lines.index("")]]
    return {row[0].strip(): row[1].strip() for row in cells}


def _free_range() -> int:
    """Return a base port whose eight ports begin with a free one."""
    port, sockets = listen(20_000 + os.getpid() % 20_000)
    for each in sockets:
        each.close()
    return port


def test_the_example_for_ci_runs_as_it_stands(tmp_path: Path) -> None:
    port = str(_free_range())
    check = _block("python", "# check.py").replace(str(BASE_PORT), port)
    (tmp_path / "check.py").write_text(check, "utf-8")
    (tmp_path / "script.toml").write_text(_block("toml", "# script.toml"), "utf-8")
    command = _block("sh", "signet-simulator --origin https://tax.example.gov --script")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["sh", "-c", command.replace("--json", f"--json --port {port}")],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert events[0]["event"] == "ready"
    outcomes = [each["outcome"] for each in events if each["event"] == "call"]
    assert outcomes == ["user.pin_incorrect", "token.removed", "token.removed", "allow"]


def test_the_table_of_answers_is_the_programs() -> None:
    rows = {name.strip("`"): meaning.strip("`") for name, meaning in _rows("answer").items()}

    short = {word for word in WORDS if "." not in word}
    assert set(rows) - {"any code of the contract"} == short
    for word in short:
        meant = WORDS[word]
        if isinstance(meant, ErrorCode):
            assert rows[word] == meant.value
        else:
            assert meant in Outcome


def test_the_table_of_people_is_the_programs(crowd: Crowd, tmp_path: Path) -> None:
    named = [name.strip("`") for name in _rows("person")]

    assert named == list(get_args(PersonName)) == list(crowd.people)
    for file in crowd.write(tmp_path):
        member, _, rest = file.name.removesuffix(file.suffix).partition("-")
        general = f"NAME{'-' + rest if rest else ''}{file.suffix}"
        assert f"`{file.name if member == 'demo' else general}`" in PAGE


def test_the_lines_of_the_start_are_the_programs() -> None:
    printed = _block("text", "Signet simulator").splitlines()[:2]
    words = ["--origin", "https://tax.example.gov", "--port", str(_free_range()), "--lang", "en"]

    done = subprocess.run(
        [sys.executable, "-m", "signet_simulator", *words, "--", "true"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )

    assert done.stdout.splitlines()[:2] == printed


@pytest.mark.parametrize("option", [row.strip("`") for row in _rows("option")])
def test_every_option_is_the_programs(option: str) -> None:
    examples = {
        "--origin ORIGIN": ["--origin", "https://b.example"],
        "--answer ORDER": ["--answer", "removed delay=2"],
        "--person NAME": ["--person", "citizen"],
        "--write FOLDER": ["--write", "x"],
        "--port PORT": ["--port", "1"],
        "--json": ["--json"],
        "--lang zh-Hans`, `--lang en": ["--lang", "zh-Hans", "--lang", "en"],
        "-- COMMAND": ["--", "true"],
        "--script FILE": ["--answer", "allow"],
    }

    assert read_arguments(["--origin", "https://a.example", *examples[option]], {}).origins
