"""What ``sof-migrate`` finds in a site's pages, and what it does with files it cannot read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from signet_protocol.sof_migrate.__main__ import main
from signet_protocol.sof_migrate.functions import function_list
from signet_protocol.sof_migrate.sources import MAX_SOURCE_BYTES, UnreadableError, read_source
from tests.kit.source import TOP

pytestmark = pytest.mark.quick


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


def _migrate(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main([str(folder), "--json"])
    return code, json.loads(capsys.readouterr().out)


def _found(site: Path, text: str, capsys: pytest.CaptureFixture[str]) -> list[tuple[int, str, str]]:
    (site / "page.html").write_text(text, "utf-8")
    _, document = _migrate(site, capsys)
    return [(each["line"], each["kind"], each["name"]) for each in document["findings"]]


@pytest.mark.parametrize("name", sorted(function_list().named()))
def test_a_call_by_any_name_is_found_with_its_replacement(
    name: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "a.js").write_text(f"SOF_GetVersion(done);\nXTXAPP.{name} (1);\n", "utf-8")
    code, document = _migrate(site, capsys)
    function = function_list().named()[name]
    assert code == 1
    assert document["findings"][1] == {
        "file": "a.js",
        "line": 2,
        "kind": "call",
        "name": name,
        "function": function.name,
        "where": function.where,
        "error": function.error or None,
        "replace": function.replace,
        "server": function.server,
    }


def test_a_page_in_gbk_is_read(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "<p>网上申报</p>\n<script>\nvar 签名 = XTXAPP.SOF_SignData(id, '税额');\n</script>"
    (site / "old.HTM").write_bytes(text.encode("gbk"))
    _, document = _migrate(site, capsys)
    assert [(each["line"], each["name"]) for each in document["findings"]] == [(3, "SOF_SignData")]


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_believed(
    charset: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "a.js").write_bytes("SOF_Login(甲, 乙)".encode(charset))
    assert _migrate(site, capsys)[1]["findings"][0]["name"] == "SOF_Login"


def test_an_unknown_function_is_named_as_unknown(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '<script>SOF_FormatDisk("C:")</script>'
    assert _found(site, text, capsys) == [(1, "unknown", "SOF_FormatDisk")]


def test_a_function_that_is_named_in_a_message_is_found(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """call({"function": "SOF_Login", "PassWd": pin}); send('SOF_Odd')"""
    assert _found(site, text, capsys) == [(1, "call", "SOF_Login"), (1, "unknown", "SOF_Odd")]


def test_control_service_and_vendor_script_are_found(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """<script src="/js/XTXSAB.min.js?v=3"></script>
<object classid="clsid:3f367b74-92d9-4c5e-ab93-234f8a91d5e6" id="XTXAPP"></object>
<script>
var control = new ActiveXObject("XTXAppCOM.XTXApp.1");
var socket = new WebSocket("wss://127.0.0.1:21061/xtxapp/");
</script>"""
    assert [(line, kind) for line, kind, _ in _found(site, text, capsys)] == [
        (1, "vendor-script"),
        (2, "control"),
        (4, "control"),
        (5, "service"),
    ]


def test_the_vendors_own_script_is_one_place_to_change(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "function SOF_Login(id, pin, cb, ctx) { return inner.SOF_Login(id, pin); }\nSOF_Login();"
    assert _found(site, text, capsys) == [(1, "vendor-script", "page.html")]


def test_a_definition_and_a_longer_name_are_no_calls(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SOF_GetVersion();\nfunction Logout() {}\nmySOF_Login(); $SOF_Login(); doReadFile();"
    assert _found(site, text, capsys) == [(1, "call", "SOF_GetVersion")]


def test_another_objects_method_of_the_same_name_is_its_own(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SOF_GetVersion();\nfs.ReadFile(x); this.Logout();\nLogout();"
    assert _found(site, text, capsys) == [(1, "call", "SOF_GetVersion"), (3, "call", "Logout")]


def test_aliases_alone_are_somebody_elses_functions(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "a.js").write_text("ReadFile('x'); Logout();", "utf-8")
    code, document = _migrate(site, capsys)
    assert (code, document["findings"], document["files_read"]) == (0, [], 1)


def test_files_that_are_no_pages_and_libraries_are_left_out(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("node_modules", ".git"):
        (site / folder).mkdir()
        (site / folder / "a.js").write_text("SOF_Login()", "utf-8")
    (site / "notes.txt").write_text("SOF_Login()", "utf-8")
    (site / "link.js").symlink_to(TOP / "protocol/js/sof/sof.js")
    code, document = _migrate(site, capsys)
    assert (code, document["files_read"]) == (0, 0)


def test_what_cannot_be_read_is_told_and_the_rest_is_still_listed(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "a.js").write_text("SOF_Login(id, pin)", "utf-8")
    (site / "b.js").write_bytes(b"\xff\xff\xff")
    (site / "c.js").write_bytes(b"\0\0\0")
    with (site / "d.js").open("wb") as large:
        large.truncate(MAX_SOURCE_BYTES + 1)
    code, document = _migrate(site, capsys)
    assert code == 2
    assert [each["name"] for each in document["findings"]] == ["SOF_Login"]
    assert [each["file"] for each in document["unread"]] == ["b.js", "c.js", "d.js"]
    assert main([str(site)]) == 2
    assert "b.js: no text in UTF-8, UTF-16 or GBK" in capsys.readouterr().err


def test_a_file_that_cannot_be_opened_is_told(site: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_source(site, site / "gone.js")


def test_a_file_name_cannot_steer_the_terminal(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "a\x1b[2J\n.js").write_text("SOF_Login()", "utf-8")
    (site / os.fsdecode(b"\xff.js")).write_text("SOF_Login()", "utf-8")
    assert main([str(site)]) == 1
    shown = capsys.readouterr().out
    assert "a\\x1b[2J\\n.js:1: SOF_Login" in shown
    assert "\\udcff.js:1: SOF_Login" in shown
    assert "\x1b" not in shown


def test_a_long_hostile_line_is_read_in_a_moment(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SOF_Login()" + "a" * 300_000 + " " * 300_000 + "." * 300_000 + "a ." * 100_000
    (site / "a.js").write_text(text + "\n" * 100_000 + "SOF_Logout()", "utf-8")
    _, document = _migrate(site, capsys)
    assert [each["line"] for each in document["findings"]] == [1, 100_001]


def test_what_is_no_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err


def test_the_text_names_alias_refusal_and_both_sides(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "a.js").write_text("SOF_VerifySignedData(c, d, s)\nGetSignCert(id)\nSOF_Odd()", "utf-8")
    assert main([str(site)]) == 1
    shown = capsys.readouterr().out
    assert "a.js:1: SOF_VerifySignedData (refused as sof.server)\n" in shown
    assert "a.js:2: GetSignCert, which is SOF_ExportUserCert\n" in shown
    assert "    page:   const { certificate } = await agent.chooseCertificate();\n" in shown
    assert "    server: Verify with signet_protocol.verify" in shown
    assert "a.js:3: SOF_Odd (unknown)\n" in shown
    assert shown.endswith("3 places to change, 1 files read\n")


def test_whole_pages_of_the_old_kind_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    _, document = _migrate(TOP / "tests/legacy_pages/pages", capsys)
    found = {(each["file"], each["name"]) for each in document["findings"]}
    assert found >= {
        ("callback.html", "SOF_GetUserList"),
        ("callback.html", "SOF_SignData"),
        ("bjca.html", "3F367B74-92D9-4C5E-AB93-234F8A91D5E6"),
        ("work.html", "SOF_Login"),
    }
    assert all(each["kind"] != "unknown" for each in document["findings"])


def test_a_replacement_that_is_code_can_be_run_as_it_stands(tmp_path: Path) -> None:
    lines = {each.replace for each in function_list().functions if "await " in each.replace}
    blocks = "".join(f"{{ {line.replace('...', '1')}\n}}\n" for line in sorted(lines))
    script = tmp_path / "lines.mjs"
    script.write_text(blocks, "utf-8")
    assert len(lines) > 5
    subprocess.run(["node", "--check", str(script)], check=True, timeout=60)


def test_it_runs_as_a_command(site: Path) -> None:
    command = [sys.executable, "-m", "signet_protocol.sof_migrate", str(site)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (0, "0 places to change, 0 files read\n")
