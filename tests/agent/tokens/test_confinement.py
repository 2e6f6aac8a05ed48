"""A driver that tries to get out: by the network, by a program, into another process."""

import subprocess
import sys

import pytest

from signet_agent.channel.token_messages import OpenModule, Signatures
from signet_agent.tokens.confinement import confine, forbid_writing
from tests.kit.shim.build import FaultyModule
from tests.kit.signatures import is_signature
from tests.kit.softhsm import PIN, SoftHsm
from tests.kit.threads import in_own_thread
from tests.kit.token_room import TokenRoomProcess, signing_certificate

DOORS = {"tcp", "udp", "program", "process", "signal", "memory"}
MESSAGE = b"document"


def _noted(shim: FaultyModule, kind: str) -> set[str]:
    lines = (shim.path.parent / "calls").read_text().splitlines()
    return {line.partition(":")[2] for line in lines if line.startswith(f"{kind}:")}


def test_without_confinement_a_driver_gets_out_by_every_door(
    shim: FaultyModule, enterprise: SoftHsm
) -> None:
    shim.set("C_Initialize escape")
    load = f"import pkcs11; pkcs11.lib({str(shim.path)!r})"

    subprocess.run([sys.executable, "-c", load], check=True, env=enterprise.environment)

    assert _noted(shim, "escaped") == DOORS | {"file"}
    assert _noted(shim, "kept") == {"unix", "netlink"}


def test_in_its_room_a_driver_keeps_files_and_the_card_service_alone(
    shim: FaultyModule, enterprise: SoftHsm
) -> None:
    shim.set("C_Initialize escape")
    with TokenRoomProcess(enterprise.environment) as room:
        certificate = signing_certificate(room.open(_module(shim)))
        answer = room.sign(certificate, MESSAGE, PIN)

    assert _noted(shim, "escaped") == {"file"}
    assert _noted(shim, "kept") == {"unix", "netlink"}
    assert isinstance(answer, Signatures)
    assert is_signature(certificate, MESSAGE, answer.values[0])


def test_a_driver_that_may_not_write_writes_nothing(
    shim: FaultyModule, enterprise: SoftHsm
) -> None:
    shim.set("C_Initialize escape")
    with TokenRoomProcess(enterprise.environment) as room:
        room.ask(_module(shim, read_only=True))

    assert sorted(path.name for path in shim.path.parent.iterdir()) == ["faults", "shim.so"]


def test_rules_bind_the_thread_that_asks_and_nobody_else() -> None:
    outcomes = in_own_thread(lambda: (confine(), forbid_writing()))

    assert outcomes == (True, True)
    subprocess.run(["true"], check=True)


@pytest.mark.quick
def test_elsewhere_than_on_linux_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert in_own_thread(confine) is False


def test_without_libseccomp_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyseccomp", None)

    assert in_own_thread(forbid_writing) is False


def _module(shim: FaultyModule, *, read_only: bool = False) -> OpenModule:
    return OpenModule("faulty", "pkcs11", str(shim.path), read_only=read_only)
