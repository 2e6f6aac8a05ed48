import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

import portal
from portal.secret_key import read_secret_key


def test_the_deployment_check_has_nothing_to_say_but_hsts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("check", "--deploy", "--fail-level", "WARNING")

    assert "no issues (1 silenced)" in capsys.readouterr().out
    assert settings.SILENCED_SYSTEM_CHECKS == ["security.W004"]
    assert settings.SECURE_HSTS_SECONDS == 0


def test_the_migrations_are_those_of_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_there_is_no_admin_site_and_no_trace_for_strangers() -> None:
    assert settings.INSTALLED_APPS == ["django.contrib.sessions", "portal"]
    assert settings.DEBUG is False


def test_the_database_is_written_ahead_and_locked_at_once() -> None:
    with connection.cursor() as cursor:
        modes = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]

    full = 2
    assert modes == ["wal", full]
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_the_secret_key_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"

    key = read_secret_key(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) >= 64
    assert read_secret_key(file) == key
    assert read_secret_key(tmp_path / "other.key") != key


def test_the_portals_own_key_is_in_its_data_folder(folder: Path) -> None:
    assert (folder / "secret.key").read_text("ascii") == settings.SECRET_KEY


@pytest.mark.parametrize("missing", ["PORTAL_DATA", "PORTAL_PORT", "PORTAL_ANCHORS"])
def test_a_missing_setting_is_named(missing: str, tmp_path: Path) -> None:
    environment = {
        "PYTHONPATH": str(Path(portal.__file__).parents[1]),
        "PORTAL_DATA": str(tmp_path),
        "PORTAL_PORT": "8443",
        "PORTAL_ANCHORS": str(tmp_path / "anchors.pem"),
    }
    del environment[missing]

    done = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert f"the environment variable {missing} is not set" in done.stderr
