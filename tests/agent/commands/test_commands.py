"""The commands answer people and programs, and say what is wrong on the error stream."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signet_agent import settings
from signet_agent.__main__ import main
from signet_agent.commands import tokens
from signet_agent.daemon.audit import AuditLog, Entry, SqliteStorage
from signet_agent.model import PinState
from signet_agent.tokens.software import SoftwareKey, create_token
from tests.kit.pki import CITIZEN, Authority, private_key
from tests.kit.running_agent import POLICY, PORTAL

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setattr(settings, "machine_policy_file", lambda: tmp_path / "etc" / "policy.toml")
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")


class Shell:
    """Runs commands in the test's own places."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self._places = ["--policy", str(folder / "policy.toml"), "--state", str(folder / "state")]
        self._capture = capture
        self.errors = ""

    def run(self, *words: str, status: int = 0, places: bool = True) -> str:
        extra = self._places if places else []
        assert main([*words, *extra]) == status
        captured = self._capture.readouterr()
        self.errors = captured.err
        return captured.out

    def json(self, *words: str, status: int = 0) -> Any:  # noqa: ANN401 -- any JSON
        return json.loads(self.run(*words, "--json", status=status))


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


@pytest.fixture
async def log(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "audit.sqlite3"
    written = AuditLog(SqliteStorage(path), lambda _: None)
    await written.open("1.0")
    await written.write(Entry("intent", consent="aa", origin=PORTAL, operation="login"))
    await written.close()
    return path


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("signet 0.")


@pytest.mark.parametrize(
    "words", [[], ["sign"], ["policy", "check"], ["trust", "forget"], ["run", "--debug"]]
)
def test_words_nobody_knows_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_a_room_nobody_knows_is_refused() -> None:
    assert main(["room", "nobody", "0", "0"]) == 2


def test_sites_are_listed_for_people_and_programs(shell: Shell) -> None:
    assert shell.run("sites") == f"{PORTAL}  市国家税务局  login, choose, sign\n"
    assert shell.json("sites")[0]["operations"] == ["login", "choose", "sign"]


def test_a_policy_without_sites_says_so(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("version = 1\n")
    assert "没有登记的网站" in shell.run("sites")


@pytest.mark.parametrize("command", ["sites", "tokens"])
def test_without_a_policy_there_is_nothing_to_list(
    shell: Shell, tmp_path: Path, command: str
) -> None:
    (tmp_path / "policy.toml").unlink()
    shell.run(command, status=1)
    assert shell.errors.startswith(f"signet: {tmp_path / 'policy.toml'}: the file cannot be read")
    fault = shell.json(command, status=1)["error"]
    assert fault["detail"].startswith(f"{tmp_path / 'policy.toml'}: the file cannot be read")


def test_a_policy_of_the_machine_cannot_be_replaced(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "policy.toml").write_text(POLICY, "utf-8")
    shell.run("sites", status=1)
    assert "another one cannot be used" in shell.errors
    assert PORTAL in shell.run("sites", places=False)


def test_a_good_policy_is_said_to_be_good(shell: Shell, tmp_path: Path) -> None:
    assert "可用，1 个网站" in shell.run("policy", "check", str(tmp_path / "policy.toml"))
    assert shell.json("policy", "check", str(tmp_path / "policy.toml")) == {"ok": True, "sites": 1}


def test_a_bad_policy_is_named_by_line_and_field(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(POLICY.replace("https://portal", "http://portal"), "utf-8")
    assert "line 4: site[0].origin" in shell.run("policy", "check", str(bad), status=1)
    fault = shell.json("policy", "check", str(bad), status=1)
    assert (fault["line"], fault["field"]) == (4, "site[0].origin")


def test_a_policy_that_is_not_there_is_named_once(shell: Shell, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.toml")
    said = shell.run("policy", "check", missing, status=1)
    assert (said.count(missing), "cannot be read" in said) == (1, True)


def test_the_policy_in_force_is_shown(shell: Shell) -> None:
    assert 'mark = "税"' in shell.run("policy", "show")
    assert shell.json("policy", "show")["site"][0]["mark"] == "税"


@pytest.mark.usefixtures("log")
def test_the_log_is_listed_verified_and_exported(shell: Shell) -> None:
    lines = shell.run("audit", "list").splitlines()
    assert len(lines) == 3
    assert PORTAL in lines[1]
    assert [record["kind"] for record in shell.json("audit", "list")] == ["stop", "intent", "start"]
    assert "完好，3 条记录" in shell.run("audit", "verify")
    exported = [json.loads(line) for line in shell.run("audit", "export").splitlines()]
    assert shell.json("audit", "verify")["head"] == exported[-1]["head"]


async def test_only_the_newest_records_are_listed_and_all_are_exported(
    tmp_path: Path, shell: Shell
) -> None:
    written = AuditLog(SqliteStorage(tmp_path / "state" / "audit.sqlite3"), lambda _: None)
    await written.write(*[Entry("intent", consent=f"{n:02x}") for n in range(60)])
    await written.close()
    assert [record["seq"] for record in shell.json("audit", "list")] == list(range(61, 11, -1))
    assert len(shell.run("audit", "export").splitlines()) == 61


def test_a_broken_log_is_told_with_its_place(shell: Shell, log: Path) -> None:
    import sqlite3

    with sqlite3.connect(log) as database:
        database.execute("UPDATE record SET body = replace(body, 'login', 'sign') WHERE seq = 2")
    assert "第 2 条" in shell.run("audit", "verify", status=1)
    assert shell.json("audit", "verify", status=1)["broken_at"] == 2


@pytest.mark.usefixtures("log")
def test_the_log_is_compared_with_marks_that_others_kept(shell: Shell, tmp_path: Path) -> None:
    head = shell.json("audit", "verify")["head"]
    marks = tmp_path / "marks"
    marks.write_text(f"signet[1]: audit seq=3 head={head}\n")
    assert "完好" in shell.run("audit", "verify", "--marks", str(marks))
    marks.write_text(f"audit seq=3 head={head}\naudit seq=9 head={'ab' * 32}\n")
    assert "第 9 条与旁证不符" in shell.run("audit", "verify", "--marks", str(marks), status=1)
    answer = shell.json("audit", "verify", "--marks", str(marks), status=1)
    assert (answer["intact"], answer["broken_at"], answer["contradicted"]) == (False, None, [9])


@pytest.mark.usefixtures("log")
def test_marks_that_are_none_are_told(shell: Shell, tmp_path: Path) -> None:
    shell.run("audit", "verify", "--marks", str(tmp_path / "nowhere"), status=1)
    assert "No such file" in shell.errors
    (tmp_path / "empty").write_text("nothing\n")
    shell.run("audit", "verify", "--marks", str(tmp_path / "empty"), status=1)
    assert "no marks in it" in shell.errors


async def test_a_log_that_let_go_of_old_records_says_so(tmp_path: Path, shell: Shell) -> None:
    days = (datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 32))
    storage = SqliteStorage(tmp_path / "state" / "audit.sqlite3")
    written = AuditLog(storage, lambda _: None, lambda: next(days))
    await written.write(*[Entry("start", version="1")] * 6)
    await written.prune(0)
    await written.close()
    said = shell.run("audit", "verify")
    assert "完好，3 条记录" in said
    assert "前 5 条已按期删除" in said


def test_no_log_is_told(shell: Shell) -> None:
    shell.run("audit", "list", status=1)
    assert "the log cannot be opened" in shell.errors


def test_a_program_is_told_of_an_error_in_json(shell: Shell) -> None:
    answer = shell.json("audit", "verify", status=1)
    assert answer["ok"] is False
    assert answer["error"]["code"] == "agent.audit_unavailable"
    assert "cannot be opened" in answer["error"]["detail"]
    assert shell.errors == ""


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("command", "usual"), [("policy", "show"), ("audit", "list"), ("trust", "show")]
)
def test_a_command_without_an_action_does_what_changes_nothing(
    shell: Shell, command: str, usual: str
) -> None:
    assert shell.run(command) == shell.run(command, usual)
    assert shell.json(command) == shell.json(command, usual)


@pytest.mark.usefixtures("log")
def test_options_may_stand_before_the_action_and_after_it(shell: Shell) -> None:
    before = json.loads(shell.run("audit", "--json", "verify"))
    assert before == shell.json("audit", "verify")
    state = shell._places[-1]
    assert main(["audit", "--state", state, "verify", "--json"]) == 0


def test_an_agent_that_does_not_run_is_told(shell: Shell) -> None:
    assert "没有运行" in shell.run("status", status=1)
    assert shell.json("status", status=1) == {"state": "stopped"}


def test_trust_is_installed_shown_and_removed(shell: Shell) -> None:
    assert shell.json("trust", "show")["certificate"] == "absent"
    assert shell.json("trust", "install")["certificate"] == "usable"
    assert "可以使用" in shell.run("trust", "show")
    assert shell.json("trust", "remove")["certificate"] == "absent"


def test_the_doctor_looks_at_everything(shell: Shell) -> None:
    findings = json.loads(shell.run("doctor", "--json", status=1))
    assert {f["check"]: f["status"] for f in findings}["policy"] != "problem"
    assert {f["check"]: f["status"] for f in findings}["sandbox"] == "ok"


def test_cards_that_the_policy_names_are_known_to_the_doctor_and_looked_for(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text(
        'version = 1\n[[card]]\nprofile = "citizen"\nname = "city"\n'
    )

    findings = json.loads(shell.run("doctor", "--json", status=1))
    modules = next(f for f in findings if f["check"] == "modules")
    assert modules["status"] == "ok"
    assert "city" in json.dumps(modules, ensure_ascii=False)
    assert shell.json("tokens")["tokens"] == []


def test_an_skf_library_that_the_policy_names_is_known_to_the_doctor(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text(
        f'version = 1\n[[skf]]\nname = "gm"\npath = "{tmp_path / "gone.so"}"\n'
    )

    findings = json.loads(shell.run("doctor", "--json", status=1))
    modules = next(f for f in findings if f["check"] == "modules")
    assert (modules["status"], modules["detail"]) == ("problem", f"gm = {tmp_path / 'gone.so'}")


def test_the_doctor_tells_a_policy_that_cannot_be_used(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("version = 9\n")
    findings = json.loads(shell.run("doctor", "--json", status=1))
    assert {f["check"]: f["status"] for f in findings}["policy"] == "problem"


def test_the_doctor_tells_a_room_that_cannot_be_started(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    findings = json.loads(shell.run("doctor", "--json", status=1))
    assert {f["check"]: f["status"] for f in findings}["sandbox"] != "ok"


def test_the_tokens_of_the_named_stores_are_listed_with_their_certificates(
    shell: Shell, tmp_path: Path
) -> None:
    key = private_key("p256")
    certificate = Authority.create("示例 CA").issue(CITIZEN, key.public_key())
    create_token(
        tmp_path / "token",
        label="市民卡",
        serial="YT-SMK-0073",
        pin=bytearray(b"246813"),
        keys=[SoftwareKey("01", key, certificate)],
        kind="card",
    )
    stores = f'[[software]]\nname = "demo"\npath = "{tmp_path / "token"}"\n'
    (tmp_path / "policy.toml").write_text(f"version = 1\n{stores}", "utf-8")
    heading, pin, line = shell.run("tokens").splitlines()
    assert heading == "市民卡 (software:demo/YT-SMK-0073) · 演示 demo"
    assert pin == "  PIN · 还可输入 tries left: 6"
    day = certificate.not_valid_after_utc.date().isoformat()
    assert line == f"  张三 样例 · login、sign · {day}"
    (token,) = shell.json("tokens")["tokens"]
    assert token["certificates"][0]["not_after"] == day
    assert "246813" not in json.dumps(token)


def test_no_tokens_is_an_answer(shell: Shell) -> None:
    assert "没有找到" in shell.run("tokens")
    assert shell.json("tokens")["tokens"] == []


def test_a_store_that_cannot_tell_is_named_with_its_cure(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        'version = 1\n[[module]]\nname = "vendor"\npath = "/nonexistent/vendor.so"\n'
    )

    told = shell.run("tokens", status=1)
    assert "vendor: token.fault (module: PKCS11Error)" in told
    assert "signet doctor" in told
    (store,) = shell.json("tokens", status=1)["stores"]
    assert (store["name"], store["fault"]) == ("vendor", "token.fault")


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        (PinState(), "次数未知 tries not told"),
        (PinState(tries=2), "还可输入 tries left: 2"),
        (
            PinState(tries=3, at_reader=True),
            "还可输入 tries left: 3 · 在读卡器上输入 typed at the reader",
        ),
        (PinState(tries=0, locked=True), tokens._LOCKED),
    ],
)
def test_how_a_pin_stands_is_said_in_words(pin: PinState, words: str) -> None:
    assert tokens._pin(pin) == words


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_GB.UTF-8"}, "zh-Hans"),
        ({"LC_MESSAGES": "en_US"}, "en"),
        ({"LANG": "C"}, "zh-Hans"),
        ({}, "zh-Hans"),
    ],
)
def test_the_language_follows_the_session(variables: dict[str, str], language: str) -> None:
    assert settings.preferred_language(variables) == language
