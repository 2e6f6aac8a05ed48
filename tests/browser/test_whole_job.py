"""``./demo --check`` itself: both browsers, both departments, every artefact verified again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.kit.source import TOP

pytestmark = pytest.mark.screen

MINUTES = 8
"""It takes under two; a loaded machine may take long."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that one check left behind."""
    folder: Path = tmp_path_factory.mktemp("check") / "out"
    environment = os.environ | {"PYTHONPATH": str(TOP / "web-demo")}
    result = subprocess.run(
        [sys.executable, "-m", "demo", "--check", "--out", str(folder)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
        check=False,
    )
    lines = result.stdout.splitlines()
    assert result.returncode == 0, (lines, result.stderr)
    summary = json.loads(lines[-1])
    assert (summary["ok"], summary["browsers"]) == (True, ["chromium", "firefox-esr"])
    return folder


def test_every_document_is_verified_by_openssl_from_the_manifest_alone(out: Path) -> None:
    listed = json.loads((out / "manifest.json").read_text("utf-8"))["artefacts"]
    documents = [entry for entry in listed if entry["kind"].startswith("cades-b")]

    assert {(entry["department"], entry["system"]) for entry in documents} >= {
        ("guoshui", "GS1"),
        ("gongshang", "SG1"),
    }
    for entry in documents:
        command = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER"]
        command += ["-in", entry["file"], "-CAfile", entry["ca"], "-purpose", "any"]
        command += ["-out", "/dev/null"]
        if entry["kind"] == "cades-b-detached":
            command += ["-content", entry["content"]]
        subprocess.run(command, cwd=out, check=True, capture_output=True)


def test_rsa_and_ecdsa_attached_and_detached_are_among_the_signatures(out: Path) -> None:
    listed = json.loads((out / "manifest.json").read_text("utf-8"))["artefacts"]

    assert {entry["kind"] for entry in listed} == {
        "cades-b-detached",
        "cades-b-attached",
        "web-eid-login",
    }
    algorithms = {
        json.loads((out / f"login-{who}.json").read_text())["algorithm"] for who in ("e1", "c01")
    }
    assert algorithms == {"RS256", "ES256"}


def test_no_pin_is_left_behind_in_any_file(out: Path) -> None:
    documents = [file for file in out.iterdir() if file.suffix in {".json", ".jsonl", ".log"}]

    assert any(file.name == "audit.jsonl" for file in documents)
    for file in documents:
        assert "pin.txt" not in file.read_text("utf-8")
        assert '"pin"' not in file.read_text("utf-8")


def test_every_picture_shows_something(out: Path) -> None:
    pictures = sorted(out.glob("*.png"))

    assert len(pictures) >= 25
    for file in pictures:
        with Image.open(file) as picture:
            colours = picture.convert("RGB").getcolors(maxcolors=1 << 24)
        assert colours is not None
        assert len(colours) > 200, f"{file.name} is almost empty"
