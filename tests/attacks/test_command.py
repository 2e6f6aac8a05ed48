"""``python -m tests.attacks``: what it prints, what it takes, and its exit status."""

import json
from pathlib import Path

import pytest

from tests.attacks.__main__ import OWN_CASES, main

EXPECT = {
    "error_class": "E_BAD_REQUEST",
    "outcome": "one refusal",
    "prompts_shown": 0,
    "token_private_ops": 0,
    "pin_tries_used": 0,
    "agent_keeps_serving": True,
}


def case(case_id: str, **members: object) -> dict[str, object]:
    return {
        "id": case_id,
        "group": "message parsing",
        "title": "A case of somebody else",
        "severity": "low",
        "platform": "any",
        "runner": "ws",
        "precondition": "",
        "action": "",
        "input_py": '\'{"id":1,"method":"ping","x":"{A}"}\'',
        "expect": EXPECT,
        **members,
    }


def write(folder: Path, *cases: object) -> Path:
    file = folder / "cases.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in cases) + "\n")
    return file


def test_a_file_of_somebody_else_is_played_and_told_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, case("XX-01"), case("XX-02", input_py="'{'"), case("YY-01"))

    assert main(["--cases", str(file), "--group", "XX", "--json"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.keys() for line in lines] == [{"id", "ok", "seen"}] * 2
    assert [(line["id"], line["ok"]) for line in lines] == [("XX-01", True), ("XX-02", True)]
    assert "page.malformed" in lines[1]["seen"]


def test_one_broken_case_makes_the_status_one_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = case("XX-02", expect={**EXPECT, "error_class": "E_BUSY"})
    file = write(tmp_path, case("XX-01"), wrong)

    assert main(["--cases", str(file)]) == 1

    out = capsys.readouterr().out
    assert "XX-01  well    A case of somebody else" in out
    assert "XX-02  BROKEN" in out
    assert "not E_BUSY" in out
    assert "1 of 2 cases are well." in out


@pytest.mark.parametrize("group", ["TR-05", "tr-05"])
def test_the_projects_own_cases_are_played_without_a_file(
    capsys: pytest.CaptureFixture[str], group: str
) -> None:
    assert main(["--group", group]) == 0
    assert "TR-05  well" in capsys.readouterr().out


def test_a_group_can_be_named_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, case("XX-01"), case("XX-02", group="audit log"))

    assert main(["--cases", str(file), "--group", "message", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "line 1"),
        ('{"id": "XX-01"}', "line 1"),
        ("", "no case belongs to"),
        (f"{json.dumps(case('XX-01'))}\n" * 2, "stands twice"),
    ],
)
def test_a_file_that_holds_no_cases_makes_the_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(text)

    assert main(["--cases", str(file)]) == 2
    assert complaint in capsys.readouterr().err


def test_a_file_that_is_not_there_makes_the_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cases", str(tmp_path / "none")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_no_group_of_the_own_cases_is_empty() -> None:
    assert main(["--cases", str(OWN_CASES), "--group", "ZZ"]) == 2
