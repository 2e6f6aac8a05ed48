"""Two seconds after its use, no part of a PIN is left in the token room's memory."""

import time
from pathlib import Path

import pytest

from signet_agent.channel.token_messages import (
    OpenModule,
    Signatures,
    TokenFailure,
    TokenFault,
)
from signet_agent.model import Algorithm, Certificate
from signet_agent.tokens.software import SoftwareKey, create_token
from tests.kit import pki
from tests.kit.memory import traces
from tests.kit.softhsm import PIN, SoftHsm, module_path
from tests.kit.token_room import TokenRoomProcess, signing_certificate
from tests.skf.build import SoftSkf
from tests.skf.devices import APPLICATION, MAX_TRIES, SERIAL, set_tries

OTHER_PIN = "90417263"
AFTERWARDS_S = 2.0


def _sign_often(room: TokenRoomProcess, certificate: Certificate) -> None:
    """Use a right PIN, a wrong one, and a right one once more."""
    assert isinstance(room.sign(certificate, b"document", PIN), Signatures)
    wrong = room.sign(certificate, b"document", OTHER_PIN)
    assert isinstance(wrong, TokenFailure)
    assert wrong.fault is TokenFault.PIN_INCORRECT
    assert isinstance(room.sign(certificate, b"document", PIN), Signatures)


def test_a_planted_pin_is_found(enterprise: SoftHsm) -> None:
    planted = enterprise.environment | {"PLANTED": PIN}
    with TokenRoomProcess(planted, readable=True) as room:
        room.open(OpenModule("softhsm", "pkcs11", str(module_path())))

        assert f"utf-8 {PIN[:6]}" in traces(room.pid, PIN)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-le"])
def test_a_pin_planted_in_a_wider_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    # A wide text would end at its first zero octet in the environment; a module's name does not.
    with TokenRoomProcess(readable=True) as room:
        name = PIN.encode(encoding).decode("latin-1")
        room.ask(OpenModule(name, "software", str(tmp_path)))

        assert f"{encoding} {PIN[:6]}" in traces(room.pid, PIN)


def test_a_pin_for_a_pkcs11_token_leaves_nothing(enterprise: SoftHsm) -> None:
    with TokenRoomProcess(enterprise.environment, readable=True) as room:
        tokens = room.open(OpenModule("softhsm", "pkcs11", str(module_path())))
        _sign_often(room, signing_certificate(tokens))
        time.sleep(AFTERWARDS_S)

        assert traces(room.pid, PIN) == []
        assert traces(room.pid, OTHER_PIN) == []


def test_a_pin_for_an_skf_token_leaves_nothing(skf: SoftSkf) -> None:
    set_tries(skf.devices / SERIAL / APPLICATION, MAX_TRIES, PIN)
    with TokenRoomProcess(name="skf", readable=True) as room:
        (token,) = room.open(OpenModule("gm", "skf", str(skf.path)))
        rsa = next(c for c in token.certificates if c.algorithm is Algorithm.RS256)
        _sign_often(room, rsa)
        time.sleep(AFTERWARDS_S)

        assert traces(room.pid, PIN) == []
        assert traces(room.pid, OTHER_PIN) == []


def test_a_pin_for_a_software_token_leaves_nothing(
    tmp_path: Path, authority: pki.Authority
) -> None:
    key = pki.private_key("p256")
    issued = authority.issue(pki.CITIZEN, key.public_key())
    folder, pin = tmp_path / "token", bytearray(PIN.encode())
    keys = [SoftwareKey("01", key, issued)]
    create_token(folder, label="L", serial="YT-0001", pin=pin, keys=keys)
    with TokenRoomProcess(readable=True) as room:
        tokens = room.open(OpenModule("demo", "software", str(folder)))
        _sign_often(room, signing_certificate(tokens))
        time.sleep(AFTERWARDS_S)

        assert traces(room.pid, PIN) == []
        assert traces(room.pid, OTHER_PIN) == []
