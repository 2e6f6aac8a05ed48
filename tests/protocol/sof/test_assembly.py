"""One list, three readers: the script for pages, the page in docs/, the tool."""

import re
import subprocess
from pathlib import Path

import pytest

from signet_protocol.errors import ErrorCode
from signet_protocol.sof_migrate.functions import function_list
from signet_protocol.sof_migrate.table import markdown
from tests.kit.source import TOP

pytestmark = pytest.mark.quick

SOF = TOP / "protocol/js/sof"
PARTS = sorted((SOF / "parts").glob("*.js"))
CONTRACT_NAMES = frozenset({"choose", "sign", "decrypt"})


def _assembled(folder: Path) -> Path:
    subprocess.run(["node", str(SOF / "assemble.mjs"), str(folder)], check=True, timeout=60)
    return folder


def test_the_script_is_what_its_parts_make(tmp_path: Path) -> None:
    made = _assembled(tmp_path)
    for name in ("sof.js", "parts/table.js"):
        assert (made / name).read_text("utf-8") == (SOF / name).read_text("utf-8"), (
            "run `node assemble.mjs .` in protocol/js/sof"
        )


def test_the_script_is_a_classic_one() -> None:
    script = (SOF / "sof.js").read_text("utf-8")
    assert re.search(r"^(?:import|export)\b", script, re.MULTILINE) is None
    subprocess.run(["node", "--check", str(SOF / "sof.js")], check=True, timeout=60)


def test_no_two_parts_use_the_same_name() -> None:
    declared = re.compile(
        r"^(?:export )?(?:async )?(?:class|const|let|function)\*? (\w+)", re.MULTILINE
    )
    names = [name for part in PARTS for name in declared.findall(part.read_text("utf-8"))]
    assert sorted(names) == sorted(set(names))


def test_every_name_stands_for_one_function() -> None:
    functions = function_list().functions
    names = [name for each in functions for name in (each.name, *each.aliases)]
    assert len(names) == len(set(names)) == len(function_list().named())


def test_everything_that_is_not_refused_is_written_and_nothing_else() -> None:
    script = (SOF / "parts/functions.js").read_text("utf-8")
    calls = (SOF / "parts/calls.js").read_text("utf-8")
    written = set(re.findall(r"^  \*(\w+)\(", script, re.MULTILINE))
    written |= set(re.findall(r"^    (SOF_GetLast\w+): \(\) =>", calls, re.MULTILINE))
    offered = {each.name for each in function_list().functions if each.where != "refused"}
    assert written == offered


def test_a_refusal_has_its_error_and_a_window_its_operation() -> None:
    codes = {each.code for each in function_list().errors}
    for each in function_list().functions:
        assert (each.where == "agent") == (each.operation in CONTRACT_NAMES), each.name
        if each.where == "refused" or each.error:
            assert each.error in codes, each.name


def test_every_error_of_the_list_can_happen_and_no_other() -> None:
    parts = "".join(part.read_text("utf-8") for part in PARTS if part.name != "table.js")
    thrown = set(re.findall(r'SofError\("(sof\.\w+)"', parts))
    refused = {each.error for each in function_list().functions if each.where == "refused"}
    assert thrown | refused == {each.code for each in function_list().errors}


def test_the_numbers_for_old_pages_are_given_to_codes_of_the_contract() -> None:
    faults = (SOF / "parts/faults.js").read_text("utf-8")
    numbered = set(re.findall(r'^    "([\w.]+)": 0x0b', faults, re.MULTILINE))
    assert "user.refused" in numbered
    own = {code for code in numbered if not code.startswith("client.")}
    assert own <= {code.value for code in ErrorCode}
    clients = (TOP / "protocol/js/errors.js").read_text("utf-8")
    assert all(f'"{code}": entry(' in clients for code in numbered)


def test_the_page_in_docs_has_the_table_of_the_list() -> None:
    page = (TOP / "docs/sof-migration.md").read_text("utf-8")
    functions, errors = markdown().split("\n\n")
    assert functions in page
    assert errors.strip() in page
