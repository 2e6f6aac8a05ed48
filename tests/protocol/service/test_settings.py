"""The configuration: what is refused before anything listens, and the sentence it is told in."""

import subprocess
from pathlib import Path

import pytest

from signet_protocol.service.__main__ import main
from signet_protocol.service.settings import Address, Configuration
from signet_protocol.verify import PolicyError
from tests.kit.verification_service import COMMAND, RunningService, ServiceNotStartedError
from tests.protocol.service.department import configuration

pytestmark = pytest.mark.quick


def write(home: Path, text: str) -> Path:
    file = home / "verification.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_good_configuration_is_usable(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(home, configuration())
    for word in ("--check", "--create-table"):
        assert main(["--config", str(file), word]) == 0
        assert capsys.readouterr().out == f"{file}: usable, nonces in memory\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("authorities = [", "verification policy cannot be used"),
        ('authorities = ["city.pem"]', "service"),
        (configuration("thread = 1"), "thread"),
        (configuration("threads = 0"), "threads"),
        (configuration("max_body_bytes = 100"), "max_body_bytes"),
        (configuration("body_seconds = 0"), "body_seconds"),
        (configuration().replace("https://portal", "http://portal"), "origins"),
        (configuration().replace("city.pem", "town.pem"), "town.pem"),
        (configuration(listen="0.0.0.0:8790"), "loopback"),
        (configuration(listen="localhost:8790"), "loopback"),
        (configuration(listen="192.0.2.1:80"), "loopback"),
        (configuration(listen="127.0.0.1"), "loopback"),
        (configuration(listen="127.0.0.1:65536"), "loopback"),
        (configuration(listen="127.0.0.1:+1"), "loopback"),
        (configuration(listen="unix:run/s"), "absolute"),
        (configuration('nonces = "host=a password=geheim"'), "passfile"),
        (configuration('nonces = "postgresql://u:geheim@a/b"'), "passfile"),
        (configuration('nonces = "geheim geheim"'), "connection string"),
    ],
)
def test_what_cannot_be_used_is_named_before_anything_listens(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = write(home, text)
    assert main(["--config", str(file)]) == 1
    sentence = capsys.readouterr().err
    assert sentence.startswith(f"signet-verify-service: {file}: ")
    assert said in sentence
    assert "geheim" not in sentence


def test_a_file_that_is_not_utf8_or_not_there_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "verification.toml"
    assert main(["--config", str(file)]) == 1
    assert "No such file" in capsys.readouterr().err
    file.write_bytes(b"\xff")
    assert main(["--config", str(file)]) == 1
    assert "not UTF-8" in capsys.readouterr().err


def test_an_authorities_file_without_certificates_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "city.pem").write_text("nothing")
    assert main(["--config", str(write(home, configuration()))]) == 1
    assert "verification.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:0", Address(host="127.0.0.1", port=0)),
        ("127.9.9.9:80", Address(host="127.9.9.9", port=80)),
        ("[::1]:8790", Address(host="::1", port=8790)),
        ("unix:/run/a b", Address(path="/run/a b")),
    ],
)
def test_the_machines_own_addresses_are_read(text: str, address: Address) -> None:
    assert Address.parse(text) == address


def test_the_command_lines_address_goes_before_the_files(home: Path) -> None:
    file = write(home, configuration())
    assert Configuration.load(file, "unix:/run/1").address == Address(path="/run/1")
    with pytest.raises(PolicyError):
        Configuration.load(file, "0.0.0.0:1")


def test_an_address_that_somebody_else_has_is_told(home: Path) -> None:
    with (
        RunningService.started(home, configuration()) as first,
        pytest.raises(ServiceNotStartedError, match="cannot listen"),
        RunningService.started(home, configuration(), listen=first.address),
    ):
        pass


def test_a_loopback_address_of_version_six_is_served(home: Path) -> None:
    with RunningService.started(home, configuration(), listen="[::1]:0") as service:
        assert service.address.startswith("[::1]:")
        assert service.get("/v1/health").status == 200


@pytest.mark.parametrize("words", [[], ["--config"], ["--port", "1"]])
def test_wrong_words_are_told(words: list[str]) -> None:
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: signet-verify-service")
