"""What docs/verification-service.md shows and lists is so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from signet_protocol.service.problems import ProblemCode
from signet_protocol.service.settings import Configuration, ServiceSettings
from tests.kit.verification_service import RunningService
from tests.protocol.service.department import ORIGIN, configuration, log_in
from tests.protocol.verify.city import City

PAGE = Path("docs/verification-service.md").read_text("utf-8")


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found[number]


@pytest.mark.quick
def test_the_configuration_on_the_page_is_complete(home: Path) -> None:
    file = home / "verification.toml"
    file.write_text(block("toml"), "utf-8")
    assert Configuration.load(file).settings.origins == (ORIGIN,)


@pytest.mark.quick
def test_every_member_of_the_table_is_described() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert set(ServiceSettings.__struct_fields__) <= named


@pytest.mark.quick
def test_every_problem_is_listed_with_its_status() -> None:
    listed = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (\d+) \|", PAGE, re.MULTILINE))
    assert listed == {code.value: str(code.status) for code in ProblemCode}


@pytest.mark.quick
def test_the_samples_on_the_page_are_there() -> None:
    files = re.findall(r"^\| `(samples/[^`]+)`", PAGE, re.MULTILINE)
    assert len(files) == 3
    assert all(Path(file).is_file() for file in files)


def test_the_request_and_the_line_of_log_on_the_page_are_of_the_right_form(home: Path) -> None:
    (body,) = re.findall(r"--json '(.*?)'", block("sh", 1))
    with RunningService.started(home, configuration()) as service:
        assert service.send("/v1/nonces", body.encode()).status == 200
        service.post("/v1/logins", {"origin": ORIGIN, "session": "a", "nonce": "", "token": {}})
        line = service.log()[-1]
    assert list(json.loads(block("json", 1))) == list(line)


def test_the_report_on_the_page_is_a_part_of_the_whole(service: RunningService, city: City) -> None:
    report = log_in(service, city.signer()).json
    shown: dict[str, Any] = json.loads(block("json"))
    assert report | {"holder": report["holder"] | shown.pop("holder")} | shown == report
