"""Drivers that are known by name are found where their installers put them, and nowhere else."""

import sys
from pathlib import Path

import pytest

from signet_agent.daemon.policy.known_modules import KNOWN_MODULES, KNOWN_NAMES, modules_in
from signet_agent.daemon.policy.reading import PolicyError, parse_policy
from tests.kit.softhsm import module_path

pytestmark = pytest.mark.quick


def _install(root: Path, place: str) -> str:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return str(path)


def test_a_known_driver_needs_no_path(tmp_path: Path) -> None:
    place = _install(tmp_path, "usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")
    policy = parse_policy('version = 1\n[[module]]\nname = "opensc"\n')

    (module,) = modules_in(policy, tmp_path)

    assert (module.name, module.path) == ("opensc", place)


def test_the_real_softhsm_is_found() -> None:
    (module,) = modules_in(parse_policy('version = 1\n[[module]]\nname = "softhsm"\n'))

    assert Path(module.path).samefile(module_path())


def test_a_path_of_the_policys_own_counts(tmp_path: Path) -> None:
    _install(tmp_path, "usr/lib/libeToken.so")
    policy = parse_policy('version = 1\n[[module]]\nname = "etoken"\npath = "/opt/own.so"\n')

    assert [each.path for each in modules_in(policy, tmp_path)] == ["/opt/own.so"]


def test_a_known_driver_that_is_not_installed_keeps_the_place_where_it_would_be(
    tmp_path: Path,
) -> None:
    policy = parse_policy('version = 1\n[[module]]\nname = "yubico"\n')

    assert [each.path for each in modules_in(policy, tmp_path)] == [
        str(tmp_path / "usr/lib/libykcs11.so")
    ]


def test_everything_known_that_is_installed_is_found_where_policy_says_so(tmp_path: Path) -> None:
    etoken = _install(tmp_path, "usr/lib/libeToken.so")
    _install(tmp_path, "usr/lib/libcastle.so.1.0.0")
    named = f'[[module]]\nname = "own"\npath = "{etoken}"\n'

    found = modules_in(parse_policy(f"version = 1\nfind_modules = true\n{named}"), tmp_path)

    assert [each.name for each in found] == ["own", "epass2003"]
    assert modules_in(parse_policy("version = 1\n"), tmp_path) == ()


def test_a_folder_of_the_drivers_name_is_no_driver(tmp_path: Path) -> None:
    (tmp_path / "usr/lib/libeToken.so").mkdir(parents=True)

    assert modules_in(parse_policy("version = 1\nfind_modules = true\n"), tmp_path) == ()


def test_windows_has_its_own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    place = _install(tmp_path, "Windows/System32/eTPKCS11.dll")

    (module,) = modules_in(parse_policy("version = 1\nfind_modules = true\n"), tmp_path)

    assert module.path == place


def test_an_unknown_driver_without_a_path_is_a_mistake() -> None:
    with pytest.raises(PolicyError, match="path is missing"):
        parse_policy('version = 1\n[[module]]\nname = "vendor"\n')


def test_a_software_token_is_never_looked_for() -> None:
    with pytest.raises(PolicyError, match="must be absolute"):
        parse_policy('version = 1\n[[software]]\npath = ""\n')


def test_no_place_is_open_to_other_hands() -> None:
    places = [place for each in KNOWN_MODULES for place in (*each.linux, *each.windows)]

    assert all(
        "**" not in p and p.startswith(("usr/", "Program Files/", "Windows/", "SoftHSM2/"))
        for p in places
    )
    assert len(KNOWN_NAMES) == len(KNOWN_MODULES)
