"""The sandbox: every layer refuses what it is there for, and what has to work still works.

What is refused is tried in processes of their own (``document_attempts.py``), and without the
sandbox too: a refusal that this machine gives anyway proves nothing.
"""

import errno
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import msgspec
import pytest

from signet_agent.documents import landlock, sandbox, system_calls
from signet_agent.documents.landlock import LandlockError, interface_version
from signet_agent.documents.sandbox import (
    MAX_OPEN_FILES,
    Layer,
    SandboxReport,
    describe_sandbox,
    enter_sandbox,
    limit_resources,
    readable_trees,
)
from tests.kit import document_attempts

NOBODY = 65534
USERS = [os.geteuid()] + [NOBODY] * (os.geteuid() == 0)
"""The superuser can become somebody without rights as well; anybody else is that already."""

BECOME_ANOTHER = "become another program"

READING = {"read", "read own", "list"}
WRITING = {"create", "overwrite", "remove", "rename", "make folder", "link"}
STARTING = {"spawn", BECOME_ANOTHER}
FORBIDDEN_CALLS = (
    WRITING
    | STARTING
    | {"truncate", "change mode", "fork", "signal another", "trace another", "set a limit"}
    | {"tcp", "unix", "abstract unix", "udp", "netlink", "pair"}
    | {"send to address", "signal by descriptor"}
    | set(document_attempts.RAW)
)
USING_UP = {"much memory", "many files", "grow open file"}

OFTEN_ABSENT = {"io_uring_setup", "bpf", "userfaultfd", "perf_event_open", "keyctl"}
"""Calls that some kernels are built without: only their refusal can be asked for."""

SINCE = {3: {"truncate"}, 4: {"tcp"}, 6: {"abstract unix", "signal another"}}
"""What Landlock refuses from which version of its interface on; Debian 12 has 2."""


@cache
def _outcomes(layers: str, user: int) -> dict[str, str]:
    """Let a process of this user try everything inside these layers."""
    folder = Path(tempfile.mkdtemp(prefix="signet-attempts-"))
    folder.chmod(0o777)
    command = [sys.executable, "-I", document_attempts.__file__, layers, str(user), str(folder)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder)
    first, last = done.stdout.splitlines()
    outcomes: dict[str, str] = json.loads(first)
    return outcomes | {BECOME_ANOTHER: json.loads(last)}


def _refused(layers: str, user: int) -> set[str]:
    return {name for name, outcome in _outcomes(layers, user).items() if outcome != "done"}


@pytest.mark.parametrize("user", USERS)
def test_without_the_sandbox_everything_is_possible(user: int) -> None:
    assert _refused("none", user) - OFTEN_ABSENT == set()


@pytest.mark.parametrize("user", USERS)
def test_inside_the_sandbox_nothing_of_it_is(user: int) -> None:
    outcomes = _outcomes("limits,files,calls", user)

    assert {name for name, outcome in outcomes.items() if outcome == "done"} == set()
    assert len(outcomes) > len(document_attempts.RAW) + 20


@pytest.mark.parametrize("user", USERS)
def test_limits_bound_what_is_used_up(user: int) -> None:
    # The kernel lets the superuser start processes whatever the limit says.
    assert _refused("limits", user) - OFTEN_ABSENT == USING_UP | (
        {"fork", "spawn"} if user else set()
    )


@pytest.mark.parametrize("user", USERS)
def test_landlock_refuses_files_programs_and_what_its_version_knows_of_others(user: int) -> None:
    later = {
        name for since, names in SINCE.items() if interface_version() >= since for name in names
    }

    refused = _refused("files", user) - OFTEN_ABSENT

    assert refused == READING | WRITING | STARTING | {"trace another"} | later


@pytest.mark.parametrize("user", USERS)
def test_seccomp_refuses_every_call_but_those_of_the_list(user: int) -> None:
    assert _refused("calls", user) == FORBIDDEN_CALLS


def _run(script: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script in an isolated interpreter; a pipe takes what it writes."""
    return subprocess.run([sys.executable, "-I", "-c", script], check=False, capture_output=True)


def test_libraries_are_loaded_on_first_use_inside_the_sandbox() -> None:
    done = _run(
        "from signet_agent.documents.sandbox import enter_sandbox\n"
        "assert enter_sandbox().complete\n"
        "import sqlite3, xml.dom.minidom, zoneinfo, decimal, ssl, asyncio\n"
        "import asn1crypto.cms, cryptography.x509, signet_protocol.verify\n"
        "import sys; sys.stderr.write(str(zoneinfo.ZoneInfo('Asia/Shanghai')))\n"
    )

    assert (done.returncode, done.stderr) == (0, b"Asia/Shanghai")


def test_a_crash_ends_the_process_inside_the_sandbox() -> None:
    done = _run(
        "from signet_agent.documents.sandbox import enter_sandbox\n"
        "assert enter_sandbox().complete\n"
        "import os; os.abort()\n"
    )

    assert done.returncode < 0


def test_the_report_is_complete_here() -> None:
    done = _run(
        "import msgspec, sys\n"
        "from signet_agent.documents.sandbox import describe_sandbox\n"
        "sys.stdout.buffer.write(msgspec.json.encode(describe_sandbox()))\n"
    )

    report = msgspec.json.decode(done.stdout, type=SandboxReport)
    assert report.layers == (
        Layer("limits", holds=True),
        Layer("files", holds=True),
        Layer("calls", holds=True),
    )
    assert report.complete


def test_a_library_that_is_missing_leaves_the_other_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    monkeypatch.setattr(sandbox, "limit_resources", lambda: entered.append("limits"))
    monkeypatch.setattr(landlock, "restrict_files", lambda _: entered.append("files"))

    report = enter_sandbox()

    assert entered == ["limits", "files"]
    assert not report.complete
    assert report.layers[2] == Layer("calls", holds=False, detail="libseccomp is not installed")


def test_a_layer_that_the_system_refuses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        message = "refused here"
        raise LandlockError(message)

    def refuse_limits() -> None:
        raise OSError(1, "not permitted")

    monkeypatch.setattr(sandbox, "limit_resources", refuse_limits)
    monkeypatch.setattr(landlock, "restrict_files", refuse)
    monkeypatch.setattr(system_calls, "restrict_calls", lambda: None)

    assert enter_sandbox().layers == (
        Layer("limits", holds=False, detail="[Errno 1] not permitted"),
        Layer("files", holds=False, detail="refused here"),
        Layer("calls", holds=True),
    )


def test_a_layer_that_only_claims_to_hold_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(errno.ENOSYS, "")

    claims = SandboxReport(
        (
            Layer("limits", holds=True),
            Layer("files", holds=False, detail="not here"),
            Layer("calls", holds=True),
        )
    )
    monkeypatch.setattr(sandbox, "enter_sandbox", lambda: claims)
    monkeypatch.setattr(socket, "socket", refuse)

    limits, files, calls = describe_sandbox().layers

    assert (limits.holds, bool(limits.detail)) == (False, True)
    assert files == Layer("files", holds=False, detail="not here")
    assert calls == Layer("calls", holds=True)


def test_another_system_has_no_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert [layer.holds for layer in enter_sandbox().layers] == [False, False, False]


def test_limits_are_set_hard(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)

    limit_resources()

    assert limits[resource.RLIMIT_NOFILE] == (MAX_OPEN_FILES, MAX_OPEN_FILES)
    assert limits[resource.RLIMIT_FSIZE] == (0, 0)
    assert all(soft == hard for soft, hard in limits.values())


def test_only_whole_paths_are_readable_and_none_of_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", ["", "lib", "__editable__.finder", "/usr/lib/python3"])

    trees = list(readable_trees())

    assert all(tree.is_absolute() for tree in trees)
    assert Path("/usr/lib/python3") in trees
    assert {Path("/"), Path("/etc"), Path("/home"), Path("/tmp"), Path.home()}.isdisjoint(trees)  # noqa: S108 -- named, not used
