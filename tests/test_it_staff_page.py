"""What docs/it-staff.md shows to administrators is what the agent does."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from signet_agent.daemon.audit.chain import Record, next_record
from signet_agent.daemon.policy.reading import PolicyError, parse_policy
from signet_agent.doctor import ALL_CHECKS
from signet_agent.settings import BASE_PORT, PORT_COUNT, TLS_BASE_PORT

pytestmark = pytest.mark.quick

PAGE = Path("docs/it-staff.md").read_text("utf-8")

MISTAKE = re.compile(
    r"^\| `(?P<right>[^`]+)` \| `(?P<wrong>[^`]+)` \| `(?P<said>line [^`]+)` \|$", re.MULTILINE
)


def _block(language: str) -> str:
    """Return the first block of this language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def _export() -> list[str]:
    """Return a log of three records as ``signet audit export`` writes it."""
    records: list[Record] = []
    for kind in ("start", "intent", "outcome"):
        body = json.dumps({"kind": kind, "title": "增值税"}, ensure_ascii=False)
        records.append(next_record(records[-1] if records else None, body))
    return [
        json.dumps({"seq": each.seq, "body": each.body, "head": each.head.hex()}) + "\n"
        for each in records
    ]


def _verify(lines: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _block("python")],
        input="".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_whole_example_is_a_usable_policy() -> None:
    policy = parse_policy(_block("toml"))

    assert [site.origin for site in policy.site] == ["https://tax.example.gov"]
    assert len(policy.module) == len(policy.software) == 1


def test_every_field_of_the_example_is_explained() -> None:
    fields = set(re.findall(r"^\s*([a-z_]+) =", _block("toml"), re.MULTILINE))
    explained = set(re.findall(r"`([a-z_]+)`", PAGE.split("### Fields")[1].split("###")[0]))

    labels = tomllib.loads(_block("toml"))["site"][0]["form"][0]["labels"].keys()
    assert fields - labels <= explained


@pytest.mark.parametrize("row", list(MISTAKE.finditer(PAGE)), ids=lambda row: str(row["wrong"]))
def test_every_mistake_is_reported_as_the_page_says(row: re.Match[str]) -> None:
    assert row["right"] in _block("toml")
    spoilt = _block("toml").replace(row["right"], row["wrong"])

    with pytest.raises(PolicyError) as caught:
        parse_policy(spoilt)

    assert str(caught.value) == row["said"]


def test_the_page_shows_mistakes() -> None:
    assert len(list(MISTAKE.finditer(PAGE))) == PAGE.count("| `line ")


def test_the_pages_verifier_accepts_a_whole_log() -> None:
    verdict = _verify(_export())

    assert verdict.stdout.startswith("intact ")
    assert verdict.stdout.split()[1] == json.loads(_export()[-1])["head"]


@pytest.mark.parametrize("change", ["body", "missing", "swapped"])
def test_the_pages_verifier_names_the_broken_record(change: str) -> None:
    lines = _export()
    if change == "body":
        lines[1] = lines[1].replace("intent", "indent")
    elif change == "missing":
        del lines[1]
    else:
        lines[1], lines[2] = lines[2], lines[1]

    assert _verify(lines).stderr == "broken at record 2\n"


def test_every_check_of_the_doctor_is_named_in_its_order() -> None:
    (named,) = re.findall(r"looks at eleven things and changes none: (.*?)\. Each", PAGE, re.DOTALL)

    assert re.findall(r"`([a-z]+)`", named) == [check.id for check in ALL_CHECKS]
    assert len(ALL_CHECKS) == 11


def test_the_ports_are_the_agents() -> None:
    for base in (BASE_PORT, TLS_BASE_PORT):
        assert f"{base} to {base + PORT_COUNT - 1}" in PAGE


def test_every_json_block_is_json() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

    assert len([json.loads(block) for block in blocks]) == 3
