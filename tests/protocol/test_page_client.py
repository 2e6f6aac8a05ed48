"""The page's client: its own tests under Node, and its requests before the agent's reader."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from signet_protocol.codec import decode_request
from tests.kit.source import TOP
from tests.protocol.vectors import CONTRACT, validator

TESTS = Path(__file__).with_name("js")
SCRIPTS = sorted((CONTRACT / "js").glob("*.js"))
NAMED = re.compile(
    r"^export \{ ([^}]+) \}|^export (?:async )?(?:class|function|const) (\w+)", re.MULTILINE
)


def _node(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Node; one that has a WebSocket but hides it is told to show it."""
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)
    major, minor = map(int, version.stdout.removeprefix("v").split(".")[:2])
    hides = (20, 10) <= (major, minor) < (22, 0)
    environment = {**os.environ, "NODE_OPTIONS": "--experimental-websocket" if hides else ""}
    return subprocess.run(
        ["node", *arguments],
        check=False,
        cwd=TOP,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
def test_a_script_parses(script: Path) -> None:
    assert _node("--check", str(script)).stderr == ""


@pytest.mark.parametrize("name", sorted(path.name for path in TESTS.glob("*.test.mjs")))
def test_the_client_passes_its_own_tests(name: str) -> None:
    run = _node("--test", str(TESTS / name))
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    passed = re.search(r"^# pass (\d+)$|^ℹ pass (\d+)$", run.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1] or passed[2]) > 0
    assert re.search(r"^(?:#|ℹ) (?:skipped|todo) [1-9]", run.stdout, re.MULTILINE) is None


def test_what_the_client_sends_is_what_the_reader_takes() -> None:
    run = _node(str(TESTS / "requests.mjs"))
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    methods = [type(decode_request(line).call).__name__ for line in lines]
    early = ["Hello", "Login", "Choose", "Choose"]
    # Documents are hashed and files are sent first, so their order is not fixed.
    assert methods[: len(early)] == early
    later = ["Cancel", "Decrypt", "Sign", "Sign", "SignBatch", "SignFile", "Upload"]
    assert sorted(methods[len(early) :]) == later
    for line in lines:
        validator("request").validate(json.loads(line))


def test_the_types_name_everything_that_is_exported_and_nothing_else() -> None:
    script = (CONTRACT / "js/signet.js").read_text("utf-8")
    exported = {
        name.strip()
        for listed, single in NAMED.findall(script)
        for name in (listed or single).split(",")
    }
    types = (CONTRACT / "js/signet.d.ts").read_text("utf-8")
    typed = set(re.findall(r"^export (?:class|function|const) (\w+)", types, re.MULTILINE))
    assert exported == typed
    assert typed == {
        "DOCTOR_LINK",
        "ERRORS",
        "Signet",
        "SignetError",
        "VERSION",
        "comparisonCode",
    }


@pytest.mark.parametrize(
    "member",
    [
        "capabilities",
        "connected",
        "login",
        "chooseCertificate",
        "sign",
        "signBatch",
        "signFile",
        "decrypt",
        "close",
        "connect",
    ],
)
def test_every_member_of_the_client_is_typed(member: str) -> None:
    types = (CONTRACT / "js/signet.d.ts").read_text("utf-8")
    face = types[types.index("export class Signet {") :]
    script = (CONTRACT / "js/signet.js").read_text("utf-8")
    assert re.search(rf"^  (?:static |readonly )?{member}[(:]", face, re.MULTILINE)
    assert re.search(rf"^  (?:static )?(?:async |get )?{member}\(", script, re.MULTILINE)


@pytest.mark.parametrize("option", ["ports", "schemes", "WebSocket", "signal", "allowFramed"])
def test_every_option_of_connecting_is_typed_and_used(option: str) -> None:
    types = (CONTRACT / "js/signet.d.ts").read_text("utf-8")
    used = "".join(script.read_text("utf-8") for script in SCRIPTS)
    assert f"  {option}?:" in types
    assert option in used


def test_the_client_depends_on_nothing() -> None:
    described = json.loads((CONTRACT / "js/package.json").read_text("utf-8"))
    assert not {name for name in described if "ependencies" in name}
    for script in SCRIPTS:
        for source in re.findall(r'\bfrom "([^"]+)"|\bimport\("([^"]+)"\)', script.read_text()):
            target = source[0] or source[1]
            assert (CONTRACT / "js" / target).exists(), target
